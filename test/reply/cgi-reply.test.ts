/** CGI output through real descriptors: files, pipes that nobody reads, pipes that are closed. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { transformSync } from 'esbuild';
import t, { type Test } from 'tap';
import { streamReply, textReply } from '../../lib/reply/build-reply.js';
import { writeCgiReply } from '../../lib/reply/cgi-reply.js';
import type { Reply, ReplySink } from '../../lib/reply/reply.js';
import { writeFully, writeFullyAsync } from '../../lib/reply/write-fully.js';
import { testRequest } from '../tools/make-test-request.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const request = testRequest();

async function written(t: Test, reply: Reply, method = 'GET') {
  const file = join(temporaryFolder(t).path, 'out');
  const descriptor = openSync(file, 'w');
  const outcome = await writeCgiReply(reply, testRequest({ method }), { descriptor });
  closeSync(descriptor);
  const text = readFileSync(file, 'latin1');
  const end = text.indexOf('\r\n\r\n');
  return { outcome, head: text.slice(0, end).split('\r\n'), body: text.slice(end + 4) };
}

/** A pipe: `sleep` holds its end open and never reads; ending it closes the pipe. */
function unreadPipe(t: Test): { descriptor: number; close(): Promise<void> } {
  const name = join(temporaryFolder(t).path, 'pipe');
  execFileSync('mkfifo', [name]);
  const reader = spawn('sh', ['-c', 'exec sleep 60 <"$0"', name], { stdio: 'ignore' });
  const descriptor = openSync(name, 'w');
  const gone = new Promise<void>((done) => reader.on('close', () => done()));
  const close = async (): Promise<void> => {
    reader.kill('SIGKILL');
    await gone;
  };
  t.teardown(async () => {
    await close();
    closeSync(descriptor);
  });
  return { descriptor, close };
}

t.test('known bodies', async (t) => {
  const { outcome, head, body } = await written(t, textReply(request, 'hello'));
  t.equal(head[0], 'Status: 200 OK');
  t.ok(head.includes('Content-Length: 5'));
  t.equal(body, 'hello');
  t.match(outcome, { bytes: 5, clientGone: false, aborted: false });
});

t.test('HEAD sends headers alone and starts no stream', async (t) => {
  const plain = await written(t, textReply(request, 'hello'), 'HEAD');
  t.ok(plain.head.includes('Content-Length: 5'));
  t.equal(plain.body, '');
  let started = false;
  const run = async (): Promise<void> => {
    started = true;
  };
  const stream = await written(t, streamReply(request, run, { contentType: 'x/y' }), 'HEAD');
  t.equal(stream.body, '');
  t.equal(started, false);
});

t.test('reason phrases', async (t) => {
  t.equal((await written(t, textReply(request, '', { status: 404 }))).head[0], 'Status: 404 Not Found');
  t.equal(
    (await written(t, textReply(request, '', { reason: 'OK; HAPI 1201 OK' }))).head[0],
    'Status: 200 OK; HAPI 1201 OK',
  );
});

t.test('streams, short and long', async (t) => {
  for (const [count, size] of [
    [3, 10],
    [40, 10_000],
    [3, 1_000_000],
  ] as const) {
    const run = async (sink: ReplySink): Promise<void> => {
      const chunk = Buffer.alloc(size);
      for (let i = 0; i < count; i++) {
        chunk.fill(97 + (i % 26));
        await sink.write(chunk);
      }
    };
    const { outcome, body } = await written(t, streamReply(request, run, { contentType: 'x/y' }));
    t.equal(body.length, count * size);
    t.equal(body, Array.from({ length: count }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(size)).join(''));
    t.match(outcome, { bytes: count * size, clientGone: false, aborted: false });
  }
});

t.test('a cut answer is told', async (t) => {
  const abort = async (sink: ReplySink): Promise<void> => {
    await sink.write(Buffer.from('abc'));
    sink.abort();
    await sink.write(Buffer.from('never'));
  };
  const aborted = await written(t, streamReply(request, abort, { contentType: 'x/y' }));
  t.equal(aborted.body, 'abc');
  t.equal(aborted.outcome.aborted, true);
  const fail = async (): Promise<void> => {
    throw new Error('inside');
  };
  const failed = await written(t, streamReply(request, fail, { contentType: 'x/y' }));
  t.match(failed.outcome, { aborted: true, error: { message: 'inside' } });
});

t.test('a client that has gone', async (t) => {
  const pipe = unreadPipe(t);
  let calls = 0;
  let late = 0;
  const run = async (sink: ReplySink): Promise<void> => {
    sink.onGone(() => calls++);
    await pipe.close();
    await sink.write(Buffer.alloc(10));
    t.equal(sink.gone, true);
    sink.onGone(() => late++);
    await sink.write(Buffer.alloc(10));
  };
  const outcome = await writeCgiReply(streamReply(request, run, { contentType: 'x/y' }), request, pipe);
  t.match(outcome, { clientGone: true, bytes: 0, aborted: false });
  t.same([calls, late], [1, 1]);
  t.match(await writeCgiReply(textReply(request, 'x'), request, pipe), { clientGone: true, bytes: 0 });
});

t.test('a client that stalls does not hold up timers, and SIGTERM means it has gone', async (t) => {
  const pipe = unreadPipe(t);
  const listeners = process.listenerCount('SIGTERM');
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  t.teardown(() => clearInterval(timer));
  let wasGone = false;
  const run = async (sink: ReplySink): Promise<void> => {
    let stalled: unknown;
    sink.onGone(() => {
      wasGone = true;
    });
    // Far more than a pipe takes: some write stays unfinished.
    for (let i = 0; i < 8 && stalled === undefined; i++) {
      const write = Promise.resolve(sink.write(Buffer.alloc(50_000))).then(() => 'done');
      if ((await Promise.race([write, pause(150, 'stalled')])) === 'stalled') stalled = write;
    }
    t.ok(stalled !== undefined, 'the pipe is full');
    // Timers run meanwhile, or this would never end.
    for (const before = ticks; ticks < before + 5; ) await pause(5);
    process.kill(process.pid, 'SIGTERM');
    while (!wasGone) await pause(5);
    await pipe.close();
    await stalled;
  };
  const outcome = await writeCgiReply(streamReply(request, run, { contentType: 'x/y' }), request, pipe);
  t.equal(outcome.clientGone, true);
  t.equal(process.listenerCount('SIGTERM'), listeners, 'the handler is for streams only');
});

t.test('writing fully', async (t) => {
  const file = join(temporaryFolder(t).path, 'x');
  const descriptor = openSync(file, 'w+');
  t.equal(writeFully(descriptor, Buffer.from('ab')), 'written');
  t.equal(await writeFullyAsync(descriptor, Buffer.from('cd')), 'written');
  const bytes = Buffer.alloc(4);
  readSync(descriptor, bytes, 0, 4, 0);
  t.equal(bytes.toString(), 'abcd');
  closeSync(descriptor);
  t.equal(writeFully(descriptor, Buffer.from('x')), 'gone', 'a closed standard output is a client that has gone');
});

t.test('a non-blocking pipe that is full is waited for', async (t) => {
  // Python opens its end without blocking and lets the program inherit it; it reads only after a while.
  const script = `
import os, sys, time, subprocess
r, w = os.pipe()
os.set_blocking(w, False)
child = subprocess.Popen(sys.argv[1:], stdout=w)
os.close(w)
time.sleep(0.3)
total = 0
while True:
    got = os.read(r, 65536)
    if not got: break
    total += len(got)
print(total, child.wait())
`;
  const folder = temporaryFolder(t);
  const source = readFileSync(new URL('../../lib/reply/write-fully.ts', import.meta.url), 'utf8');
  folder.write('write-fully.mjs', transformSync(source, { loader: 'ts' }).code);
  const writer = folder.write(
    'writer.mjs',
    `import { writeFully, writeFullyAsync } from './write-fully.mjs';
const first = writeFully(1, Buffer.alloc(150_000));
const second = await writeFullyAsync(1, Buffer.alloc(150_000));
process.exitCode = first === 'written' && second === 'written' ? 0 : 3;
`,
  );
  const result = execFileSync('python3', ['-c', script, process.execPath, writer], { encoding: 'utf8' });
  t.equal(result.trim(), '300000 0');
});

t.test('letGo leaves a pipe open, whose end web servers take for that of the program', async (t) => {
  const folder = temporaryFolder(t).path;
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  const parts: Buffer[] = [];
  reader.stdout.on('data', (part: Buffer) => void parts.push(part));
  const ended = new Promise((done) => reader.on('close', done));
  const descriptor = openSync(pipe, 'w');
  const body = async (sink: ReplySink): Promise<void> => void (await sink.write(Buffer.from('all of it')));
  const outcome = await writeCgiReply(streamReply(request, body, { contentType: 'x/y' }), request, { descriptor });
  outcome.letGo?.();
  writeSync(descriptor, ' and more');
  closeSync(descriptor);
  t.equal(await ended, 0);
  t.match(Buffer.concat(parts).toString(), /\r\n\r\nall of it and more$/);

  const cut = async (sink: ReplySink): Promise<void> => sink.abort();
  const { outcome: ofCut } = await written(t, streamReply(request, cut, { contentType: 'x/y' }));
  t.equal(ofCut.letGo, undefined, 'a cut answer ends with the program, whose status tells of it');
});
