/**
 * Watching jobs until they end (`--follow`, server-internals 3.5).
 */
import type { Broker } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { itemId } from '../../queue/identity.js';
import { RESULT } from '../../queue/item.js';
import type { ProgressLine } from './progress-line.js';
import { type JobRow, rowOf } from './rows.js';

const LOOK_MS = 500;
/** A job between two lists at the moment of looking is on neither; after so many looks it is really gone. */
const PATIENCE = 4;
/** After so many looks at a queue on which nobody works, a word about it is due. */
const QUIET_LOOKS = 20;

export interface FollowOptions {
  readonly broker: Broker;
  readonly ids: readonly string[];
  readonly progress: ProgressLine;
  /** Receives each job that has ended. */
  readonly ended: (row: JobRow) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks; default half a second. */
  readonly lookMs?: number;
}

/** Watches until every job has ended; the result is 0 if all went well, else the highest return code (15 for one that vanished). */
export async function followJobs(options: FollowOptions): Promise<number> {
  const { broker, ids, progress, ended, signal, lookMs = LOOK_MS } = options;
  const open = new Map(ids.map((id) => [id, 0]));
  const total = open.size;
  let worst = 0;
  let fraction = 0;
  let quiet = 0;
  const end = (id: string, code: number): void => {
    open.delete(id);
    if (code !== RESULT.superseded) worst = Math.max(worst, code);
  };
  while (open.size > 0 && !signal?.aborted) {
    try {
      const seen = await look(broker, open);
      for (const row of seen.ended) {
        end(row.id, row.code ?? RESULT.failed);
        progress.end();
        ended(row);
      }
      for (const [id, missed] of open) {
        if (seen.alive.has(id)) open.set(id, 0);
        else if (missed + 1 < PATIENCE) open.set(id, missed + 1);
        else {
          progress.say(`${id}: not in the queue any more`);
          end(id, RESULT.refused);
        }
      }
      quiet = seen.isQuiet ? quiet + 1 : 0;
      if (quiet === QUIET_LOOKS)
        progress.say(`nobody works on ${broker.place}: does a das2_srv_arbiter run for this queue?`);
      // A job that is put off or lost begins anew, but what was shown as done must not shrink.
      fraction = Math.max(fraction, (total - open.size + seen.doing) / total);
      if (open.size > 0) progress.step(fraction, [`${open.size} of ${total} jobs left`, ...seen.words].join('; '));
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      progress.step(fraction, error.message);
    }
    if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  progress.end();
  return worst;
}

async function look(broker: Broker, open: ReadonlyMap<string, number>) {
  const atWork = await broker.working();
  const working = atWork.map(({ text }) => rowOf(text, 'working')).filter((row) => open.has(row.id));
  const waiting = (await broker.list('todo')).map(itemId).filter((id) => open.has(id));
  // Looked at last: a job moves towards this list, so it is seen on one of the three.
  const ended = (await broker.list('finished')).map((text) => rowOf(text, 'done')).filter((row) => open.has(row.id));
  const rest = working.filter(({ id }) => !ended.some((row) => row.id === id));
  return {
    alive: new Set([...working.map((row) => row.id), ...waiting]),
    ended,
    /** All wait, and nothing is being done for anybody. */
    isQuiet: atWork.length === 0 && ended.length === 0,
    /** Jobs' worth of work that is done of those that run. */
    doing: rest.reduce((sum, { progress = 0 }) => sum + progress, 0),
    words: rest.map(({ id, progress = 0, status = '' }) => `${id} ${Math.round(progress * 100)}% ${status}`.trimEnd()),
  };
}
