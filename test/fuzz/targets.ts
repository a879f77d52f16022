/**
 * All targets of the fuzzer: one for every filter program (two for those that read QStreams as well), the codec below them, and the merging of
 * cache files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { FILTER_PROGRAM_NAMES, filterProgram } from '../../lib/filter/registry.js';
import { ARGUMENT_MAKERS } from './filter-arguments.js';
import { checkFilter } from './filter-checks.js';
import { FROM_DAS1 } from './from-das1-target.js';
import { MERGE_BLOCKS } from './merge-target.js';
import type { FuzzInput, Target } from './property.js';
import { das1Input, das2Input, qStreamInput, taggedDas1Input } from './stream-inputs.js';
import { STREAM_TARGETS } from './stream-targets.js';
import { argumentsTarget, TEXT_TARGETS } from './text-targets.js';

/** Programs with a QStream path of their own (stream-format 14.5). */
const QSTREAM_READERS: ReadonlySet<string> = new Set(['das2_ascii', 'das2_bin_avgsec']);
const HAPI = 'das2_hapi';
const DAS1_READERS: ReadonlySet<string> = new Set(['das1_ascii', 'das1_bin_avg']);

/** Every target; throws when a filter program has no maker of command lines. */
export async function allTargets(): Promise<readonly Target[]> {
  const targets: Target[] = [...STREAM_TARGETS, ...TEXT_TARGETS, FROM_DAS1, MERGE_BLOCKS];
  const programs: FilterProgram[] = [];
  for (const name of [...FILTER_PROGRAM_NAMES, HAPI]) {
    // das2_hapi reads a file, so it is no program for the inside of the server.
    const program = name === HAPI ? hapiProgram(() => ({})) : ((await filterProgram(name)) as FilterProgram);
    const maker = ARGUMENT_MAKERS[name];
    if (maker === undefined) throw new Error(`test/fuzz/filter-arguments.ts has no command lines for ${name}`);
    programs.push(program);
    const target = (label: string, make: Target['make']): Target => ({
      name: label,
      make(random, seeds) {
        const input = make(random, seeds) as FuzzInput & { readonly items?: number };
        return { ...input, args: maker(random, input.items ?? 0) };
      },
      check: (input, random) => checkFilter(program, input, random),
    });
    if (DAS1_READERS.has(name)) targets.push(target(name, das1Input));
    else if (name.includes('tagged')) targets.push(target(name, taggedDas1Input));
    else targets.push(target(name, das2Input));
    if (QSTREAM_READERS.has(name)) targets.push(target(`${name}-qstream`, qStreamInput));
  }
  targets.push(argumentsTarget(programs));
  return targets;
}

/** The small streams that damage may start from, by name. */
export function readSeeds(folder: string): Map<string, Uint8Array> {
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
}
