/**
 * The example readers by program name. `scripts/build` makes one executable of all of them and links it under each name;
 * `main.ts` finds the reader by the name it was started with.
 *
 * A reader is a module with `main(args)`: it writes its stream to standard output and returns its exit status.
 */
export interface ExampleProgram {
  main(args: readonly string[]): number;
}

/** Program name to the module behind it, loaded when it is needed. */
export const EXAMPLE_PROGRAMS: Readonly<Record<string, () => Promise<ExampleProgram>>> = {
  orbit_field: () => import('./orbit-field.js'),
  ephemeris: () => import('./ephemeris.js'),
  waveform: () => import('./waveform.js'),
  spectra: () => import('./spectra.js'),
  random_walk: () => import('./random-walk.js'),
  params: () => import('./params.js'),
  voyager_waveform: () => import('./voyager-waveform.js'),
};
