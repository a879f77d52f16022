/**
 * Random command lines of the filter programs, one maker each. A filter program without an entry here fails the tests.
 */
import type { FilterProgramName } from '../../lib/filter/registry.js';
import type { Random } from './random.js';

export type ArgumentMaker = (random: Random, items: number) => string[];

const BIN_SECONDS = ['1', '60', '0.5', '3600', '86400', '1e-6', '1e9', '7.25'];
const BEGINS = ['2000-01-01', '1999-12-31T23:59:59.5', '2013-001', '1900-01-01'];

function flags(random: Random, ...words: readonly string[]): string[] {
  return words.filter(() => random.oneIn(3));
}

function option(random: Random, word: string, values: readonly string[], oneIn = 3): string[] {
  return random.oneIn(oneIn) ? [word, random.pick(values)] : [];
}

const bins = (random: Random): string => random.pick(BIN_SECONDS);

export const ARGUMENT_MAKERS: Readonly<Record<string, ArgumentMaker>> = {
  das1_ascii: (random, items) => ['-y', String(items), random.pick(BEGINS)],
  das1_bin_avg: (random, items) => [
    String(items),
    random.pick(['1', '60', '0.25', '1e-3', '1e9']),
    ...(random.oneIn(2) ? [random.pick(['-1e31', '0', '1e-32'])] : []),
  ],
  das2_ascii: (random) => [
    ...option(random, '-r', ['2', '7', '10', '18']),
    ...option(random, '-s', ['0', '3', '6', '9']),
    ...flags(random, '-c'),
  ],
  das2_bin_avg: (random) => [random.pick(['1', '1e6', '6e7', '0.001', '1e12'])],
  das2_bin_avgsec: (random) => [...flags(random, '-r', '-s', '-p'), ...option(random, '-b', BEGINS), bins(random)],
  das2_bin_minmaxavgsec: (random) => [...flags(random, '-s', '-p'), ...option(random, '-b', BEGINS), bins(random)],
  das2_bin_peakavgsec: (random) => [...option(random, '-b', BEGINS), bins(random)],
  das2_bin_ratesec: (random) => [
    ...flags(random, '-m', '-e'),
    ...option(random, '-v', ['bytes', 'kB', 'MB', 'GB'], 4),
    ...option(random, '-b', BEGINS),
    ...option(random, '-t', ['T', '<"&>'], 6),
    ...option(random, '-y', ['Y', '%{x}'], 6),
    // Rows for every bin between first and last record: small bins belong to -m.
    random.pick(['1', '60', '3600', '86400', '1e9', '7.25']),
  ],
  das2_binary: (random) => [
    ...(random.oneIn(2) ? [random.pick(['-4', '-8'])] : []),
    ...(random.oneIn(2) ? [random.pick(['-B', '-L'])] : []),
  ],
  das2_csv: (random) => [
    ...option(random, '-r', ['2', '7', '17', '18']),
    ...option(random, '-s', ['0', '3', '9']),
    ...option(random, '-d', [',', '\\t', '|', 'é', ' ']),
  ],
  das2_from_tagged_das1: (random) => [
    '-tBeg',
    random.pick(BEGINS),
    ...option(random, '-fill', ['-1e31', '0']),
    ...option(random, '-t', ['0', '1', '2']),
    ...flags(random, '-t2000', '-s'),
    ...option(random, '-xWidth', ['10']),
    ...option(random, '-yUnit', ['kHz', '<"&>']),
    ...option(random, '-zUnit', ['V m**-1']),
    ...option(random, '-yWidth', ['2.5']),
  ],
  das2_hapi: (random) => [
    ...(random.oneIn(2) ? [random.pick(['-i', '-i', '-i', '-n'])] : []),
    ...(random.oneIn(4)
      ? []
      : ['--format', random.pick(['csv', 'json', 'binary']), ...option(random, '--decimals', ['3', '6', '9'], 6)]),
    ...option(random, '-p', ['1', '2'], 6),
    ...option(random, '-b', BEGINS, 6),
    ...option(random, '-e', ['2013-01-02', '2000-01-01T00:10'], 6),
  ],
  das2_histo: (random) => (random.oneIn(2) ? [random.pick(['-a', '-b'])] : []),
  das2_psd: (random) => [
    ...flags(random, '-d', '-n'),
    ...option(random, '-c', ['10 s', '5 ms'], 6),
    ...option(random, '-j', ['0.01', '0.5'], 4),
    '16',
    random.pick(['1', '2', '4', '8']),
  ],
} satisfies Partial<Record<FilterProgramName | 'das2_psd' | 'das2_hapi' | 'das2_from_tagged_das1', ArgumentMaker>>;
