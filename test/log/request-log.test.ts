/** The text log and the access log: format, rotation, escapes, concurrent processes (server-internals 5.1). */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AccessRecord, writeAccessRecord } from '../../lib/log/access-log.js';
import { addressForFile, escapeLine, lastPart, logDay, logTime, TEXT_LIMIT } from '../../lib/log/log-text.js';
import { logFile, requestLog } from '../../lib/log/request-log.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const DAY = 86_400_000;
/** Tuesday, 18135 days after 1970-01-01: slot 0 of 3. */
const TIME = Date.UTC(2019, 7, 27, 12, 34, 56);
const PATTERN = /^\[(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \d+ [ \d]{3}\d\] .*$/;

function setUp(t: Test) {
  const folder = temporaryFolder(t).path;
  const settings = { folder, keepDays: 3, localTime: false };
  const log = (address = '192.0.2.1', time = TIME) => requestLog({ settings, address, time });
  const file = (address = '192.0.2.1', time = TIME): string => logFile(settings, 'das2', address, time);
  return { folder, settings, log, file };
}

t.test('time and file name', async (t) => {
  t.equal(logTime(TIME, false), 'Tue Aug 27 12:34:56 2019');
  t.equal(logTime(Date.UTC(2020, 0, 1), false), 'Wed Jan  1 00:00:00 2020');
  t.equal(logDay(TIME, false), 18135);
  t.equal(logDay(TIME - 13 * 3_600_000, false), 18134);
  const { file, folder } = setUp(t);
  t.equal(file(), join(folder, 'das2.192.0.2.1_0.log'));
  t.equal(file('::1', TIME + DAY), join(folder, 'das2.::1_1.log'));
  t.equal(file('', TIME + 2 * DAY), join(folder, 'das2.None_2.log'));
  t.equal(file('', TIME + 3 * DAY), join(folder, 'das2.None_0.log'));
  t.equal(addressForFile('../../etc/x\0'), '....etcx');
  t.equal(addressForFile('a'.repeat(100)).length, 64);
});

t.test('local time', async (t) => {
  const script = `
    import { logTime, logDay } from './log-text.mjs';
    process.stdout.write(logTime(${TIME}, true) + '|' + logDay(${TIME}, true));`;
  const folder = temporaryFolder(t);
  const { transformSync } = await import('esbuild');
  const source = readFileSync(new URL('../../lib/log/log-text.ts', import.meta.url), 'utf8');
  folder.write('log-text.mjs', transformSync(source, { loader: 'ts' }).code);
  const main = folder.write('main.mjs', script);
  const run = (zone: string): string =>
    execFileSync(process.execPath, [main], { encoding: 'utf8', env: { PATH: process.env.PATH, TZ: zone } });
  t.equal(run('America/Chicago'), 'Tue Aug 27 07:34:56 2019|18135');
  t.equal(run('Pacific/Auckland'), 'Wed Aug 28 00:34:56 2019|18136');
});

t.test('lines', async (t) => {
  const { log, file } = setUp(t);
  const one = log();
  one.line('first');
  one.line('agent\n[Tue Aug 27 12:34:56 2019 1    0] forged\x1b[31m\u2028x\u0085');
  one.text('out 1\n\n  \nout 2\r\nout 3');
  one.close();
  log().line('another request');
  const lines = readFileSync(file(), 'utf8').split('\n');
  t.equal(lines.pop(), '');
  for (const line of lines) t.match(line, PATTERN);
  const prefix = (number: number): string => `[Tue Aug 27 12:34:56 2019 ${process.pid} ${String(number).padStart(4)}] `;
  t.same(lines, [
    `${prefix(0)}first`,
    `${prefix(1)}agent\\x0a[Tue Aug 27 12:34:56 2019 1    0] forged\\x1b[31m\\u2028x\\x85`,
    `${prefix(2)}out 1`,
    `${prefix(3)}out 2`,
    `${prefix(4)}out 3`,
    `${prefix(0)}another request`,
  ]);
  t.equal(escapeLine('a\0b\tc'), 'a\\x00b\\x09c');
});

t.test('long texts keep their end', async (t) => {
  const text = `${'x'.repeat(100_000)}\nend`;
  t.match(lastPart(text), /^\(\d+ characters left out\)\nx+\nend$/);
  t.ok(lastPart(text).length < TEXT_LIMIT + 100);
  t.equal(lastPart('short'), 'short');
  const { log, file } = setUp(t);
  const one = log();
  one.text(`${'line\n'.repeat(50_000)}last`);
  t.match(readFileSync(file(), 'utf8'), /left out\)\n[\s\S]*last\n$/);
});

t.test('a line of a client that sends megabytes is cut', async (t) => {
  const { log, file } = setUp(t);
  log().line(`Request ${'x'.repeat(3_000_000)}`, 'next');
  const text = readFileSync(file(), 'utf8');
  t.match(text, /\] Request x+\.\.\. \(3000008 characters\)\n.*\] next\n$/);
  t.ok(text.length < 20_000);
});

t.test('a file of an earlier round is emptied, a fresh one is not', async (t) => {
  const { log, file } = setUp(t);
  const write = (age: number): string => {
    writeFileSync(file(), 'old\n');
    utimesSync(file(), (TIME - age) / 1000, (TIME - age) / 1000);
    const one = log();
    one.line('new');
    one.close();
    return readFileSync(file(), 'utf8');
  };
  t.notMatch(write(3 * DAY), 'old');
  t.notMatch(write(2 * DAY + 1000), 'old');
  t.match(write(2 * DAY - 1000), /^old\n.*new/);
  t.match(write(0), /^old\n.*new/);
  t.notOk(existsSync(`${file()}.lock`));
});

t.test('a lock that a dead process left does not stop rotation for good', async (t) => {
  const { log, file } = setUp(t);
  writeFileSync(file(), 'old\n');
  utimesSync(file(), (TIME - 3 * DAY) / 1000, (TIME - 3 * DAY) / 1000);
  writeFileSync(`${file()}.lock`, '');
  utimesSync(`${file()}.lock`, TIME / 1000, TIME / 1000);
  log().line('new');
  t.notMatch(readFileSync(file(), 'utf8'), 'old');
});

t.test('failures never reach the request', async (t) => {
  const { folder, settings } = setUp(t);
  const complaints: string[] = [];
  const { writeSync } = await import('node:fs');
  const capture = async (options: { folder: string | undefined }) => {
    const { requestLog: isolated } = await t.mockImport<typeof import('../../lib/log/request-log.js')>(
      '../../lib/log/request-log.js',
      {
        'node:fs': t.createMock(await import('node:fs'), {
          writeSync: (descriptor: number, bytes: Uint8Array) => {
            if (descriptor !== 2) return writeSync(descriptor, bytes);
            complaints.push(Buffer.from(bytes).toString());
            return bytes.length;
          },
        }),
      },
    );
    isolated({ settings: { ...settings, folder: options.folder }, address: 'x', time: TIME }).line('hello');
  };
  await capture({ folder: join(folder, 'missing') });
  await capture({ folder: undefined });
  t.equal(complaints.length, 2);
  for (const line of complaints) t.match(line.trimEnd(), PATTERN);

  // A link in the place of a log file is not followed.
  symlinkSync(join(folder, 'target'), logFile(settings, 'das2', 'x', TIME));
  await capture({ folder });
  t.equal(complaints.length, 3);
  t.notOk(existsSync(join(folder, 'target')));
});

/** Twenty processes that begin at one moment; each runs `body` with a log maker in scope. What they say on standard error. */
async function runTwenty(t: Test, folder: string, body: string): Promise<string> {
  const program = temporaryFolder(t);
  const { buildSync } = await import('esbuild');
  const entry = program.write(
    'main.ts',
    `import { existsSync } from 'node:fs';
import { requestLog } from ${JSON.stringify(new URL('../../lib/log/request-log.ts', import.meta.url).pathname)};
const settings = { folder: ${JSON.stringify(folder)}, keepDays: 3, localTime: false };
const logOf = (address) => requestLog({ settings, address, time: ${TIME} });
while (!existsSync(${JSON.stringify(join(program.path, 'go'))})) {}
${body}
`,
  );
  const output = join(program.path, 'main.mjs');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile: output });
  const said = join(program.path, 'said');
  execFileSync('sh', [
    '-c',
    `i=0; while [ $i -lt 20 ]; do "$0" "$1" 2>> "$3" & i=$((i+1)); done; sleep 1; : > "$2"; wait`,
    process.execPath,
    output,
    join(program.path, 'go'),
    said,
  ]);
  return readFileSync(said, 'utf8');
}

t.test('many processes at once', async (t) => {
  const { folder } = setUp(t);
  const said = await runTwenty(
    t,
    folder,
    `const log = logOf('x'); for (let i = 0; i < 50; i++) log.line('x'.repeat(500) + i);`,
  );
  const lines = readFileSync(join(folder, 'das2.x_0.log'), 'utf8').trimEnd().split('\n');
  t.equal(lines.length, 1000, said);
  t.ok(lines.every((line) => /^\[Tue Aug 27 12:34:56 2019 \d+ [ \d]{4}\] x{500}\d+$/.test(line)));
});

t.test('many processes at once when a file is due to start afresh', async (t) => {
  const { folder, file } = setUp(t);
  const addresses = Array.from({ length: 25 }, (_, i) => `x${i}`);
  for (const address of addresses) {
    writeFileSync(file(address), 'old\n');
    utimesSync(file(address), (TIME - 3 * DAY) / 1000, (TIME - 3 * DAY) / 1000);
  }
  const body = `for (let i = 0; i < 25; i++) { const log = logOf('x' + i); log.line('one'); log.line('two'); log.close(); }`;
  const PATTERN = /^\[.{24} \d+ {4}[01]\] (one|two)$/;
  // Who would have to wait for seconds, on a machine that stands still in the middle of a rotation, says it on standard error.
  const said = (await runTwenty(t, folder, body)).split('\n').filter((line) => PATTERN.test(line));
  t.ok(said.length < 200, `${said.length} lines on standard error`);
  let count = said.length;
  for (const address of addresses) {
    const lines = readFileSync(file(address), 'utf8').trimEnd().split('\n');
    count += lines.length;
    t.ok(lines.every((line) => PATTERN.test(line)));
    t.ok(lines.length === 40 || said.length > 0, address);
  }
  t.equal(count, 25 * 40, 'no line is lost, none is there twice');
  t.same(readdirSync(folder).length, 25, 'no lock, nothing old');
});

t.test('with one day to keep, each day starts afresh', async (t) => {
  const { folder } = setUp(t);
  const settings = { folder, keepDays: 1, localTime: false };
  const name = logFile(settings, 'das2', 'x', TIME);
  const write = (time: number, changed: number): string => {
    utimesSync(name, changed / 1000, changed / 1000);
    const log = requestLog({ settings, address: 'x', time });
    log.line('new');
    log.close();
    return readFileSync(name, 'utf8');
  };
  const midnight = Date.UTC(2019, 7, 27);
  writeFileSync(name, 'old\n');
  t.match(write(TIME, midnight + 1000), /^old\n.*new/, 'of the same day');
  t.notMatch(write(TIME, midnight - 1000), 'old', 'of the day before');
});

t.test('lines do not go into a file that somebody is about to move away', async (t) => {
  const { folder, file } = setUp(t);
  writeFileSync(file(), 'old\n');
  utimesSync(file(), (TIME - 3 * DAY) / 1000, (TIME - 3 * DAY) / 1000);
  const script = `import { requestLog } from './request-log.mjs';
requestLog({ settings: { folder: ${JSON.stringify(folder)}, keepDays: 3, localTime: false }, address: '192.0.2.1', time: ${TIME} }).line('kept');`;
  const program = temporaryFolder(t);
  const { buildSync } = await import('esbuild');
  buildSync({
    entryPoints: [new URL('../../lib/log/request-log.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(program.path, 'request-log.mjs'),
  });
  const main = program.write('main.mjs', script);
  const { spawnSync } = await import('node:child_process');
  // A live process holds the lock and does not go on.
  writeFileSync(`${file()}.lock`, '');
  const result = spawnSync(process.execPath, [main], { encoding: 'utf8' });
  t.match(result.stderr, /\] kept\n$/, 'they go to standard error instead');
  t.equal(readFileSync(file(), 'utf8'), 'old\n');
});

t.test('access records', async (t) => {
  const { folder } = setUp(t);
  const settings = { folder, enabled: true, keepMonths: 2 };
  const record = (time: string, extra: Partial<AccessRecord> = {}): AccessRecord => ({
    time,
    address: '192.0.2.1',
    method: 'GET',
    path: '',
    status: 200,
    bytes: 1,
    firstByte: 0.001,
    duration: 0.002,
    requestId: 'abc',
    agent: 'x\n"y"',
    ...extra,
  });
  const old = [
    'das2.access_201905.log',
    'das2.access_201906.log',
    'das2.access_201806.log',
    'das2.access_2019.log',
    'other.log',
  ];
  for (const name of old) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'das2.access_201907.log'), 'kept\n');
  writeAccessRecord(settings, record('2019-08-27T12:34:56.000Z'));
  writeAccessRecord(settings, record('2019-08-28T12:34:56.000Z', { dataset: 'A/B', agent: 'z'.repeat(1000) }));
  const lines = readFileSync(join(folder, 'das2.access_201908.log'), 'utf8').trimEnd().split('\n');
  t.equal(lines.length, 2);
  t.match(JSON.parse(lines[0] ?? ''), { status: 200, agent: 'x\n"y"', requestId: 'abc' });
  t.match(JSON.parse(lines[1] ?? ''), { dataset: 'A/B', agent: 'z'.repeat(300) });
  t.same(readdirSync(folder).sort(), [
    'das2.access_2019.log',
    'das2.access_201907.log',
    'das2.access_201908.log',
    'other.log',
  ]);

  writeAccessRecord({ ...settings, enabled: false }, record('2019-09-01T00:00:00.000Z'));
  writeAccessRecord({ ...settings, folder: undefined }, record('2019-09-01T00:00:00.000Z'));
  writeAccessRecord({ ...settings, folder: join(folder, 'missing') }, record('2019-09-01T00:00:00.000Z'));
  t.notOk(existsSync(join(folder, 'das2.access_201909.log')));
  mkdirSync(join(folder, 'das2.access_201910.log'));
  t.equal(writeAccessRecord(settings, record('2019-10-01T00:00:00.000Z')), 'EISDIR', 'a folder in its place');
  t.equal(writeAccessRecord(settings, record('2019-08-29T00:00:00.000Z')), undefined);
});
