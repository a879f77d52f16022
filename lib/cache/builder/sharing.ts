/**
 * Which levels of a source can be made by one run of the reader (server-internals 2.7, 2.12 rule 3): those whose reducer is one of ours and runs inside
 * the process.
 */
import type { FilterProgram } from '../../filter/program.js';
import { filterProgram } from '../../filter/registry.js';
import { plainWords } from '../../pipeline/stage/command-words.js';
import type { Source } from '../../source/source.js';
import type { LevelPlace } from '../level/place.js';
import type { Sharing } from './plan-runs.js';

/** How the levels of a source share runs. */
export interface SharingRules {
  readonly reducer: { readonly program: FilterProgram; readonly args: readonly string[] } | undefined;
  of(place: LevelPlace): Sharing;
}

/** The rules for a source. QStreams and reducers that are programs of the site's own are run block by block. */
export async function sharingRules(source: Source): Promise<SharingRules> {
  const words = source.reducer.kind === 'command' ? plainWords(source.reducer.command.text) : undefined;
  const name = words?.[0] ?? '';
  // A name with a path is a program of the site's own.
  const program = name.includes('/') ? undefined : await filterProgram(name);
  const reducer = program === undefined ? undefined : { program, args: words?.slice(1) ?? [] };
  return {
    reducer,
    of({ level }) {
      if (source.kind === 'qstream' || (level.microseconds > 0 && reducer === undefined)) return 'none';
      // Records of das1 count their time from the begin of the run in 4-byte reals.
      return source.kind === 'das1' ? 'same' : 'all';
    },
  };
}
