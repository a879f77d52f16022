/** Reading logs back: lines, files, requests, filters. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { filesOf, listLogFiles, parseSubject } from '../../lib/log/log-files.js';
import { parseLogLine } from '../../lib/log/log-line.js';
import { type LogFilter, readLogLines, scanLogs } from '../../lib/log/log-requests.js';
import { requestLog } from '../../lib/log/request-log.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const TIME = Date.UTC(2019, 7, 27, 12, 34, 56);

t.test('a line is read as it was written', async (t) => {
  const folder = temporaryFolder(t).path;
  const settings = { folder, keepDays: 3, localTime: false };
  const log = requestLog({ settings, address: '192.0.2.1', time: TIME });
  log.line('a ] b');
  log.line('');
  log.close();
  const file = listLogFiles(folder)[0];
  const [first, second] = file === undefined ? [] : scanLogs([file], {}).requests.flatMap((r) => readLogLines(r, 1e6));
  t.same(parseLogLine(first ?? ''), { time: TIME, pid: process.pid, number: 0, text: 'a ] b' });
  t.equal(parseLogLine(second ?? '')?.text, '');
  for (const line of [
    '',
    'x',
    '[Tue Aug 27 12:34:56 2019 1]',
    '[Tue Xxx 27 12:34:56 2019 1    0] x',
    ' [Tue Aug 27 12:34:56 2019 1    0] x',
  ])
    t.equal(parseLogLine(line), undefined, line);
  t.equal(parseLogLine('[Tue Aug  7 12:34:56 2019 1    0] x')?.time, Date.UTC(2019, 7, 7, 12, 34, 56));
});

t.test('whose log', async (t) => {
  const key = (text: string) => parseSubject(text)?.key;
  t.equal(key('::ffff:192.0.2.1'), key('192.0.2.1'));
  t.equal(key('2001:DB8:0:0::1'), key('2001:db8::1'));
  t.equal(parseSubject('2001:DB8:0:0:1:0:0:1')?.text, '2001:db8::1:0:0:1');
  t.equal(parseSubject('0:0:0:0:0:0:0:0')?.text, '::');
  t.equal(parseSubject('2001:db8:0:3:4:5:6:7')?.text, '2001:db8:0:3:4:5:6:7', 'one group of zeros is written');
  t.equal(parseSubject('::ffff:192.0.2.1')?.text, '192.0.2.1');
  t.equal(parseSubject('arbiter_host.example')?.isAddress, false);
  for (const bad of [
    '',
    '../../x',
    '1.2.3',
    '1.2.3.4/8',
    'arbiter_',
    'arbiter_../x',
    'x',
    '1.2.3.4\n',
    'fe80::1%eth0',
    'a'.repeat(80),
  ])
    t.equal(parseSubject(bad), undefined, JSON.stringify(bad));
});

t.test('files are found by what they are called, links are not', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of [
    'das2.192.0.2.1_0.log',
    'das2.::ffff:192.0.2.1_2.log',
    'das2.192.0.2.10_0.log',
    'das2.access_201908.log',
    'other.log',
  ])
    folder.write(name, 'x');
  mkdirSync(join(folder.path, 'das2.192.0.2.1_1.log'));
  symlinkSync(folder.write('secret', 'x'), join(folder.path, 'das2.192.0.2.1_7.log'));
  const subject = parseSubject('192.0.2.1');
  t.ok(subject);
  if (subject === undefined) return;
  const found = filesOf(listLogFiles(folder.path), subject).map(({ path }) => path.slice(folder.path.length + 1));
  t.same(found.sort(), ['das2.192.0.2.1_0.log', 'das2.::ffff:192.0.2.1_2.log']);
  t.same(listLogFiles(join(folder.path, 'missing')), []);
  t.same(listLogFiles(undefined), []);
});

function logFile(t: Test, lines: readonly string[]) {
  const folder = temporaryFolder(t);
  folder.write('das2.192.0.2.1_0.log', lines.map((line) => `${line}\n`).join(''));
  const files = listLogFiles(folder.path);
  const scan = (filter: LogFilter = {}) => {
    const result = scanLogs(files, filter);
    return {
      ...result,
      texts: result.requests.map((request) =>
        readLogLines(request, 1e6).map((line) => line.slice(line.indexOf(']') + 2)),
      ),
    };
  };
  return { folder, scan };
}

const at = (clock: string, pid: number, number: number, text: string): string =>
  `[Tue Aug 27 ${clock} 2019 ${pid} ${String(number).padStart(4)}] ${text}`;

t.test('lines of one request belong together, also where two take turns', async (t) => {
  const { scan } = logFile(t, [
    at('12:00:00', 7, 0, 'Request aaa: GET /x'),
    at('12:00:00', 7, 1, 'a1'),
    at('12:00:00', 7, 0, 'Request bbb: GET /y'),
    at('12:00:00', 7, 2, 'a2'),
    at('12:00:00', 7, 1, 'b1'),
    at('12:00:00', 8, 0, 'Request ccc: GET /z'),
    'a torn li',
    at('11:59:59', 7, 5, 'begin was cut'),
  ]);
  const { texts, requests, otherLines } = scan();
  t.same(texts, [
    ['Request ccc: GET /z'],
    ['Request bbb: GET /y', 'b1'],
    ['Request aaa: GET /x', 'a1', 'a2'],
    ['begin was cut'],
  ]);
  t.equal(otherLines, 1);
  t.same(
    requests.map(({ requestId }) => requestId),
    ['ccc', 'bbb', 'aaa', undefined],
  );
});

t.test('requests that the older server has logged', async (t) => {
  const { scan } = logFile(t, [
    at('10:00:00', 1, 0, 'Input'),
    at('10:00:00', 1, 1, '   Parameters: server=list'),
    at('10:00:00', 1, 2, 'Query handled without error in 20.1 milliseconds.'),
    at('11:00:00', 2, 0, 'Input'),
    at('11:00:00', 2, 1, 'Error handling query, return value = 26'),
    at('12:00:00', 3, 0, 'Input'),
    // Not its end: what a client has put into a request of ours.
    at('13:00:00', 4, 0, 'Request abc: GET /x'),
    at('13:00:00', 4, 1, 'Query handled without error'),
  ]);
  t.same(
    scan().requests.map(({ pid, hasEnded, level }) => [pid, hasEnded, level]),
    [
      [4, false, 'info'],
      [3, false, 'info'],
      [2, true, 'error'],
      [1, true, 'info'],
    ],
  );
  t.same(
    scan({ level: 'error' }).requests.map(({ pid }) => pid),
    [2],
  );
});

t.test('filters', async (t) => {
  const request = (clock: string, id: string, ...texts: string[]) => [
    at(clock, 1, 0, `Request ${id}: GET http://x/?dataset=Examples/${id}`),
    ...texts.map((text, i) => at(clock, 1, i + 1, text)),
  ];
  const { scan } = logFile(t, [
    ...request('10:00:00', 'good', 'Answered 200, 5 bytes in 0.1 s'),
    ...request('11:00:00', 'refused', 'Refused (illegalArgument): no', 'Answered 400, 5 bytes in 0.1 s'),
    ...request('12:00:00', 'failed', 'Failed (readerFailed), request failed: x', 'Answered 500, 5 bytes in 0.1 s'),
    ...request('13:00:00', 'late', 'Failed (readerFailed), request late: x', 'Answered 200, 5 bytes in 0.1 s'),
    ...request('14:00:00', 'gone', 'Answered 200, 5 bytes in 0.1 s, client has gone'),
    ...request('15:00:00', 'cut', 'Answered 200, 5 bytes in 0.1 s, answer was cut'),
    ...request('16:00:00', 'open'),
  ]);
  const ids = (filter: LogFilter) => scan(filter).requests.map(({ requestId }) => requestId);
  const hour = (hours: number) => Date.UTC(2019, 7, 27, hours);
  t.same(ids({}), ['open', 'cut', 'gone', 'late', 'failed', 'refused', 'good']);
  t.same(ids({ level: 'error' }), ['cut', 'late', 'failed']);
  t.same(ids({ level: 'warning' }), ['cut', 'gone', 'late', 'failed', 'refused']);
  t.same(ids({ from: hour(11), to: hour(13) }), ['failed', 'refused']);
  t.same(ids({ grep: 'EXAMPLES/g' }), ['gone', 'good']);
  t.same(ids({ grep: '.*' }), [], 'no pattern, plain text');
  t.same(ids({ status: '4' }), ['refused']);
  t.same(ids({ status: '200', level: 'error' }), ['cut', 'late']);
  t.same(ids({ requestId: 'late' }), ['late']);
});

t.test('large files: the end counts, and lines without end do not break anything', async (t) => {
  const { folder, scan } = logFile(t, []);
  const line = `${at('12:00:00', 1, 0, 'x'.repeat(1000))}\n`;
  const filler = 'y'.repeat(3 << 20);
  writeFileSync(join(folder.path, 'das2.192.0.2.1_0.log'), `${line}${filler}\n${'z'.repeat(100)}\n${line}`);
  const { requests, texts } = scan();
  t.equal(requests.length, 2);
  t.same(texts.flat(), ['x'.repeat(1000), 'x'.repeat(1000)]);
  const [request] = requests;
  t.equal(request === undefined ? 0 : readLogLines(request, 100).join('').length, 100);
});

t.test('requests of one second in one process are told apart, however their lines lie', async (t) => {
  const folder = temporaryFolder(t).path;
  const settings = { folder, keepDays: 3, localTime: false };
  const open = (id: string, time = TIME) => {
    const log = requestLog({ settings, address: '192.0.2.1', time, id });
    log.line(`Request ${id}: GET /x`);
    return log;
  };
  const shown = () => {
    const [file] = listLogFiles(folder);
    const { requests } = scanLogs(file === undefined ? [] : [file], {});
    return Object.fromEntries(
      requests.map((request) => [
        request.requestId,
        readLogLines(request, 1e6).map((line) => parseLogLine(line)?.text.replace(/ \(request \w+\)$/, '')),
      ]),
    );
  };
  // One behind the other: the second one has more lines.
  const first = open('aaa');
  first.line('a1');
  first.close();
  const second = open('bbb');
  for (const text of ['b1', 'b2', 'b3']) second.line(text);
  // At the same time: each waits for the same number.
  const third = open('ccc');
  const fourth = open('ddd');
  third.line('c1');
  fourth.line('d1');
  fourth.line('d2');
  third.line('c2');
  second.line('b4');
  fourth.line('Answered 200, 5 bytes in 0.1 s, answer was cut');
  for (const log of [second, third, fourth]) log.close();
  const alone = open('eee', TIME + 5000);
  alone.line('e1');
  alone.close();
  t.same(shown(), {
    aaa: ['Request aaa: GET /x', 'a1'],
    bbb: ['Request bbb: GET /x', 'b1', 'b2', 'b3', 'b4'],
    ccc: ['Request ccc: GET /x', 'c1', 'c2'],
    ddd: ['Request ddd: GET /x', 'd1', 'd2', 'Answered 200, 5 bytes in 0.1 s, answer was cut'],
    eee: ['Request eee: GET /x', 'e1'],
  });
  const [file] = listLogFiles(folder);
  t.match(scanLogs(file === undefined ? [] : [file], { level: 'error' }).requests, [{ requestId: 'ddd', status: 200 }]);
  t.match(readFileSync(file?.path ?? '', 'utf8'), /\] e1\n/, 'nothing is added where nothing is needed');
});
