/**
 * Watching jobs until they end: a line for each step, or one line written over on a terminal (`--follow`, server-internals 3.5).
 */

import type { Broker } from '../queue/broker.js';
import { BrokerUnreachable } from '../queue/broker-error.js';
import { itemId } from '../queue/identity.js';
import { RESULT } from '../queue/item.js';
import { type JobRow, rowOf } from './todo-rows.js';

const LOOK_MS = 500;
/** A job between two lists at the moment of looking is on neither; after so many looks it is really gone. */
const PATIENCE = 4;

export interface FollowOptions {
  readonly broker: Broker;
  readonly ids: readonly string[];
  /** Receives one line when something has changed. */
  readonly progress: (line: string) => void;
  /** Receives each job that has ended. */
  readonly ended: (row: JobRow) => void;
  readonly signal?: AbortSignal;
}

/** Watches until every job has ended; the result is 0 if all went well, else the highest return code (15 for one that vanished). */
export async function followJobs(options: FollowOptions): Promise<number> {
  const open = new Map(options.ids.map((id) => [id, 0]));
  let worst = 0;
  let last = '';
  const end = (id: string, code: number): void => {
    open.delete(id);
    if (code !== RESULT.superseded) worst = Math.max(worst, code);
  };
  while (open.size > 0 && !options.signal?.aborted) {
    try {
      const seen = await look(options.broker, open);
      for (const row of seen.ended) {
        end(row.id, row.code ?? RESULT.failed);
        options.ended(row);
      }
      for (const [id, missed] of open) {
        if (seen.alive.has(id)) open.set(id, 0);
        else if (missed + 1 < PATIENCE) open.set(id, missed + 1);
        else {
          options.progress(`${id}: not in the queue any more`);
          end(id, RESULT.refused);
        }
      }
      const line = seen.line(open.size);
      if (line !== last && open.size > 0) options.progress(line);
      last = line;
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      if (last !== error.message) options.progress(error.message);
      last = error.message;
    }
    if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return worst;
}

async function look(broker: Broker, open: ReadonlyMap<string, number>) {
  const working = (await broker.working()).map(({ text }) => rowOf(text, 'working')).filter((row) => open.has(row.id));
  const waiting = (await broker.list('todo')).map(itemId).filter((id) => open.has(id));
  // Looked at last: a job moves towards this list, so it is seen on one of the three.
  const ended = (await broker.list('finished')).map((text) => rowOf(text, 'done')).filter((row) => open.has(row.id));
  const doing = working.map((row) =>
    `${row.id} ${Math.round((row.progress ?? 0) * 100)}% ${row.status ?? ''}`.trimEnd(),
  );
  return {
    alive: new Set([...working.map((row) => row.id), ...waiting]),
    ended,
    line: (left: number) => [`${left} left, ${waiting.length} waiting`, ...doing].join('; '),
  };
}
