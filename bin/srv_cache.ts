/**
 * das2_srv_cache: fills, inspects and empties the cache of reduced data by hand (server-internals 2.9).
 *
 *     das2_srv_cache build DATASET BEGIN END [LEVEL | ALL]
 *     das2_srv_cache rebuild DATASET [BEGIN END] [--level N]
 *     das2_srv_cache status [DATASET]      verify [DATASET]
 *     das2_srv_cache prune [DATASET] [--older-than AGE] [--max-size SIZE] [--orphans]
 *     das2_srv_cache gc [DATASET] [--max-size SIZE] [--yes]
 *     das2_srv_cache invalidate DATASET [BEGIN END] [--level N]
 *
 * The work is done by lib/cache; the actions are in cache-build.ts and cache-upkeep.ts, here is the command line.
 */
import type { Command } from 'commander';
import { CONFIG_OPTION, readWords } from '../lib/command/read-words.js';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { type Action, type Options, openSite, STATUS, say } from './cache-site.js';

const PROGRAM = 'das2_srv_cache';

/** Runs the program; resolves with its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  let job: { readonly action: Action; readonly options: Options; readonly words: readonly string[] } | undefined;
  const root = new Command(PROGRAM);
  describe(root, (action) => (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    job = { action, options: command.optsWithGlobals<Options>(), words: command.args };
  });
  const status = await readWords(root, args, { wrong: STATUS.usage });
  if (status !== undefined) return status;
  try {
    if (job === undefined) throw new Das2Error('usage', 'nothing to do; see --help', { exitStatus: STATUS.usage });
    return await job.action(await openSite(job.options), job.words);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    say(`${PROGRAM}: ${String(error.data.detail ?? error.message)}`);
    return error.code === 'usage' || error.code === 'illegalArgument' ? STATUS.usage : statusOfFault(error);
  }
}

function statusOfFault(error: Das2Error): number {
  if (error.code === 'configuration') return STATUS.configuration;
  return error.code === 'noSuchSource' || error.code === 'sourceDefinition' ? STATUS.refused : STATUS.faults;
}

// Loaded by the action that needs them.
const making = () => import('./cache-build.js');
const upkeep = () => import('./cache-upkeep.js');

type Register = (action: Action) => (...given: unknown[]) => void;

function describe(root: Command, run: Register): void {
  root
    .description('Fills, inspects and empties the cache of reduced data.')
    .option(...CONFIG_OPTION)
    .option('--json', 'print one JSON document')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText(
      'after',
      `
Run by root, it works as the account that owns CACHE_ROOT.

Status: 0 done; 1 some blocks failed or are bad; 13 wrong usage; 15 no such source or level;
17 configuration missing or bad; 130 interrupted.

Examples:
  ${PROGRAM} build Examples/OrbitField 2026-01-01 2027-01-01 ALL
  ${PROGRAM} status
  ${PROGRAM} invalidate Examples/OrbitField 2026-03-01 2026-04-01 --level 1 -n`,
    );
  describeMaking(root, run);
  describeLooking(root, run);
  describeRemoving(root, run);
}

const DRY_RUN = ['-n, --dry-run', 'say what would be done, change nothing'] as const;

function describeMaking(root: Command, run: Register): void {
  root
    .command('build <dataset> <begin> <end> [level]')
    .description('make the missing blocks of a time range; LEVEL is a number or ALL (default)')
    .option(...DRY_RUN)
    .option('--force', 'make valid blocks anew as well')
    .option('-q, --quiet', 'no line of progress')
    .action(run(async (site, words) => (await making()).build(site, words)));
  root
    .command('rebuild <dataset> [begin] [end]')
    .description('make the blocks anew that are there; each serves until it is replaced')
    .option(...DRY_RUN)
    .option('--level <number>', 'of this level only')
    .option('-q, --quiet', 'no line of progress')
    .action(run(async (site, words) => (await making()).rebuild(site, words)));
}

function describeLooking(root: Command, run: Register): void {
  root
    .command('status [dataset]')
    .description('blocks, bytes, holes and age of each level')
    .action(run(async (site, words) => (await upkeep()).status(site, words)));
  root
    .command('verify [dataset]')
    .description('read all blocks and name those that are bad')
    .action(run(async (site, words) => (await upkeep()).verify(site, words)));
}

function describeRemoving(root: Command, run: Register): void {
  root
    .command('prune [dataset]')
    .description('remove old blocks and leftovers; without limits leftovers and empty folders only')
    .option(...DRY_RUN)
    .option('--older-than <age>', "blocks that were not read or written for so long, as '90 d'")
    .option('--max-size <size>', "blocks unused longest, until no more than this is left, as '20 GB'")
    .option('--orphans', 'blocks of levels and sources that are no longer defined')
    .action(run(async (site, words) => (await upkeep()).pruneAll(site, words)));
  root
    .command('gc [dataset]')
    .description('name the blocks of levels and sources that are no longer defined; with --yes remove them')
    .option(...DRY_RUN)
    .option('--max-size <size>', "also blocks unused longest, until no more than this is left, as '20 GB'")
    .option('-y, --yes', 'remove what was named')
    .action(run(async (site, words) => (await upkeep()).collect(site, words)));
  root
    .command('invalidate <dataset> [begin] [end]')
    .description('remove the blocks of a source, or those that touch a time range')
    .option(...DRY_RUN)
    .option('--level <number>', 'of this level only')
    .action(run(async (site, words) => (await upkeep()).invalidateSome(site, words)));
}
