/**
 * One round: some blocks are taken away, jobs and requests come, a fault strikes, everything is made good again, the jobs come to their end,
 * and then all invariants are checked.
 */
import { blocksOf } from '../../../lib/cache/block/block.js';
import { isAll } from '../../../lib/queue/field.js';
import { formatTime, parseTime } from '../../../lib/stream/time.js';
import type { Random } from '../../fuzz/random.js';
import { randomQuestion } from './answers.js';
import { type EndedJob, saysDone } from './jobs.js';
import { pause } from './programs.js';
import { DAYS, dayText } from './reader.js';
import { SOURCE } from './site.js';
import { FAILED, type Fault, type World } from './world.js';

/** What a round has done, and what it found. */
export interface RoundReport {
  readonly fault: string;
  readonly jobs: number;
  readonly published: number;
  readonly answers: number;
  readonly killed: number;
  /** `invariant: what was seen`. */
  readonly violations: readonly string[];
}

const ANSWERS_AFTER = 2;

/** Runs one round. */
export async function runRound(world: World, fault: Fault, random: Random): Promise<RoundReport> {
  const { workers, jobs, blocks, publications, answers, site } = world;
  const before = { killed: workers.killed, asked: answers.asked };
  const violations: string[] = [];
  const note = (invariant: string, faults: readonly (string | undefined)[]): void => {
    for (const text of faults) if (text !== undefined) violations.push(`${invariant}: ${text}`);
  };
  // The last answers of the round before have asked for blocks, too.
  await jobs.settle();
  await jobs.clear();
  blocks.remove([...blocks.whole.keys()].filter((name) => blocks.damaged.has(name) || random.oneIn(2)));
  await fault.before?.(world, random);
  await publications.begin();
  workers.fill();

  const during = fault.during?.(world, random) ?? Promise.resolve();
  const [, ...early] = await Promise.all([
    during,
    ...Array.from({ length: random.between(1, 2) }, () => answers.ask(randomQuestion(random), true)),
    submit(world, random, fault.twice ?? false),
  ]);
  note('wrong bytes', early);
  // At any moment, not only when all is well again.
  note('half block', blocks.check());
  await jobs.look();

  await fault.after?.(world, random);
  site.setReader();
  note('worker', [...world.found.splice(0), ...workers.unexpectedEnds()]);
  workers.sweep();
  workers.fill();
  const stuck = await jobs.settle();
  if (stuck !== undefined) note('stuck', [`${stuck}; ${await workers.describe()}`]);
  for (const pid of site.takeHanging()) end(pid);

  await jobs.look();
  note('job', await jobs.check());
  const { blocks: published, faults } = await publications.count();
  note('double publication', faults);
  note('half block', blocks.check());
  const ended = await jobs.ended();
  note('lying job', liesOf(world, ended, fault));
  note('job', await jobs.checkDead(ended));
  for (let i = 0; i < ANSWERS_AFTER; i++) note('wrong bytes', [await answers.ask(randomQuestion(random), false)]);
  return {
    fault: fault.name,
    jobs: jobs.count,
    published,
    answers: answers.asked - before.asked,
    killed: workers.killed - before.killed,
    violations,
  };
}

/** Queues jobs for random ranges with the tool, a few at a time. */
async function submit({ programs, jobs }: World, random: Random, twice: boolean): Promise<undefined> {
  for (let i = random.between(2, 3); i > 0; i--) {
    const begin = random.between(1, DAYS - 1);
    const end = random.between(begin + 1, Math.min(DAYS, begin + 4));
    const level = random.pick(['0', '1', '2', 'ALL', 'ALL']);
    const words = ['cache', SOURCE, dayText(begin), dayText(end), level];
    // The same words again would be refused as a duplicate; a longer range has the same blocks, too.
    const longer = end < DAYS ? [dayText(begin), dayText(end + 1)] : [dayText(begin - 1), dayText(end)];
    const again = ['cache', SOURCE, ...longer, level];
    const runs = twice ? [words, again] : [words];
    const { losses } = jobs;
    for (const { errors } of await Promise.all(runs.map((each) => programs.tool('das2_srv_todo', each)))) {
      for (const line of errors.split('\n')) if (line.includes('|TASK_CACHE|')) jobs.accept(line, losses);
    }
    await pause(random.below(40));
  }
  return undefined;
}

/** Jobs that say they went well without all their blocks, and jobs that failed without a reason. */
function liesOf({ blocks }: World, ended: readonly EndedJob[], { mayEndWith = [], mayHold = false }: Fault): string[] {
  const faults: string[] = [];
  for (const job of ended) {
    if (!saysDone(job)) {
      const isHeld = mayHold && FAILED.includes(job.code) && / held\)/.test(job.status);
      if (!isHeld && !mayEndWith.includes(job.code))
        faults.push(`failed without a reason: ${job.code} ${job.status}: ${job.item}`);
      continue;
    }
    for (const name of blockNamesOf(job)) {
      if (!blocks.isGood(name) && !blocks.damaged.has(name))
        faults.push(`${name} is missing after ${job.code}: ${job.item}`);
    }
  }
  return faults;
}

/** The levels by number. */
const LEVELS = [
  { folder: 'intrinsic', period: 'daily', length: 10 },
  { folder: 'bin-900s', period: 'daily', length: 10 },
  { folder: 'bin-2400s', period: 'monthly', length: 7 },
] as const;

/** Paths of the blocks that a job was about. */
function blockNamesOf({ level, begin, end }: EndedJob): string[] {
  const levels = isAll(level) ? LEVELS : LEVELS.slice(Number(level), Number(level) + 1);
  const range = { begin: parseTime(begin), end: parseTime(end) };
  return levels.flatMap(({ folder, period, length }) =>
    [...blocksOf(range, period)].map((block) => {
      const text = formatTime(block, { decimals: 0 }).slice(0, length);
      const path = text.split('-').slice(0, -1).join('/');
      return `data/${SOURCE}/_noparam/${folder}/${path}/${text}_${folder}.d2s`;
    }),
  );
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
