/**
 * The example readers. `scripts/build` makes one executable of all of them and links it under each name; `main.ts` finds the
 * reader by the name it was started with.
 *
 * A reader is a module with `main(args)`: it writes its stream to standard output and returns its exit status.
 */
export interface ExampleProgram {
  main(args: readonly string[]): number;
}

/** Names of the readers; the build reads them from this text. */
export const EXAMPLE_PROGRAMS = [
  'orbit_field',
  'ephemeris',
  'waveform',
  'spectra',
  'random_walk',
  'params',
  'voyager_waveform',
] as const;

export type ExampleName = (typeof EXAMPLE_PROGRAMS)[number];

/** The module of a reader, loaded when it is needed. */
export const EXAMPLE_MODULES: Readonly<Record<ExampleName, () => Promise<ExampleProgram>>> = {
  orbit_field: () => import('./orbit-field.js'),
  ephemeris: () => import('./ephemeris.js'),
  waveform: () => import('./waveform.js'),
  spectra: () => import('./spectra.js'),
  random_walk: () => import('./random-walk.js'),
  params: () => import('./params.js'),
  voyager_waveform: () => import('./voyager-waveform.js'),
};

/** True for the name of a reader. */
export function isExampleName(name: string): name is ExampleName {
  return (EXAMPLE_PROGRAMS as readonly string[]).includes(name);
}
