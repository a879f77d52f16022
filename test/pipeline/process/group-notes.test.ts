/** Process groups that killed programs have left behind: which of them are ended, and that nobody else's is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { endOrphanedGroups, forgetNote, noteGroup } from '../../../lib/pipeline/process/group-notes.js';
import { noteGroupsBelow } from '../../../lib/pipeline/process/own-signals.js';
import { machineMark, ownIdentity, startOf } from '../../../lib/pipeline/process/process-identity.js';
import { isRunning, temporaryFolder, until } from '../tools.js';

if (startOf(process.pid) === undefined) {
  t.plan(0, 'needs /proc');
  process.exit();
}

/** A folder of notes, which every test has for itself. */
function place(t: Test): string {
  const state = temporaryFolder(t);
  noteGroupsBelow(state, true);
  const folder = join(state, 'groups', machineMark());
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A group of its own: a shell that leads it, and a child of that. */
async function group(t: Test, script: string): Promise<{ leader: ChildProcess; id: number; said: string }> {
  const leader = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const id = leader.pid ?? 0;
  t.teardown(() => {
    try {
      process.kill(-id, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  const said = await new Promise<string>((resolve) => leader.stdout?.once('data', (chunk) => resolve(String(chunk))));
  return { leader, id, said: said.trim() };
}

/** Some process that has ended: the owner of notes. */
async function dead(): Promise<{ pid: number; start: number }> {
  const child = spawn('/bin/sleep', ['100']);
  const pid = child.pid ?? 0;
  const start = startOf(pid) ?? 0;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  return { pid, start };
}

const HANGING = 'sleep 1000 & echo $!; wait';

t.test('what a killed program had is ended', async (t) => {
  const folder = place(t);
  const owner = await dead();
  const { id, said } = await group(t, HANGING);
  const note = join(folder, `${owner.pid}-${owner.start}-${id}-${startOf(id)}`);
  writeFileSync(note, '0');
  t.strictSame(await endOrphanedGroups(), [id]);
  t.ok(await until(() => ![id, Number(said)].some(isRunning)), 'the leader and its child');
  t.notOk(existsSync(note));
  t.strictSame(await endOrphanedGroups(), []);
});

t.test('one that does not heed TERM gets its time once, however many programs look', async (t) => {
  const folder = place(t);
  const owner = await dead();
  const { id } = await group(t, "trap '' TERM; echo; while :; do sleep 1; done");
  const note = join(folder, `${owner.pid}-${owner.start}-${id}-${startOf(id)}`);
  // A program that is gone before KILL is due leaves this behind.
  writeFileSync(note, '7');
  const first = endOrphanedGroups();
  t.match(readFileSync(note, 'latin1'), /^7 \d+$/, 'when it was asked to end is noted');
  t.ok(isRunning(id), 'it has time');
  t.strictSame(await first, [id]);
  const again = await group(t, "trap '' TERM; echo; while :; do sleep 1; done");
  const old = join(folder, `${owner.pid}-${owner.start}-${again.id}-${startOf(again.id)}`);
  writeFileSync(old, '7 8');
  const second = endOrphanedGroups();
  t.notOk(existsSync(old), 'its time has been up for long, so it is ended without waiting for anything');
  t.strictSame(await second, [again.id]);
  t.ok(await until(() => ![id, again.id].some(isRunning)));
  t.strictSame(readdirSync(folder), []);
});

t.test('what a program that lives has is left alone', async (t) => {
  const folder = place(t);
  const { id, said } = await group(t, HANGING);
  const { processId, startedAt } = ownIdentity();
  const note = join(folder, `${processId}-${startedAt}-${id}-${startOf(id)}`);
  writeFileSync(note, '0');
  t.strictSame(await endOrphanedGroups(), []);
  t.ok([id, Number(said)].every(isRunning));
  t.ok(existsSync(note));
});

t.test('a number that was given away again', async (t) => {
  const folder = place(t);
  const owner = await dead();
  const { id, said } = await group(t, HANGING);
  // The leader of then was another process.
  const note = join(folder, `${owner.pid}-${owner.start}-${id}-${(startOf(id) ?? 0) - 1}`);
  writeFileSync(note, '99999999999');
  t.strictSame(await endOrphanedGroups(), []);
  t.ok([id, Number(said)].every(isRunning));
  t.notOk(existsSync(note), 'the group of the note has gone');
  // So is the owner's: it counts as ended.
  const reused = join(folder, `${process.pid}-1-${id}-${startOf(id)}`);
  writeFileSync(reused, '0');
  t.strictSame(await endOrphanedGroups(), [id]);
});

t.test('notes of another account', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const folder = place(t);
  const owner = await dead();
  const { id } = await group(t, HANGING);
  const note = join(folder, `${owner.pid}-${owner.start}-${id}-${startOf(id)}`);
  writeFileSync(note, '0');
  chownSync(note, 54321, 0);
  t.strictSame(await endOrphanedGroups(), [], 'nobody makes us end our own processes');
  t.ok(isRunning(id));
});

t.test('groups whose leader has ended', async (t) => {
  const folder = place(t);
  const owner = await dead();
  const { leader, id, said } = await group(t, 'sleep 1000 & echo $!');
  const start = startOf(Number(said)) ?? 0;
  if (leader.exitCode === null) await new Promise((resolve) => leader.once('exit', resolve));
  const note = join(folder, `${owner.pid}-${owner.start}-${id}-${start}`);
  for (const text of ['', 'x', '0', String(start)]) {
    writeFileSync(note, text);
    t.strictSame(await endOrphanedGroups(), [], `'${text}': the number may have been given away since`);
    t.ok(isRunning(Number(said)));
    t.ok(existsSync(note), 'it is looked at again');
  }
  writeFileSync(note, String(start + 1));
  t.strictSame(await endOrphanedGroups(), [id], 'its owner had it when this member ran already');
  t.ok(await until(() => !isRunning(Number(said))));
});

t.test('a note is renewed soon, then ever more seldom', async (t) => {
  const folder = place(t);
  const { id } = await group(t, HANGING);
  const real = globalThis.setTimeout;
  const waits: (number | undefined)[] = [];
  // What would take half a minute takes no time.
  const quick = (action: () => void, milliseconds?: number) => {
    waits.push(milliseconds);
    return real(action, 0);
  };
  t.capture(globalThis, 'setTimeout', quick as typeof setTimeout);
  noteGroup(id);
  const note = join(folder, readdirSync(folder)[0] ?? '');
  writeFileSync(note, '0');
  while (waits.length < 9) await new Promise((resolve) => setImmediate(resolve));
  forgetNote(id);
  t.same(waits.slice(0, 9), [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  t.strictSame(readdirSync(folder), []);
});

t.test('notes of groups that run', async (t) => {
  const folder = place(t);
  const { id } = await group(t, HANGING);
  noteGroup(id);
  const [name = ''] = readdirSync(folder);
  const { processId, startedAt } = ownIdentity();
  t.equal(name, `${processId}-${startedAt}-${id}-${startOf(id)}`);
  t.ok(Number(readFileSync(join(folder, name), 'latin1')) >= (startOf(id) ?? 0));
  forgetNote(id);
  t.strictSame(readdirSync(folder), []);
  writeFileSync(join(folder, 'something else'), '');
  t.strictSame(await endOrphanedGroups(), []);
  noteGroupsBelow('/proc/nowhere', true);
  noteGroup(id);
  t.strictSame(await endOrphanedGroups(), [], 'where nothing can be written');
  noteGroupsBelow(undefined, false);
  noteGroup(id);
  t.strictSame(await endOrphanedGroups(), [], 'where there is no place');
  t.ok(isRunning(id));
});
