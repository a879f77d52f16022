import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import type { ByteSink } from '../../lib/stream/byte-filter.js';
import {
  Collector,
  filter,
  HEADER,
  isRunning,
  processIds,
  reader,
  run,
  start,
  temporaryFolder,
  until,
} from './tools.js';

t.test('a reader that does as it should', async (t) => {
  const { output, result } = await run([reader(`printf '%s\\n'`, 'a b', "it's", '$(id)', '*', '`id`')]);
  t.equal(output, "a b\nit's\n$(id)\n*\n`id`\n", 'arguments are words and never shell text');
  t.match(result, { ok: true, bytes: output.length, terminationReason: undefined, failedStage: undefined });
  t.type(result.firstByteMs, 'number');
  t.match(result.stages, [{ role: 'reader', status: 0, signal: undefined, bytesOut: output.length, inProcess: false }]);
  t.equal(result.stages[0]?.commandLine, `printf '%s\\n' 'a b' 'it'\\''s' '$(id)' '*' '\`id\`'`);
});

t.test('the command is shell text, the arguments go to its last program', async (t) => {
  const { output } = await run([reader(`X=1; echo "$X" | cat - /dev/null; echo`, 'a', 'b')]);
  t.equal(output, '1\na b\n');
});

t.test('the environment is made, not inherited', async (t) => {
  process.env.DAS2_TEST_LEAK = 'secret';
  t.teardown(() => delete process.env.DAS2_TEST_LEAK);
  const show = 'echo "$DAS2_TEST_LEAK|$HOME|$LANG|$TZ|$DAS2_ARG_1|$PATH"; cat; pwd; true';
  const { output } = await run([{ ...reader(show), environment: { DAS2_ARG_1: 'v w' } }]);
  const path = `${join(import.meta.dirname, '../faults')}:/usr/bin:/bin`;
  t.equal(output, `|/|C.UTF-8|UTC|v w|${path}\n/\n`, 'standard input is empty, the folder is /');
});

t.test('outcomes of single readers', async (t) => {
  const cases: [string, object, string][] = [
    ['exit-at-once', { ok: false, failedStage: { status: 7, standardError: /no such file/ } }, ''],
    ['nothing', { ok: true, bytes: 0, firstByteMs: undefined }, ''],
    ['garbage', { ok: true }, '<html>not a stream</html>\n'],
    ['header-then-fail', { ok: false, failedStage: { status: 3 } }, HEADER],
    ['half-packet', { ok: false, failedStage: { status: 3 } }, `${HEADER}[xx]0`],
    ['killed', { ok: false, failedStage: { status: undefined, signal: 'SIGSEGV' } }, HEADER],
    ['no-such-program-anywhere', { ok: false, failedStage: { status: 127 } }, ''],
    ['/etc/passwd', { ok: false, failedStage: { status: 126 } }, ''],
    ['slow-first-byte 0.2', { ok: true }, HEADER],
    ['slow-packets 2 0.1', { ok: true, bytes: 35 + 2 * 65 }, ''],
  ];
  for (const [command, expected, text] of cases) {
    const { output, result } = await run([reader(command)]);
    t.match(result, expected, command);
    if (text !== '' || command === 'nothing') t.equal(output, text, command);
  }
});

t.test('first byte or none', async (t) => {
  const early = await start([reader('hang-after-header')]);
  t.equal(await early.firstByte, true, 'known before the reader ends');
  const result = await early.cancel('clientGone');
  t.match(result, { ok: false, bytes: 35, terminationReason: 'clientGone', failedStage: undefined });
  t.match(result.stages, [{ endedByServer: true, signal: 'SIGTERM' }]);

  const none = await start([reader('exit-at-once')]);
  t.equal(await none.firstByte, false);
  t.match(await none.result, { ok: false });
});

t.test('several stages', async (t) => {
  t.test('joined in order', async (t) => {
    const { output, result } = await run([reader('printf abc'), filter('tr a-c d-f'), filter(`sed 's/$/!/'`)]);
    t.equal(output, 'def!');
    t.match(result, { ok: true });
    t.same(
      result.stages.map((stage) => [stage.bytesIn, stage.bytesOut]),
      [
        [0, 3],
        [3, 3],
        [3, 4],
      ],
    );
  });
  t.test('every status counts, the first failure decides', async (t) => {
    const { result } = await run([reader('exit-at-once 7'), filter('cat; exit 5; true'), filter('cat')]);
    t.match(result, { ok: false, failedStage: { role: 'reader', status: 7 } });
    t.match((await run([reader('echo a'), filter('cat; exit 5; true'), filter('cat')])).result, {
      ok: false,
      failedStage: { status: 5 },
    });
  });
  t.test('a reader stopped by a consumer that has had enough is fine', async (t) => {
    const { output, result } = await run([reader('yes'), filter('head -c 4')]);
    t.equal(output, 'y\ny\n');
    t.match(result, { ok: true, failedStage: undefined });
  });
  t.test('a reader that SIGPIPE ends while its output is read has failed', async (t) => {
    const asSignal = 'printf half; kill -PIPE $$ #';
    const asStatus = "sh -c 'printf half; kill -PIPE $$'; exit $? #";
    for (const command of [asSignal, asStatus]) {
      const { result } = await run([reader(command), filter('cat #')]);
      t.match(result, { ok: false, failedStage: { role: 'reader' } }, command);
    }
  });
  t.test('a consumer that fails ends the reader', async (t) => {
    const { result } = await run([reader('hang-after-header'), filter('head -c 4; exit 9; true')]);
    t.match(result, { ok: false, failedStage: { role: 'reducer', status: 9 } });
    t.match(result.stages[0], { endedByServer: true });
  });
  t.test('complaints about empty input do not count when there were no data', async (t) => {
    const picky = filter('head -c 1 | grep -q . || exit 22; true');
    t.match((await run([reader('nothing'), picky])).result, { ok: true, bytes: 0 });
    t.match((await run([reader('exit-at-once'), picky])).result, { ok: false, failedStage: { status: 7 } });
  });
});

t.test('limits', async (t) => {
  t.match((await run([reader('hang')], { firstByteSeconds: 0.2, idleSeconds: 0.05 })).result, {
    ok: false,
    bytes: 0,
    terminationReason: 'firstByteTimeout',
  });
  t.match((await run([reader('hang-after-header')], { firstByteSeconds: 100, idleSeconds: 0.2 })).result, {
    bytes: 35,
    terminationReason: 'idleTimeout',
  });
  t.match((await run([reader('slow-packets 1000 0.05')], { idleSeconds: 100, runSeconds: 0.5 })).result, {
    terminationReason: 'runTimeLimit',
  });
  t.match((await run([reader('close-output')], { idleSeconds: 0.2 })).result, {
    bytes: 35,
    terminationReason: 'idleTimeout',
    stages: [{ endedByServer: true }],
  });
  const { output, result } = await run([reader('forever')], { outputBytes: 100_000 });
  t.match(result, { terminationReason: 'outputLimit' });
  t.ok(output.length <= 100_000 && output.length === result.bytes, 'never more than the limit');
});

t.test('a client that pauses is not an idle reader', async (t) => {
  // Long enough that the reader itself is never idle for so long, however busy the machine is.
  const idleSeconds = 2;
  const pipeline = await start([reader('many-bytes 4194304')], { idleSeconds });
  let bytes = 0;
  let first = true;
  const result = await pipeline.deliver({
    write(chunk) {
      bytes += chunk.length;
      if (!first) return;
      first = false;
      return new Promise((resolve) => setTimeout(resolve, idleSeconds * 2000));
    },
  });
  t.match(result, { ok: true, terminationReason: undefined });
  t.equal(bytes, result.bytes, 'nothing is lost behind the pause');
  t.equal(bytes, 35 + 129 + 4_194_304);
});

t.test('every byte once and in order, one write at a time, whatever the pace', async (t) => {
  for (const pace of ['microtask', 'immediate', 'timer'] as const) {
    const pipeline = await start([reader('seq 1 600000'), filter('cat')]);
    let isWriting = false;
    let overlaps = 0;
    const parts: string[] = [];
    const result = await pipeline.deliver({
      async write(bytes) {
        if (isWriting) overlaps++;
        isWriting = true;
        if (pace === 'microtask') await null;
        else
          await new Promise<void>(
            (resolve) => void (pace === 'timer' ? setTimeout(resolve, 1) : setImmediate(resolve)),
          );
        parts.push(Buffer.from(bytes).toString('latin1'));
        isWriting = false;
      },
    });
    const text = parts.join('');
    t.match(result, { ok: true, bytes: text.length }, pace);
    t.equal(overlaps, 0, pace);
    t.equal(text, `${Array.from({ length: 600_000 }, (_, i) => i + 1).join('\n')}\n`, pace);
  }
});

t.test('process groups', async (t) => {
  t.test('TERM ignored, grandchild too: KILL', async (t) => {
    const file = join(temporaryFolder(t), 'pids');
    const pipeline = await start([reader('ignore-term', file)]);
    t.equal(await pipeline.firstByte, true);
    const ids = processIds(file);
    t.ok(ids.length === 2 && ids.every(isRunning));
    const result = await pipeline.cancel('clientGone');
    t.match(result.stages[0], { signal: 'SIGKILL', endedByServer: true });
    t.ok(await until(() => !ids.some(isRunning)), 'both have ended');
  });
  t.test('what a reader leaves behind ends with it', async (t) => {
    const file = join(temporaryFolder(t), 'pids');
    const { result } = await run([reader('leave-child', file)]);
    t.match(result, { ok: true });
    t.ok(await until(() => !processIds(file).some(isRunning)));
  });
  t.test('cancel ends all stages', async (t) => {
    const pipeline = await start([reader('forever'), filter('cat'), filter('cat')]);
    await pipeline.firstByte;
    const result = await pipeline.cancel('serverStopped');
    t.ok(result.stages.every((stage) => stage.endedByServer));
  });
  t.test('a client that takes nothing does not keep the stages', async (t) => {
    const pipeline = await start([reader('forever')]);
    const done = pipeline.deliver({ write: () => new Promise(() => {}) });
    await pipeline.firstByte;
    await pipeline.cancel('clientGone');
    t.match(await done, { terminationReason: 'clientGone' });
  });
});

t.test('standard error', async (t) => {
  const { output, result } = await run([reader('flood-errors 20000000')]);
  t.equal(output, HEADER);
  t.match(result, { ok: true });
  t.equal(result.stages[0]?.standardError.length, 65_536, 'the last 64 KiB');
  t.match(result.stages[0]?.standardError, /^[a-z, \n]+something is wrong, but who reads this\nsom/);
});

/** Stands still, with no event looked at, until a condition holds. */
function standStill(until: () => boolean): void {
  while (!until()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

t.test('the last words of a reader are read however busy this process is', async (t) => {
  const [ended, speak, said] = ['ended', 'speak', 'said'].map((name) => join(temporaryFolder(t), name)) as [
    string,
    string,
    string,
  ];
  const late = `while [ ! -e '${speak}' ]; do sleep 0.02; done; echo why >&2; : >'${said}'`;
  const pipeline = await start([reader(`(${late}) >/dev/null & echo $$ >'${ended}'; exit 7`)]);
  standStill(() => existsSync(ended) && readFileSync(ended, 'utf8').endsWith('\n'));
  const [processId = 0] = processIds(ended);
  standStill(() => !isRunning(processId));
  // Its end is seen in the next turn; then no event is looked at until the time for last words is over.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  const over = performance.now() + 400;
  writeFileSync(speak, '');
  standStill(() => existsSync(said) && performance.now() > over);
  t.match(await pipeline.result, { ok: false, failedStage: { status: 7, standardError: 'why\n' } });
});

t.test('back-pressure', async (t) => {
  const pipeline = await start([reader('forever'), filter('cat')]);
  let taken = 0;
  const done = pipeline.deliver({
    write(bytes) {
      taken += bytes.length;
      return new Promise((resolve) => setTimeout(resolve, 50));
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await pipeline.cancel('clientGone');
  const { stages } = await done;
  t.ok((stages[0]?.bytesOut ?? 0) - taken < 2 * 1024 * 1024, 'the reader is held up by a slow client');
});

/** A filter inside the process: doubles its input, holds back up to 1000 bytes, fails at a `!`. */
const doubler: FilterProgram = {
  name: 'das2_double',
  help: '',
  usageStatus: 100,
  create(args: readonly string[], sink: ByteSink) {
    if (args[0] === '--bad') throw new Das2Error('usage', 'no such option --bad');
    if (args[0] === '--say') sink.notice?.('something odd');
    let held = Buffer.from(args.join(' '));
    const flush = (): void => {
      const out = held;
      held = Buffer.alloc(0);
      sink.write(out);
      out.fill(0x2a);
    };
    return {
      push(chunk) {
        const bang = chunk.indexOf(0x21);
        const good = bang < 0 ? chunk : chunk.subarray(0, bang);
        held = Buffer.concat([held, good, good]);
        if (held.length > 1000 || bang >= 0) flush();
        if (bang >= 0) throw new Das2Error('framing', 'a bang');
      },
      flush,
      end: flush,
    };
  },
};
const findFilter = async (name: string): Promise<FilterProgram | undefined> =>
  name === 'das2_double' ? doubler : undefined;

t.test('filters inside the process', async (t) => {
  t.test('with the arguments of command and request', async (t) => {
    const { output, result } = await run([reader('printf xy'), filter('das2_double -r', '60')], {}, findFilter);
    t.equal(output, '-r 60xyxy');
    t.match(result.stages[1], {
      inProcess: true,
      status: 0,
      bytesIn: 2,
      bytesOut: 9,
      commandLine: 'das2_double -r 60',
    });
  });
  t.test('not with a path, not with shell text, not in front', async (t) => {
    for (const command of ['/nowhere/das2_double', 'das2_double "a"', 'X=1 das2_double']) {
      const { result } = await run([reader('printf xy'), filter(command)], {}, findFilter);
      t.match(result.stages[1], { inProcess: false, status: 127 }, command);
    }
    t.match((await run([reader('das2_double')], {}, findFilter)).result.stages[0], { inProcess: false });
  });

  t.test('what it has to say stands in the log like the standard error of a program', async (t) => {
    const { result } = await run([reader('printf xy'), filter('das2_double --say')], {}, findFilter);
    t.match(result, { ok: true, stages: [{}, { status: 0, standardError: 'das2_double: something odd\n' }] });
  });
  t.test('the exact arguments where there are such', async (t) => {
    const stage = { ...filter('das2_double', 'rounded'), inProcessArgs: ['exact'] };
    t.equal((await run([reader('printf xy'), stage], {}, findFilter)).output, 'exactxyxy');
  });
  t.test('first byte early: flushed when the reader pauses', async (t) => {
    const pipeline = await start([reader('hang-after-header'), filter('das2_double')], {}, findFilter);
    t.equal(await pipeline.firstByte, true);
    await pipeline.cancel('clientGone');
    const slow = await start(
      [reader('printf a; sleep 0.3; printf b; exec sleep 100'), filter('das2_double')],
      {},
      findFilter,
    );
    const sink = new Collector();
    const done = slow.deliver(sink);
    t.ok(await until(() => sink.text === 'aabb'));
    await slow.cancel('clientGone');
    await done;
  });
  t.test('a fault: what was finished goes out, the reader is ended, the status is the program’s', async (t) => {
    const { output, result } = await run(
      [reader('printf "ab!cd"; exec sleep 100'), filter('das2_double')],
      {},
      findFilter,
    );
    t.equal(output, 'abab');
    t.match(result, { ok: false, failedStage: { status: 22, standardError: 'das2_double: a bang\n' } });
    t.match(result.stages[0], { endedByServer: true });
  });
  t.test('a usage error', async (t) => {
    const { result } = await run([reader('forever'), filter('das2_double --bad')], {}, findFilter);
    t.match(result, { ok: false, bytes: 0, failedStage: { status: 100, standardError: /no such option/ } });
  });
  t.test('no input: not asked to finish', async (t) => {
    const { output, result } = await run([reader('nothing'), filter('das2_double', 'x')], {}, findFilter);
    t.equal(output, '');
    t.match(result, { ok: true, bytes: 0 });
  });
  t.test('its buffers are its own, also before a slow client', async (t) => {
    const pipeline = await start(
      [reader('yes 0123456 | head -c 800000'), filter('das2_double'), filter('cat')],
      {},
      findFilter,
    );
    let text = '';
    const result = await pipeline.deliver({
      async write(bytes) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        text += Buffer.from(bytes).toString('latin1');
      },
    });
    t.match(result, { ok: true, bytes: 1_600_000 });
    t.equal(text.includes('*'), false);
    t.equal(text.length, 1_600_000);
  });
});
