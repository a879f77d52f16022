/**
 * The filter programs by name, each loaded when it is asked for: the server runs these inside its own process.
 *
 * Contract: a name that is not here is no program of ours; the caller then starts a process. Adding a filter means adding
 * one line here and what the check-list in CONTRIBUTING.md names.
 */
import type { FilterProgram } from './program.js';

const LOADERS = {
  das1_ascii: async () => (await import('./das1-ascii.js')).das1Ascii,
  das1_bin_avg: async () => (await import('./das1-bin-avg.js')).das1BinAvg,
  das2_ascii: async () => (await import('./ascii.js')).ascii,
  das2_bin_avg: async () => (await import('./bin-avg.js')).binAvg,
  das2_bin_avgsec: async () => (await import('./bin-avgsec.js')).binAvgsec,
  das2_bin_minmaxavgsec: async () => (await import('./bin-minmaxavgsec.js')).binMinmaxavgsec,
  das2_bin_peakavgsec: async () => (await import('./bin-peakavgsec.js')).binPeakavgsec,
  das2_bin_ratesec: async () => (await import('./bin-ratesec.js')).binRatesec,
  das2_binary: async () => (await import('./binary.js')).binary,
  das2_csv: async () => (await import('./csv.js')).csv,
  das2_from_tagged_das1: async () => (await import('./from-tagged-das1-program.js')).fromTaggedDas1,
  das2_histo: async () => (await import('./histo.js')).histo,
  das2_psd: async () => (await import('./psd.js')).psd,
} as const satisfies Readonly<Record<string, () => Promise<FilterProgram>>>;

export type FilterProgramName = keyof typeof LOADERS;

export const FILTER_PROGRAM_NAMES = Object.keys(LOADERS) as readonly FilterProgramName[];

/** The filter program of that name, or undefined if there is none. */
export async function filterProgram(name: string): Promise<FilterProgram | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name as FilterProgramName]() : undefined;
}
