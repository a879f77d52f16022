/** Lines that are written once a day or a minute, by many processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import t from 'tap';
import { isFirstSince, isFirstThisMinute, isFirstToday } from '../../lib/log/rare-lines.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

/** Makes all notes as old as this. */
function age(folder: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds;
  for (const name of readdirSync(folder)) if (name.startsWith('note-')) utimesSync(join(folder, name), time, time);
}

t.test('once for each change of a file', async (t) => {
  const { path } = temporaryFolder(t);
  const changed = Date.now() - 1e9;
  t.equal(isFirstSince(changed, path, 'a'), true);
  t.equal(isFirstSince(changed, path, 'a'), false);
  age(path, 1e6 - 100);
  t.equal(isFirstSince(changed, path, 'a'), false, 'however long ago');
  age(path, 1e6 + 100);
  t.equal(isFirstSince(changed, path, 'a'), true, 'changed since');
  t.equal(isFirstSince(changed, path, 'a'), false);
  t.equal(isFirstSince(Date.now() + 1e9, path, 'a'), false, 'a file of another clock: once a day');
  age(path, 86_500);
  t.equal(isFirstSince(Date.now() + 1e9, path, 'a'), true);
  age(path, -100_000);
  t.equal(isFirstSince(changed, path, 'a'), true, 'a note from another clock');
});

t.test('once a day, once a minute', async (t) => {
  const { path } = temporaryFolder(t);
  t.equal(isFirstToday(path, 'a'), true);
  t.equal(isFirstToday(path, 'a'), false);
  t.equal(isFirstThisMinute(path, 'b'), true);
  t.equal(isFirstThisMinute(path, 'b'), false);
  age(path, 61);
  t.equal(isFirstToday(path, 'a'), false);
  t.equal(isFirstThisMinute(path, 'b'), true);
  t.equal(isFirstThisMinute(path, 'b'), false);
  age(path, 86_401);
  t.equal(isFirstToday(path, 'a'), true);
  age(path, -100_000);
  t.equal(isFirstToday(path, 'a'), true, 'a note from another clock');
  t.equal(readdirSync(path).length, 2, 'nothing else is left');
});

t.test('where nothing can be noted every line is written', async (t) => {
  const { path } = temporaryFolder(t);
  for (let i = 0; i < 2; i++) t.equal(isFirstToday(join(path, 'none'), 'a'), true);
});

t.test('what a dead process has left does not silence the line for ever', async (t) => {
  const folder = temporaryFolder(t);
  const { path } = folder;
  t.equal(isFirstThisMinute(path, 'a'), true);
  age(path, 120);
  const [note = ''] = readdirSync(path);
  const time = Math.round(Date.now() / 1000) - 100;
  utimesSync(join(path, note), time, time);
  const right = folder.write(`${note}.${time * 1000}`, '');
  t.equal(isFirstThisMinute(path, 'a'), false, 'another process is at it');
  utimesSync(right, time, time);
  t.equal(isFirstThisMinute(path, 'a'), false, 'it is not any more');
  t.equal(isFirstThisMinute(path, 'a'), true);
  t.same(readdirSync(path), [note]);
});

t.test('of many processes one writes the line', async (t) => {
  const folder = temporaryFolder(t);
  const state = folder.write('state/.keep', '').slice(0, -'/.keep'.length);
  const names = Array.from({ length: 200 }, (_none, i) => `line ${i}`);
  // Every second one has been written before.
  for (const name of names.filter((_name, i) => i % 2 === 0)) isFirstThisMinute(state, name);
  age(state, 100);
  const script = join(folder.path, 'asker.mjs');
  await build({
    stdin: {
      contents: `import { isFirstThisMinute } from './lib/log/rare-lines.js';
for (const name of ${JSON.stringify(names)}) if (isFirstThisMinute(process.argv[2], name)) console.log(name);`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
    logLevel: 'error',
  });
  const outputs = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, [script, state], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      await once(child, 'close');
      return text;
    }),
  );
  t.same(outputs.join('').trimEnd().split('\n').sort(), [...names].sort());
  t.equal(readdirSync(state).filter((name) => name.startsWith('note-')).length, names.length);
});
