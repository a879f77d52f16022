/**
 * Many rounds on one instance: lays it out, builds the whole cache to compare with, runs the rounds, and takes everything away again.
 */
import { mkdirSync } from 'node:fs';
import type { Broker } from '../../../lib/queue/broker.js';
import { redisBroker } from '../../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { Random } from '../../fuzz/random.js';
import { NO_REDIS, type RedisServer, redisServer } from '../../tools/redis-server.js';
import { AnswerCheck } from './answers.js';
import { BlockCheck, readWholeBlocks } from './blocks.js';
import { JobCheck } from './jobs.js';
import { faultsFor } from './kinds/all-faults.js';
import { Programs } from './programs.js';
import { Publications } from './publications.js';
import { DAYS, dayText, recordLines } from './reader.js';
import { type RoundReport, runRound } from './round.js';
import { type FaultSite, LEASE_SECONDS, makeSite, SOURCE } from './site.js';
import { type Fault, Workers, type World } from './world.js';

export interface CampaignOptions {
  readonly broker: 'spool' | 'redis';
  readonly rounds: number;
  readonly seed: number;
  /** Folder of the built programs. */
  readonly bin: string;
  /** Only these faults; all if there are none. */
  readonly faults: readonly string[];
  /** Leaves the instance where it is. */
  readonly keep: boolean;
  /** Stop after the first violation. */
  readonly stopAtOnce: boolean;
  /** Told before each round, and what a round found. */
  readonly progress: (round: number, fault: string) => void;
  readonly report: (round: number, report: RoundReport) => void;
  /** True when somebody wants an end. */
  readonly interrupted: () => boolean;
}

export interface CampaignResult {
  readonly rounds: readonly RoundReport[];
  /** Faults that cannot be done here, each with the reason. */
  readonly skipped: readonly string[];
  readonly folder: string;
}

/** Why there can be no campaign. */
export class CannotRun extends Error {}

/** Runs the rounds. Rejects with `CannotRun` where something is missing. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const ends: (() => unknown)[] = [];
  try {
    return await campaign(options, (end) => ends.unshift(end));
  } finally {
    for (const end of ends) await end();
  }
}

async function campaign(options: CampaignOptions, atEnd: (end: () => unknown) => void): Promise<CampaignResult> {
  let redis: RedisServer | undefined;
  if (options.broker === 'redis') {
    redis = await redisServer({ teardown: atEnd });
    if (redis === undefined) throw new CannotRun(NO_REDIS);
  }
  const place = `127.0.0.1:${redis?.port}:0`;
  const site = makeSite(redis === undefined ? ['WORK_QUEUE_BROKER = spool'] : [`WORK_QUEUE_CONN = ${place}`]);
  if (!options.keep) atEnd(() => site.remove());
  const programs = new Programs(options.bin, site.configuration);
  if (programs.missing !== undefined) throw new CannotRun(programs.missing);
  atEnd(() => programs.endAll());
  const world = await makeWorld(options.broker, site, programs, redis, atEnd);
  const { faults, skipped } = chooseFaults(world, options.faults);
  const rounds: RoundReport[] = [];
  for (let round = 0; round < options.rounds && !options.interrupted(); round++) {
    // Each fault once before any comes again, in another order every time.
    const cycle = Math.floor(round / faults.length);
    const order = shuffled(faults, new Random(options.seed, 'order', cycle));
    const fault = order[round % faults.length] as Fault;
    options.progress(round, fault.name);
    const report = await runRound(world, fault, new Random(options.seed, fault.name, round));
    rounds.push(report);
    options.report(round, report);
    if (options.stopAtOnce && report.violations.length > 0) break;
  }
  const last = await world.workers.stop();
  if (last.length > 0) rounds.push({ ...NOTHING, violations: last.map((text) => `worker: ${text}`) });
  return { rounds, skipped, folder: site.folder };
}

const NOTHING: RoundReport = { fault: 'the end', jobs: 0, published: 0, answers: 0, killed: 0, violations: [] };

async function makeWorld(
  kind: 'spool' | 'redis',
  site: FaultSite,
  programs: Programs,
  redis: RedisServer | undefined,
  atEnd: (end: () => unknown) => void,
): Promise<World> {
  const range = [SOURCE, dayText(0), dayText(DAYS)];
  const built = await programs.tool('das2_srv_cache', ['build', ...range, 'ALL'], site.whole);
  if (built.status !== 0) throw new CannotRun(`the cache to compare with cannot be built: ${built.errors}`);
  const whole = readWholeBlocks(site.wholeRoot);
  const answers = new AnswerCheck(programs, site);
  await checkReference(answers);
  mkdirSync(site.cacheRoot, { recursive: true });
  const publications = new Publications(site.cacheRoot, [...whole.keys()]);
  atEnd(() => publications.close());
  const jobs = new JobCheck(openQueue(site, redis));
  atEnd(() => jobs.broker.close());
  const workers = new Workers(programs);
  const blocks = new BlockCheck(site.cacheRoot, whole);
  return { kind, site, programs, workers, redis, answers, blocks, jobs, publications, found: [] };
}

/** What we compare with must itself be right: all records of the reader, as we wrote them. */
async function checkReference(answers: AnswerCheck): Promise<void> {
  const range = `start_time=${dayText(0)}&end_time=${dayText(DAYS)}`;
  const got = await answers.wanted({ query: `server=dataset&dataset=${SOURCE}&${range}`, aligned: true });
  const wanted = recordLines().map((line) => `${line.slice(4)}\n`);
  if (got.join('') !== wanted.join(''))
    throw new CannotRun('the live answer without a cache is not what the reader has');
}

function openQueue(site: FaultSite, redis: RedisServer | undefined): Broker {
  const limits = { waiting: 10_000, finished: 0, leaseSeconds: LEASE_SECONDS };
  if (redis === undefined) return spoolBroker({ folder: site.queueFolder, limits });
  const connection = { host: '127.0.0.1', port: redis.port, database: 0, tls: false, place: 'the test server' };
  return redisBroker({ connection, limits, patient: false });
}

function chooseFaults(
  world: World,
  names: readonly string[],
): { faults: readonly Fault[]; skipped: readonly string[] } {
  const all = faultsFor(world.kind).filter(({ name }) => names.length === 0 || names.includes(name));
  const skipped = all.flatMap((fault) => {
    const reason = fault.unable?.(world);
    return reason === undefined ? [] : [`${fault.name}: ${reason}`];
  });
  const faults = all.filter((fault) => fault.unable?.(world) === undefined);
  if (faults.length === 0) throw new CannotRun(['no fault is left to try', ...skipped].join('; '));
  return { faults, skipped };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
