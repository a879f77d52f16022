/**
 * das2_srv_todo at a terminal: the bar of --follow, and the dialogue of -i; the same without a terminal.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { itemId } from '../../../lib/queue/identity.js';
import { finishedText, parseItem, workingText } from '../../../lib/queue/item.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { progressLine } from '../../../lib/worker/todo/progress-line.js';
import { atTerminal, hasPty, NO_PTY } from '../../tools/pty.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

const folder = temporaryFolder(t);
const command = await toolCommand(folder, 'srv_todo', 'das2_srv_todo');
const limits = { waiting: 1000, finished: 100, leaseSeconds: 30 };
const PTY = hasPty ? {} : { skip: NO_PTY };
const BEGIN = '2020-01-01T00:00:00.000';

folder.write(
  'datasets/A/b.dsdf',
  "description = 'x'\ndas2Stream = 1\nreader = 'true'\ncacheLevel_00 = '1 s | hourly'\n",
);
const site = (name: string) => {
  const file = folder.write(
    `${name}/etc/das2server.conf`,
    'DSDF_ROOT = ../../datasets\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\n',
  );
  return { file, broker: spoolBroker({ folder: `${folder.path}/${name}/state/queue`, limits }) };
};
const ended = (item: string, code: number) =>
  finishedText(item, { begin: BEGIN, status: 'as it should', end: BEGIN, code });

/** A worker that takes jobs one after the other, each in quarters; it goes on when the file `shown` has what it has done. */
async function work(
  broker: ReturnType<typeof spoolBroker>,
  jobs: number,
  shown: string,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < jobs && !signal.aborted; ) {
    const item = await broker.take('host-1-0', 0.5, signal);
    if (item === undefined) continue;
    for (const fraction of [0.25, 0.5, 0.75]) {
      const state = { begin: BEGIN, status: 'Writing: a file', fraction };
      await broker.note('host-1-0', workingText(parseItem(item).job, state));
      const words = `${itemId(item)} ${fraction * 100}% ${state.status}`;
      while (!signal.aborted && !readFileSync(shown, 'utf8').includes(words)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await broker.finish('host-1-0', ended(item, 0));
    done++;
  }
}

t.test('--follow: a bar that grows in one line', PTY, async (t) => {
  const { file, broker } = site('bar');
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const copy = folder.write('bar/shown', '');
  const working = work(broker, 2, copy, stop.signal);
  // Two jobs: 64 hours in pieces of 32. The terminal is a process of its own, so that the worker here goes on.
  const words = ['--follow', 'cache', 'A/b', '1979-03-01', '1979-03-03T16:00', '0'];
  const { run } = await terminalInBackground([...command, '-c', file, ...words], copy);
  await working;
  const { status, shown } = await run;
  t.equal(status, 0, shown);
  const bars = [...shown.matchAll(/\[(#*)(\.*)\] +(\d+)% {2}(\d) of 2 jobs left/g)];
  t.ok(bars.length >= 6, shown);
  for (const [, full = '', empty = '', percent = ''] of bars) {
    t.equal(full.length + empty.length, 20);
    t.equal(full.length, Math.floor(Number(percent) / 5));
  }
  const percents = bars.map(([, , , percent]) => Number(percent));
  t.same(
    percents,
    [...percents].sort((a, b) => a - b),
    'it never shrinks',
  );
  t.match(shown, /\r\u001b\[K\[/, 'written over');
  t.match(shown, /Writing: a file/);
  t.equal(shown.match(/ended with 0: TASK_CACHE as it should/g)?.length, 2);
});

/** A terminal in a process of its own, which this one does not wait for. */
async function terminalInBackground(words: readonly string[], copy: string) {
  const script = `import { atTerminal } from ${JSON.stringify(new URL('../../tools/pty.ts', import.meta.url).href)};
process.stdout.write(JSON.stringify(atTerminal(${JSON.stringify(words)}, [], { rows: 24, columns: 100 }, ${JSON.stringify(copy)})));`;
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const run = once(child, 'close').then(() => JSON.parse(text) as ReturnType<typeof atTerminal>);
  return { run };
}

t.test('without a terminal: a line for each step', async (t) => {
  const said: string[] = [];
  const line = progressLine({ write: (text) => said.push(text), isTerminal: false });
  line.step(0.1, 'one');
  line.step(0.2, 'one');
  line.step(0.3, 'two');
  line.say('aside');
  line.end();
  t.same(said, ['one\n', 'two\n', 'aside\n']);
  const bar: string[] = [];
  const narrow = progressLine({ write: (text) => bar.push(text), isTerminal: true, width: 40 });
  narrow.step(Number.NaN, 'x'.repeat(100));
  narrow.step(7, 'y');
  t.equal(bar[0]?.length, 39);
  t.equal(bar[2], `[${'#'.repeat(20)}] 100%  y`);
});

t.test('-i: rows, and keys to act on them', PTY, async (t) => {
  const { file, broker } = site('dialogue');
  const run = (...args: string[]) => spawnSync(command[0] ?? '', [...command.slice(1), '-c', file, ...args]);
  for (const end of ['02', '03', '04']) {
    t.equal(run('coverage', 'A/b', '1979-03-01', `1979-03-${end}`).status, 0);
  }
  await broker.take('host-1-0', 1);
  const item = await broker.take('host-1-1', 1);
  await broker.finish('host-1-1', ended(item ?? '', 13), { dead: true });
  const dialogue = atTerminal(
    [...command, '-c', file, '-i'],
    [
      ['Jobs that wait: 1.*>1 .*coverage A/b', 'x'],
      ['Remove \\w{10} A/b .*\\(y/n\\)', 'n'],
      ['nothing was removed', 'w'],
      ['Jobs that are being done: 1.*>1 ', 'r'],
      ['only jobs that have ended', 'e'],
      ['given up: 1', 'd'],
      ['Jobs that have ended: 1.*ERROR 13.*as it should', '7'],
      ['there is no row 7', 'r'],
      ['queued again', 't'],
      ['Jobs that wait: 2', '2'],
      ['>2 ', '\u001b[A'],
      ['>1 ', 'j'],
      ['>2 ', 'f'],
      ['is next', 'x'],
      ['\\(y/n\\)', 'y'],
      ['removed', '?'],
      ['no such key', 'q'],
    ],
    { rows: 24, columns: 200 },
  );
  t.equal(dialogue.missing, '', dialogue.shown.slice(-600));
  t.equal(dialogue.status, 0);
  t.equal((await broker.list('todo')).length, 1, 'of two one was removed');
  t.same(await broker.list('dead'), [], 'what runs again is given up no more');
  const end = atTerminal([...command, '-c', file, '-i', '-d'], [['Jobs that have ended: 1', '\u0003']], {
    rows: 8,
    columns: 30,
  });
  t.match(end, { status: 0, missing: '' });
  for (const line of end.shown.split(/\r?\n/)) t.ok(line.replace(/\u001b\[[0-9]*[A-Za-z]/g, '').length <= 30, line);
  t.match(run('-i').stderr.toString(), /--interactive needs a terminal/);
  t.equal(run('-i').status, 13);
});

t.test('--clear asks at a terminal', PTY, async (t) => {
  const { file, broker } = site('clear');
  await broker.submit('an item');
  const clear = (answer: string) =>
    atTerminal([...command, '-c', file, '--clear', 'todo'], [['yes/no', `${answer}\r`]]);
  t.equal(clear('no').status, 13);
  t.equal(await broker.count('todo'), 1);
  t.match(clear('yes'), { status: 0, shown: /1 removed/ });
  t.equal(await broker.count('todo'), 0);
});

t.test('coverage of what is no source is refused now, not by the worker', async (t) => {
  const { file } = site('words');
  const run = (...args: string[]) => spawnSync(command[0] ?? '', [...command.slice(1), '-c', file, ...args]);
  t.match(run('coverage', 'none').stderr.toString(), /no data source 'none'/);
  t.equal(run('coverage', 'none').status, 15);
  t.equal(run('coverage', 'ALL').status, 0);
  t.equal(run('coverage', 'A/b', '1980', '1979').status, 13);
});
