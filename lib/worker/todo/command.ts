/**
 * The command line of das2_srv_todo (server-internals 3.5). Reads it, does one thing, and answers the exit status: 0 done,
 * 13 wrong usage, 15 refused, 17 configuration, 21 queue out of reach. After `--follow` the highest return code of the jobs.
 */

import { CONFIG_OPTION, readWords } from '../../command/read-words.js';
import { loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error } from '../../error.js';
import type { Broker } from '../../queue/broker.js';
import { openBroker } from '../../queue/open-broker.js';
import { DONE_CATEGORIES } from '../task/tasks.js';
import { USAGE } from '../wrong-usage.js';
import { act } from './actions.js';
import { describe, type Plan, plainJob, planJobs, taskNamed } from './add.js';
import { showPlan, submitPlan } from './submit.js';
import { PROGRAM, print, REFUSED, say, type TodoOptions } from './words.js';

/** Runs the tool; answers its exit status. */
export async function todoCommand(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    say(`${PROGRAM}: nothing to do; try '${PROGRAM} --help'`);
    return 0;
  }
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .usage('[options] TASK [VALUE]...')
    .description('Adds jobs to the queue of the das2 server, and shows and changes what is in it.')
    .argument('[words...]')
    .option(...CONFIG_OPTION)
    .option('-g, --generic', 'queue TASK_<TASK> with the values as they are, unchecked')
    .option('-n, --dry-run', 'only say what would be done')
    .option('--follow', 'wait until the jobs end and show their progress (with a TASK, --retry or --id)')
    .option('--front', 'put the jobs where they are taken next (with a TASK, --retry or --id)')
    .option('-t, --list-todo', 'show the jobs that wait')
    .option('-w, --list-working', 'show the jobs that are being done')
    .option('-d, --list-done', 'show the jobs that have ended')
    .option('--list-dead', 'show the jobs that were given up')
    .option(
      '-i, --interactive',
      'the lists at this terminal, with keys to act on jobs (with -w, -d, --list-dead: begin there)',
    )
    .option('--json', 'lists, and what became of new jobs, as JSON')
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
    .addHelpText('after', `\n${taskHelp()}`)
    .helpCommand(false);
  const status = await readWords(command, args, { wrong: USAGE });
  if (status !== undefined) return status;
  const words = command.args;
  if (words.length === 1 && isHelp(words)) {
    print(`${command.helpInformation()}\n${taskHelp()}\n`);
    return 0;
  }
  return run(command.opts<TodoOptions>(), words);
}

function isHelp([first]: readonly string[]): boolean {
  return first?.toLowerCase() === 'help';
}

async function run(options: TodoOptions, words: readonly string[]): Promise<number> {
  let broker: Broker | undefined;
  try {
    if (isHelp(words)) {
      print(oneTaskHelp(words[1] ?? ''));
      return 0;
    }
    const [name, ...values] = words;
    // Whatever is wrong with the words shows before anybody is asked.
    const category = name === undefined || options.generic ? undefined : taskNamed(name);
    const configuration = loadConfiguration({ file: options.config });
    let plan: Plan | undefined;
    if (category !== undefined) plan = await planJobs(category, values, configuration);
    else if (name !== undefined) plan = plainJob(name, values);
    for (const { dataset, reason } of plan?.leftOut ?? []) say(`${dataset} is left out: ${reason}`);
    if (plan !== undefined && options.dryRun) {
      showPlan(plan, options);
      return 0;
    }
    broker = await openBroker(configuration);
    if (broker === undefined) throw new Das2Error('configuration', 'WORK_QUEUE_BROKER = none: this site has no queue');
    if (plan !== undefined) return await submitPlan(broker, plan, options);
    return await act(broker, options);
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    say(`${PROGRAM}: ${errorDetail(error)}`);
    return error.code === 'sourceDefinition' ? REFUSED : error.code === 'usage' ? USAGE : error.exitStatus;
  } finally {
    await broker?.close();
  }
}

function taskHelp(): string {
  return `Tasks:
${DONE_CATEGORIES.map((category) => `  ${describe(category)}`).join('\n')}

Status: 0 done; 13 wrong usage; 15 refused; 17 configuration missing or bad; 21 the queue cannot be
reached. With --follow: 0 if all jobs went well, else the highest of their return codes (1 some
blocks failed, 13 failed, 14 given up, 15 refused).

Examples:
  ${PROGRAM} --follow cache Examples/Spectra 2026-01-01 2026-01-02 ALL
  ${PROGRAM} coverage ALL
  ${PROGRAM} -t --json
  ${PROGRAM} --retry all-failed`;
}

function oneTaskHelp(word: string): string {
  const category = taskNamed(word);
  const example =
    category === 'TASK_CACHE' ? `\nExample: ${PROGRAM} cache Examples/Spectra 2026-01-01 2026-01-02 ALL\n` : '';
  return `${describe(category)}\n\nValues in brackets may be left out, from the last one on.\n${example}`;
}
