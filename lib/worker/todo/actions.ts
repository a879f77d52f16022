/**
 * What das2_srv_todo does to a queue besides adding jobs: lists, changes, watching, the dialogue (server-internals 3.5).
 *
 * Contract: each action prints what it did and answers the exit status, or throws `usage` or `illegalArgument` with its status.
 */
import { readSync } from 'node:fs';
import type { Broker } from '../../queue/broker.js';
import { categoryByWord } from '../../queue/category.js';
import { itemId, itemKey } from '../../queue/identity.js';
import { writeFully } from '../../reply/write-fully.js';
import { usage } from '../wrong-usage.js';
import { endedJobs, holderOf, isBeingDone, removeJobs, retryJob, waitingJobs } from './change.js';
import { followJobs } from './follow.js';
import { progressLine } from './progress-line.js';
import { type ListKind, readRows, rowOf } from './rows.js';
import { emptyMessage, listName, tableOf } from './table.js';
import { print, REFUSED, refused, say, type TodoOptions } from './words.js';

/** Does what the options ask of the queue; answers the exit status. */
export async function act(broker: Broker, options: TodoOptions): Promise<number> {
  if (options.reclaim !== undefined) return reclaim(broker, options.reclaim);
  if (options.clear !== undefined) return clear(broker, options);
  if (options.retry !== undefined) return retry(broker, options.retry, options);
  if (options.remove !== undefined) return remove(broker, options);
  if (options.id !== undefined && options.front) return raise(broker, options.id);
  if (options.id !== undefined && options.follow) return follow(broker, [options.id]);
  const lists: readonly (readonly [ListKind, boolean | undefined])[] = [
    ['todo', options.listTodo],
    ['working', options.listWorking],
    ['done', options.listDone],
    ['dead', options.listDead],
  ];
  const wanted = lists.filter(([, asked]) => asked).map(([list]) => list);
  if (options.interactive) return dialogue(broker, wanted[0] ?? 'todo');
  if (wanted.length === 0) throw usage("nothing to do; '--help' tells what there is");
  return show(broker, wanted, options);
}

async function show(broker: Broker, lists: readonly ListKind[], options: TodoOptions): Promise<number> {
  const limit = options.limit === undefined ? undefined : Number(options.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw usage('--limit must be a whole number above 0');
  const category = options.category === undefined ? undefined : categoryByWord(options.category);
  if (options.category !== undefined && category === undefined)
    throw usage(`there is no kind of job '${options.category}'`);
  const filter = { limit, oldest: options.oldest ?? false, category, dataset: options.dataset };
  const all = new Map<ListKind, Awaited<ReturnType<typeof readRows>>>();
  for (const list of lists) all.set(list, await readRows(broker, list, filter));
  if (options.json) {
    print(`${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    return 0;
  }
  for (const [list, rows] of all) {
    if (rows.length === 0) say(emptyMessage(list));
    else print(lists.length === 1 ? tableOf(list, rows) : `${listName(list)}\n${tableOf(list, rows)}\n`);
  }
  return 0;
}

async function remove(broker: Broker, options: TodoOptions): Promise<number> {
  const pattern = options.remove === true ? undefined : options.remove;
  if ((pattern === undefined) === (options.id === undefined)) throw usage('--remove needs a PATTERN or --id ID');
  const rows = await waitingJobs(broker, {
    ...(options.id !== undefined ? { id: options.id } : { pattern: pattern ?? '' }),
  });
  if (options.dryRun) {
    if (rows.length > 0) print(tableOf('todo', rows));
    return 0;
  }
  const removed = await removeJobs(broker, rows);
  print(`${removed} removed\n`);
  if (removed > 0) return 0;
  if (options.id !== undefined && (await isBeingDone(broker, options.id)))
    say('the job is being done: stop the worker, which gives it back, remove it, and start the worker again');
  return REFUSED;
}

async function clear(broker: Broker, options: TodoOptions): Promise<number> {
  const lists = { todo: 'todo', done: 'finished', dead: 'dead' } as const;
  const name = options.clear ?? '';
  if (!Object.hasOwn(lists, name)) throw usage('--clear takes todo, done or dead');
  const list = lists[name as keyof typeof lists];
  if (options.dryRun) {
    print(`${await broker.count(list)} would be removed\n`);
    return 0;
  }
  if (!options.yes && !(await agreed(`Remove all ${await broker.count(list)} jobs of the list '${name}'? (yes/no) `))) {
    throw usage('nothing was removed; add --yes');
  }
  print(`${await broker.clear(list)} removed\n`);
  return 0;
}

async function retry(broker: Broker, which: string, options: TodoOptions): Promise<number> {
  const rows = await endedJobs(broker, which);
  if (rows.length === 0) {
    if (which === 'all-failed') {
      say('no job has failed');
      return 0;
    }
    throw refused(`no job with the id '${which.slice(0, 40)}' has ended`);
  }
  const ids: string[] = [];
  let queued = 0;
  for (const row of rows) {
    if (options.dryRun) {
      print(`${row.item}\n`);
      continue;
    }
    const { item, outcome } = await retryJob(broker, row, options.front ?? false);
    if (outcome === 'queued') queued++;
    if (outcome === 'full') throw refused('the queue is full (QUEUE_MAX)');
    ids.push(outcome === 'queued' ? itemId(item) : ((await idOfSame(broker, item)) ?? ''));
  }
  if (options.dryRun) return 0;
  print(`${queued} queued\n`);
  return options.follow
    ? follow(
        broker,
        ids.filter((id) => id !== ''),
      )
    : 0;
}

async function raise(broker: Broker, id: string): Promise<number> {
  const rows = await waitingJobs(broker, { id });
  for (const row of rows) if (await broker.raise(row.item)) return 0;
  throw refused(`no job with the id '${id.slice(0, 40)}' waits`);
}

async function reclaim(broker: Broker, list: string): Promise<number> {
  const done = await broker.reclaim(holderOf(list));
  for (const { item, outcome } of done) print(`${outcome}: ${item}\n`);
  if (done.length > 0) return 0;
  throw refused('there is no such list, it is empty, or its worker still gives signs of life');
}

async function dialogue(broker: Broker, list: ListKind): Promise<number> {
  const [{ Terminal }, { interact }] = await Promise.all([
    import('../../command/terminal.js'),
    import('./interactive.js'),
  ]);
  const { isatty } = await import('node:tty');
  const terminal = isatty(0) && isatty(2) ? Terminal.open() : undefined;
  if (terminal === undefined) throw usage('--interactive needs a terminal');
  try {
    const screen = { key: () => terminal.key(), show: (text: string) => terminal.show(text), ...terminalSize() };
    await interact(broker, screen, list);
  } finally {
    terminal.close();
  }
  return 0;
}

/** Rows and columns of the terminal behind standard error; what is usual where it does not say. */
function terminalSize(): { readonly rows: number; readonly columns: number } {
  const { rows, columns } = process.stderr;
  return { rows: rows || 24, columns: columns || 80 };
}

/** Watches jobs until they have ended; answers the highest of their return codes. */
export async function follow(broker: Broker, ids: readonly string[]): Promise<number> {
  const isTerminal = (await import('node:tty')).isatty(2);
  return followJobs({
    broker,
    ids,
    progress: progressLine({
      write: (text) => void writeFully(2, Buffer.from(text)),
      isTerminal,
      width: isTerminal ? terminalSize().columns : undefined,
    }),
    ended: (row) =>
      print(`${row.id} ended with ${row.code}: ${rowOf(row.item, 'done').category} ${row.status ?? ''}\n`),
  });
}

/** Asks whoever sits at a terminal; anybody else has not agreed. */
async function agreed(question: string): Promise<boolean> {
  const { isatty } = await import('node:tty');
  if (!isatty(0)) return false;
  writeFully(2, Buffer.from(question));
  const answer = Buffer.alloc(80);
  // A terminal hands over whole lines.
  const count = readSync(0, answer, 0, answer.length, null);
  return /^y(es)?$/i.test(answer.toString('utf8', 0, count).trim());
}

/** The id of the job for the same work that is queued or under way. */
export async function idOfSame(broker: Broker, item: string): Promise<string | undefined> {
  const key = itemKey(item);
  const texts = [...(await broker.list('todo')), ...(await broker.working()).map(({ text }) => text)];
  const same = texts.find((text) => itemKey(text) === key);
  return same === undefined ? undefined : itemId(same);
}
