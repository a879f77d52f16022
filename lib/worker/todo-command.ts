/**
 * The command line of das2_srv_todo (server-internals 3.5). Reads it, does one thing, and answers the exit status: 0 done,
 * 13 wrong usage, 15 refused, 17 configuration, 21 queue out of reach. After `--follow` the highest return code of the jobs.
 */
import { readSync } from 'node:fs';
import type { OptionValues } from 'commander';
import { loadConfiguration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { Das2Error } from '../error.js';
import type { Broker } from '../queue/broker.js';
import { CATEGORY_NAMES, categoryByWord } from '../queue/category.js';
import { itemId, itemKey } from '../queue/identity.js';
import { openBroker } from '../queue/open-broker.js';
import { writeFully } from '../reply/write-fully.js';
import { COMMIT, VERSION } from '../version.js';
import { describe, plainJob, planJobs } from './todo-add.js';
import { endedJobs, holderOf, removeJobs, retryJob, waitingJobs } from './todo-change.js';
import { followJobs } from './todo-follow.js';
import { emptyMessage, type ListKind, readRows, rowOf, tableOf } from './todo-rows.js';

const PROGRAM = 'das2_srv_todo';
const USAGE = 13;
const REFUSED = 15;

/** Options as commander leaves them. */
interface Options extends OptionValues {
  readonly config?: string;
  readonly generic?: boolean;
  readonly listTodo?: boolean;
  readonly listWorking?: boolean;
  readonly listDone?: boolean;
  readonly listDead?: boolean;
  readonly json?: boolean;
  readonly limit?: string;
  readonly oldest?: boolean;
  readonly category?: string;
  readonly dataset?: string;
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly front?: boolean;
  readonly remove?: string | true;
  readonly id?: string;
  readonly clear?: string;
  readonly yes?: boolean;
  readonly retry?: string;
  readonly reclaim?: string;
}

/** Runs the tool; answers its exit status. */
export async function todoCommand(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    say(`${PROGRAM}: nothing to do; try '${PROGRAM} --help'`);
    return 0;
  }
  const { Command, CommanderError } = await import('commander');
  const command = new Command(PROGRAM)
    .usage('[options] TASK [VALUE]...')
    .description('Adds jobs to the queue of the das2 server, and shows and changes what is in it.')
    .argument('[words...]')
    .option('-c, --config <file>', 'configuration (default: DAS2_SERVER_CONF, else that of the installed tree)')
    .option('-g, --generic', 'queue TASK_<TASK> with the values as they are, unchecked')
    .option('-n, --dry-run', 'only say what would be done')
    .option('--follow', 'wait until the jobs end and show their progress (with a TASK, --retry or --id)')
    .option('--front', 'put the jobs where they are taken next (with a TASK, --retry or --id)')
    .option('-t, --list-todo', 'show the jobs that wait')
    .option('-w, --list-working', 'show the jobs that are being done')
    .option('-d, --list-done', 'show the jobs that have ended')
    .option('--list-dead', 'show the jobs that were given up')
    .option('--json', 'lists as JSON')
    .option('--limit <n>', 'at most so many rows')
    .option('--oldest', 'oldest first')
    .option('--category <name>', 'only jobs of this kind')
    .option('--dataset <prefix>', 'only jobs of data sources whose name begins so')
    .option('--remove [pattern]', 'remove waiting jobs: --remove PATTERN (data source, with *), or --remove --id ID')
    .option('--id <id>', 'the job with this id, for --remove, --front, --follow')
    .option('--clear <list>', 'empty a list: todo, done or dead')
    .option('--yes', 'do not ask before --clear')
    .option('--retry <id>', "queue a job that has ended again; 'all-failed' for all that failed")
    .option('--reclaim <list>', 'put the job of a dead worker back: the name of its working list')
    .version(`${PROGRAM} ${VERSION} (${COMMIT})`, '-v, --version')
    .helpOption('-h, --help')
    .addHelpText('after', `\n${taskHelp()}\n`)
    .helpCommand(false)
    .exitOverride()
    .allowExcessArguments(false);
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
  const words = command.args;
  if (words[0]?.toLowerCase() === 'help') {
    print(words[1] === undefined ? `${command.helpInformation()}\n${taskHelp()}\n` : oneTaskHelp(words[1]));
    return 0;
  }
  return run(command.opts<Options>(), words);
}

async function run(options: Options, words: readonly string[]): Promise<number> {
  let broker: Broker | undefined;
  try {
    const configuration = loadConfiguration({ file: options.config });
    // Whatever is wrong with the words shows before anybody is asked.
    const plan = words.length === 0 ? undefined : planOf(options, words, () => configuration);
    if (plan !== undefined && options.dryRun) {
      print(`${plan.items.join('\n')}\n`);
      say(`would queue ${plan.summary}`);
      return 0;
    }
    broker = await openBroker(configuration);
    if (broker === undefined) throw new Das2Error('configuration', 'WORK_QUEUE_BROKER = none: this site has no queue');
    if (plan !== undefined) return await add(broker, plan.items, plan.summary, options);
    return await change(broker, options);
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    say(`${PROGRAM}: ${errorDetail(error)}`);
    return error.code === 'sourceDefinition' ? REFUSED : error.code === 'usage' ? USAGE : error.exitStatus;
  } finally {
    await broker?.close();
  }
}

function planOf(options: Options, words: readonly string[], configuration: () => Parameters<typeof planJobs>[2]) {
  const [name = '', ...values] = words;
  if (options.generic) return plainJob(name, values);
  const category = categoryByWord(name);
  if (category === undefined) {
    const known = CATEGORY_NAMES.map((each) => describe(each).split(' ', 1)[0]).join(', ');
    throw usage(`there is no task '${name.slice(0, 40)}'; there are ${known}`);
  }
  return planJobs(category, values, configuration());
}

async function add(broker: Broker, items: readonly string[], summary: string, options: Options): Promise<number> {
  const ids: string[] = [];
  let status = 0;
  for (const item of items) {
    const outcome = await broker.submit(item, { urgent: options.front ?? false });
    if (outcome === 'queued') say(item);
    else if (outcome === 'duplicate')
      say(`the same job is queued or under way already: ${item.split('|').slice(6).join('|')}`);
    else {
      say(`${PROGRAM}: the queue is full (QUEUE_MAX); not queued: ${item}`);
      status = REFUSED;
      break;
    }
    ids.push(outcome === 'queued' ? itemId(item) : ((await idOfSame(broker, item)) ?? ''));
  }
  print(`${summary}\n`);
  if (!options.follow || status !== 0) return status;
  return follow(
    broker,
    ids.filter((id) => id !== ''),
  );
}

/** The id of the job for the same work that is queued or under way. */
async function idOfSame(broker: Broker, item: string): Promise<string | undefined> {
  const key = itemKey(item);
  const texts = [...(await broker.list('todo')), ...(await broker.working()).map(({ text }) => text)];
  const same = texts.find((text) => itemKey(text) === key);
  return same === undefined ? undefined : itemId(same);
}

async function change(broker: Broker, options: Options): Promise<number> {
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
  if (wanted.length === 0) throw usage("nothing to do; '--help' tells what there is");
  return show(broker, wanted, options);
}

async function show(broker: Broker, lists: readonly ListKind[], options: Options): Promise<number> {
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
    else print(tableOf(list, rows));
  }
  return 0;
}

async function remove(broker: Broker, options: Options): Promise<number> {
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
  return removed === 0 ? REFUSED : 0;
}

async function clear(broker: Broker, options: Options): Promise<number> {
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

async function retry(broker: Broker, which: string, options: Options): Promise<number> {
  const rows = await endedJobs(broker, which);
  if (rows.length === 0) {
    if (which === 'all-failed') {
      say('no job has failed');
      return 0;
    }
    throw new Das2Error('illegalArgument', `no job with the id '${which.slice(0, 40)}' has ended`, {
      exitStatus: REFUSED,
    });
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
    if (outcome === 'full')
      throw new Das2Error('illegalArgument', 'the queue is full (QUEUE_MAX)', { exitStatus: REFUSED });
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
  throw new Das2Error('illegalArgument', `no job with the id '${id.slice(0, 40)}' waits`, { exitStatus: REFUSED });
}

async function reclaim(broker: Broker, list: string): Promise<number> {
  const done = await broker.reclaim(holderOf(list));
  for (const { item, outcome } of done) print(`${outcome}: ${item}\n`);
  if (done.length > 0) return 0;
  throw new Das2Error(
    'illegalArgument',
    'there is no such list, it is empty, or its worker still gives signs of life',
    {
      exitStatus: REFUSED,
    },
  );
}

function follow(broker: Broker, ids: readonly string[]): Promise<number> {
  return followJobs({
    broker,
    ids,
    progress: say,
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

function taskHelp(): string {
  return `Tasks:
${CATEGORY_NAMES.map((category) => `  ${describe(category)}`).join('\n')}

Examples:
  ${PROGRAM} --follow cache Examples/Spectra 1979-03-01 1979-03-02 ALL
  ${PROGRAM} -t --json
  ${PROGRAM} --retry all-failed

Status: 0 done; 13 wrong usage; 15 refused; 17 configuration; 21 the queue cannot be reached. With --follow: 0 if all jobs
went well, else the highest of their return codes (1 some blocks failed, 13 failed, 14 given up, 15 refused).`;
}

function oneTaskHelp(word: string): string {
  const category = categoryByWord(word);
  if (category === undefined) throw usage(`there is no task '${word.slice(0, 40)}'`);
  const example =
    category === 'TASK_CACHE' ? `\nExample: ${PROGRAM} cache Examples/Spectra 1979-03-01 1979-03-02 ALL\n` : '';
  return `${describe(category)}\n\nValues in brackets may be left out, from the last one on.\n${example}`;
}

function usage(message: string): Das2Error {
  return new Das2Error('usage', message, { exitStatus: USAGE });
}

function print(text: string): void {
  writeFully(1, Buffer.from(text));
}

function say(text: string): void {
  writeFully(2, Buffer.from(`${text}\n`));
}
