/**
 * The fault harness as a program: `scripts/faults` bundles this file and runs it.
 */
import { resolve } from 'node:path';
import { readCommandLine, refuseCommandLine } from '../../../scripts/tools/command-line.mjs';
import { type CampaignOptions, CannotRun, runCampaign } from './campaign.js';
import { ALL_FAULTS } from './kinds/all-faults.js';
import { summaryOf } from './summary.js';

const NAME = 'scripts/faults';
const HELP = `usage: scripts/faults [--rounds N] [--seed N] [--broker spool|redis] [--fault NAME]... [--stop] [--keep]
       scripts/faults --list

Runs the real workers, front and queue tool on a small instance and lets something go wrong in every round: processes are killed or
stand still, Redis ends or forgets, disks fill up, readers fail, blocks rot, clocks are off. After each round it checks that
no half block is visible, no job is lost or done twice, no block is published twice, and no wrong bytes are served.

  --rounds N     number of rounds (100)
  --seed N       another order of faults, other ranges and moments (1)
  --broker KIND  the queue: spool (default) or redis, which needs redis-server
  --fault NAME   only this fault; may be given several times
  --stop         stop after the first round that found something
  --keep         leave the instance where it is
  --bin DIR      folder of the programs (dist/bin, or DAS2SRV_BIN)
  --list         print the names of the faults
  --help         this text

A full disk needs the right to mount a file system; a clock that is off needs libfaketime. Without them these faults are left out.

Status: 0 when nothing was found, 1 when something was, 2 when it cannot run here, 100 for a wrong command line.

Example, twenty rounds of one fault:
  scripts/faults --fault kill-worker --rounds 20
`;
const STATUS = { found: 1, cannotRun: 2 } as const;
const PROGRESS_MS = 10_000;

class Usage extends Error {}

/** Runs the command; answers its status. */
async function main(): Promise<number> {
  const values = readArguments();
  if (values.list) {
    process.stdout.write(
      `${ALL_FAULTS.map(({ name, broker }) => `${name}${broker ? ` (${broker})` : ''}`).join('\n')}\n`,
    );
    return 0;
  }
  let interrupted = false;
  process.on('SIGINT', () => {
    interrupted = true;
  });
  const begin = performance.now();
  const { rounds, skipped, folder } = await runCampaign({
    ...optionsOf(values),
    ...progressOf(values.rounds),
    interrupted: () => interrupted,
  });
  const violations = rounds.reduce((sum, report) => sum + report.violations.length, 0);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  process.stdout.write(`${summaryOf(rounds)}\n`);
  for (const text of skipped) process.stdout.write(`left out: ${text}\n`);
  if (values.keep) process.stdout.write(`the instance is in ${folder}\n`);
  process.stdout.write(
    `${rounds.length} rounds, broker ${values.broker}, seed ${values.seed}, ${seconds} s: ${violations} violations\n`,
  );
  return violations === 0 ? 0 : STATUS.found;
}

function readArguments() {
  return readCommandLine(NAME, HELP, {
    options: {
      rounds: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      broker: { type: 'string', default: 'spool' },
      fault: { type: 'string', multiple: true, default: [] },
      bin: { type: 'string', default: process.env.DAS2SRV_BIN || 'dist/bin' },
      stop: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  }).values;
}

function optionsOf(
  values: ReturnType<typeof readArguments>,
): Omit<CampaignOptions, 'progress' | 'report' | 'interrupted'> {
  const { broker, fault: faults, keep, stop: stopAtOnce } = values;
  if (broker !== 'spool' && broker !== 'redis') throw new Usage('--broker must be spool or redis');
  const unknown = faults.find((name) => !ALL_FAULTS.some((fault) => fault.name === name));
  if (unknown !== undefined) throw new Usage(`there is no fault '${unknown}'; --list names all`);
  const rounds = wholeNumber('--rounds', values.rounds);
  return {
    broker,
    rounds,
    seed: wholeNumber('--seed', values.seed),
    bin: resolve(values.bin),
    faults,
    keep,
    stopAtOnce,
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Usage(`${name} must be a whole number`);
  return Number(text);
}

/** A line that changes on a terminal; elsewhere one now and then. */
function progressOf(rounds: string): Pick<CampaignOptions, 'progress' | 'report'> {
  const terminal = process.stderr.isTTY;
  let found = 0;
  let last = performance.now();
  return {
    progress(round, fault) {
      const text = `round ${round + 1} of ${rounds}, ${found} violations: ${fault}`;
      if (terminal) process.stderr.write(`\r\x1b[K${text}`);
      else if (performance.now() - last > PROGRESS_MS) {
        last = performance.now();
        process.stderr.write(`${text}\n`);
      }
    },
    report(round, { fault, violations }) {
      found += violations.length;
      if (terminal && round + 1 === Number(rounds)) process.stderr.write('\r\x1b[K');
      for (const text of violations)
        process.stderr.write(`${terminal ? '\r\x1b[K' : ''}round ${round + 1}, ${fault}: ${text}\n`);
    },
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Usage) refuseCommandLine(NAME, error.message);
  process.stderr.write(`${NAME}: ${error instanceof CannotRun ? error.message : (error as Error).stack}\n`);
  process.exitCode = STATUS.cannotRun;
}
