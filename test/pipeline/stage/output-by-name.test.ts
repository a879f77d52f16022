import { join } from 'node:path';
import t from 'tap';
import { outputByNameAdvice } from '../../../lib/pipeline/stage/output-by-name.js';
import type { Stage } from '../../../lib/pipeline/stage/stage.js';
import { filter, HEADER, isRunning, processIds, reader, run, start, temporaryFolder, until } from '../tools.js';

function byName(command: string, ...args: string[]): Stage {
  return { ...reader(command, ...args), outputByName: true };
}

const OPENS = `sh -c 'echo "out $*" > /dev/stdout; echo "said $1" > /dev/stderr' x`;

t.test('a reader that opens its output by name', async (t) => {
  const plain = await run([reader(OPENS, 'a')]);
  t.equal(plain.result.ok, false);
  t.match(
    outputByNameAdvice(plain.result.stages[0] as never),
    /set outputByName = 1/,
    'the operator is told what to do',
  );

  const script = await run([reader('echo data > /dev/stdout; true')]);
  t.match(
    script.result,
    { ok: false, failedStage: { status: 0 } },
    'nothing was written, which does not mean that there are no data',
  );

  const { output, result } = await run([byName(OPENS, 'a b', "it's", '$(id)')]);
  t.equal(output, "out a b it's $(id)\n", 'arguments are words and never shell text');
  t.match(result, { ok: true, stages: [{ status: 0, standardError: 'said a b\n' }] });
});

t.test('it has its own three descriptors and no other', async (t) => {
  const listing = `sh -c 'for n in 3 4 5 6 7; do [ -e /proc/$$/fd/$n ] && echo $n; done; echo done'`;
  t.equal((await run([byName(listing)])).output, 'done\n');
});

t.test('the status is that of the reader', async (t) => {
  const cases: [string, number][] = [
    ['exit-at-once', 7],
    ['header-then-fail', 3],
    ['no-such-program-anywhere', 127],
    ['/etc/passwd', 126],
    ['true; exit 9;', 9],
    ['cd /nowhere &&', 2],
    ['sh -c "kill -SEGV \\$\\$"', 128 + 11],
  ];
  for (const [command, status] of cases) {
    const { result } = await run([byName(command)]);
    const seen = result.failedStage?.status;
    // A `cd` that fails gives 1 or 2.
    t.ok(status === 2 ? seen === 1 || seen === 2 : seen === status, `${command}: ${seen}`);
  }
  const { output, result } = await run([byName('half-packet')]);
  t.equal(output, `${HEADER}[xx]0`, 'all bytes come through in front of the failure');
  t.match(result, { failedStage: { status: 3 } });
});

t.test('long output, both ways at once, comes through whole', async (t) => {
  const { output, result } = await run([
    byName(`sh -c 'head -c 3000000 /dev/zero > /dev/stderr & head -c 3000000 /dev/zero; wait'`),
  ]);
  t.equal(output.length, 3_000_000);
  t.match(result, { ok: true, stages: [{ bytesOut: 3_000_000 }] });
  t.equal(result.stages[0]?.standardError.length, 65_536);
});

t.test('a stage behind it that has read enough ends it without a failure', async (t) => {
  const { output, result } = await run([byName('yes'), filter('head -c 10')]);
  t.equal(output, 'y\ny\ny\ny\ny\n');
  t.equal(result.failedStage, undefined);
});

t.test('it is ended with all of its processes', async (t) => {
  const file = join(temporaryFolder(t), 'pids');
  const pipeline = await start([
    byName(`sh -c 'sleep 1000 & echo $$ $! > ${file}; echo x > /dev/stdout; exec sleep 1001'`),
  ]);
  t.equal(await pipeline.firstByte, true);
  t.ok(processIds(file).every(isRunning));
  await pipeline.cancel('clientGone');
  t.ok(await until(() => !processIds(file).some(isRunning)));
});

t.test('advice is for that one cause', (t) => {
  const stage = {
    role: 'reader',
    commandLine: 'x',
    inProcess: false,
    signal: undefined,
    bytesIn: 0,
  } as const;
  const advice = (standardError: string, status = 1, bytesOut = 0): string | undefined =>
    outputByNameAdvice({ ...stage, status, bytesOut, standardError, endedByServer: false });
  t.ok(advice("OSError: [Errno 6] No such device or address: '/dev/stdout'"));
  t.ok(advice('Fortran runtime error: Cannot open file "/dev/stderr": No such device or address'));
  t.notOk(advice('/dev/sda: No such device or address'));
  t.notOk(advice('/dev/stdout: permission denied'));
  t.ok(advice('/dev/stdout: No such device or address', 0), 'a script may end well although its program failed');
  t.notOk(advice('/dev/stderr: No such device or address', 0, 100), 'not where data came');
  t.end();
});
