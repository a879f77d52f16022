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

/** What follows the name of a reader on its command line, and what it prints. */
export const EXAMPLE_USAGE: Readonly<Record<ExampleName, readonly [words: string, prints: string]>> = {
  orbit_field: ['BEGIN END', "the Earth's magnetic field along the orbit of a satellite, one record a second"],
  ephemeris: ['INTERVAL BEGIN END [BODY]...', 'positions of planets, one record every INTERVAL seconds'],
  waveform: ['BEGIN END', 'electric waveforms of modelled chorus, 20 captures of 1024 samples a second'],
  spectra: ['BEGIN END', 'spectra of the captures of waveform, 20 a second'],
  random_walk: ['[--seed NUMBER] BEGIN END', 'a random walk, one record a second'],
  params: ['BEGIN END [x|y|z|mag|nT|uT|G]...', 'an imaginary field in the solar wind, one record a minute, as text'],
  voyager_waveform: [
    '[FOLDER] BEGIN END',
    'waveforms from frames VG1_*.DAT in FOLDER, or in the folder VOYAGER_DATA names',
  ],
};

/** True for the name of a reader. */
export function isExampleName(name: string): name is ExampleName {
  return (EXAMPLE_PROGRAMS as readonly string[]).includes(name);
}
