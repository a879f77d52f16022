/**
 * das2_srv_usage as a process, and what its reports are made of: dimensions, sums, damaged logs.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { agentClass, networkOf } from '../../../lib/worker/usage/dimensions.js';
import { parseUsageRecord } from '../../../lib/worker/usage/records.js';
import { type UsageCounts, usageReport } from '../../../lib/worker/usage/report.js';
import { countTurns } from '../../tools/count-turns.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

const folder = temporaryFolder(t);
const [program = '', ...before] = await toolCommand(folder, 'srv_usage', 'das2_srv_usage');

const AUTOPLOT = 'Autoplot v2025a_15 (Java/17)';
const RECORDS = [
  { time: '2026-02-28T23:59:59.999Z', address: '10.0.0.1', dataset: 'A/b', bytes: 10, cache: 'hit', agent: AUTOPLOT },
  { time: '2026-03-01T00:00:00.000Z', address: '10.0.0.2', dataset: 'A/b', bytes: 20, cache: 'miss', agent: AUTOPLOT },
  { time: '2026-03-01T10:00:00.000Z', address: '10.0.1.1', dataset: 'A/b', bytes: 30, cache: 'hit', agent: 'das2py' },
  { time: '2026-03-02T10:00:00.000Z', address: '10.0.0.2', dataset: 'A/c', bytes: 40, user: 'ada', agent: '' },
  { time: '2026-03-02T11:00:00.000Z', address: '10.0.0.2', dataset: 'Ab', status: 404, bytes: 5, agent: 'curl/8.5' },
  { time: '2026-03-31T23:00:00.000Z', address: '2001:db8:1:2::3', bytes: 7, agent: 'Mozilla/5.0 (X11)' },
  { time: '2026-03-31T23:30:00.000Z', address: '10.9.9.9', dataset: 'A/b', bytes: 99, agent: 'Googlebot/2.1' },
];
const lines = (month: string) =>
  RECORDS.filter(({ time }) => time.startsWith(month))
    .map(({ time, ...record }) => JSON.stringify({ time, status: 200, ...record }))
    .join('\n');
folder.write('log/das2.access_202602.log', `${lines('2026-02')}\n`);
// The first one was cut where the disk was full, and the next one appended to it.
const CUT = '{"time":"2026-03-01T00:00:00.000Z","addr';
folder.write(
  'log/das2.access_202603.log',
  `${CUT}${lines('2026-03')}\nno record\n\n{"time":5}\nnull\n{"time":"2026-03`,
);
folder.write('log/das2.access_2026.log', 'not a month');
const file = folder.write('etc/das2server.conf', 'DSDF_ROOT = ../datasets\nLOG_PATH = ../log\n');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, [...before, '-c', file, ...args], { input: '' });
  return { status, output: stdout.toString(), errors: stderr.toString() };
}

const report = (...args: string[]) => JSON.parse(run('--json', ...args).output);

t.test('a name with control characters stays in its cell', async (t) => {
  const odd = { time: '2025-01-01T00:00:00.000Z', address: '10.0.0.1', dataset: 'A\nb\u001b[31m', status: 200 };
  folder.write('log/das2.access_202501.log', `${JSON.stringify(odd)}\n`);
  t.teardown(() => rmSync(join(folder.path, 'log/das2.access_202501.log')));
  t.match(run('--month', '2025-01').output, /^2025-01 A b \[31m +1 /m);
  t.match(report('--month', '2025-01').counts, [{ dataset: 'A\nb\u001b[31m', requests: 1 }]);
});

t.test('a month: by source, with sums', async (t) => {
  const table = run('--month', '2026-03');
  t.equal(table.status, 0);
  t.equal(
    table.output,
    `month   data source requests failed bytes cached addresses users robots
------- ----------- -------- ------ ----- ------ --------- ----- ------
2026-03 (none)             1      0     7      0         1     0      0
2026-03 A/b                2      0    50      1         2     0      1
2026-03 A/c                1      0    40      0         1     1      0
2026-03 Ab                 1      1     5      0         1     0      0
------- ----------- -------- ------ ----- ------ --------- ----- ------
all                        5      1   102      1         3     1      1
`,
  );
  t.match(table.errors, /5 lines of the logs are no records/);
  const json = report('--month', '2026-03');
  t.match(json, { begin: '2026-03-01', end: '2026-04-01', by: ['month', 'dataset'], unreadable: 5 });
  t.match(json.counts[1], { month: '2026-03', dataset: 'A/b', requests: 2, bytes: 50, addresses: 2 });
  t.match(json.total, { requests: 5, addresses: 3 });
});

t.test('by anything else', async (t) => {
  const agents = report('--by', 'agent').counts.map((row: { agent: string; requests: number }) => [
    row.agent,
    row.requests,
  ]);
  t.strictSame(agents, [
    ['Autoplot', 2],
    ['browser', 1],
    ['curl', 1],
    ['das2', 1],
    ['robot', 0],
    ['unnamed', 1],
  ]);
  const networks = report('--by', 'network,day', '2026-03-01', '2026-03-02').counts;
  t.match(networks, [
    { network: '10.0.0.0/24', day: '2026-03-01', requests: 1 },
    { network: '10.0.1.0/24', day: '2026-03-01', requests: 1 },
  ]);
  t.equal(report('--dataset', 'A').total.requests, 4, 'a folder, and not what only begins like it');
  t.equal(report('--dataset', 'A/c').total.requests, 1);
  t.equal(report('2026-03-02').total.requests, 3);
  t.equal(networkOf('2001:db8:1:2::3'), '2001:db8:1::/48');
  t.equal(networkOf('::ffff:10.0.0.9'), '10.0.0.0/24');
  t.equal(networkOf('somebody'), 'somebody');
  t.equal(agentClass('Java/1.8.0'), 'Java');
  t.equal(agentClass('das2C 2.3'), 'das2');
  t.equal(agentClass('x'), 'other');
});

t.test('sums of rows are the sums of all, whatever makes a row', async (t) => {
  const anyRecord = fc.record({
    time: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-02-01T00:00:00.000Z'),
    address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.5.1', '::1'),
    dataset: fc.constantFrom('', 'A', 'A/b', 'B'),
    agent: fc.constantFrom('', 'bot', AUTOPLOT),
    status: fc.constantFrom(200, 404, 500),
    bytes: fc.nat(1000),
  });
  const inner = temporaryFolder(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRecord, { maxLength: 40 }),
      fc.subarray(['month', 'day', 'dataset', 'network', 'agent'] as const),
      async (records, by) => {
        inner.write('das2.access_202601.log', records.map((record) => JSON.stringify(record)).join('\n'));
        const { counts, total } = await usageReport(inner.path, { by });
        for (const name of ['requests', 'failed', 'bytes', 'robots'] as const satisfies (keyof UsageCounts)[]) {
          t.equal(
            counts.reduce((sum, row) => sum + row[name], 0),
            total[name],
          );
        }
        t.equal(total.requests + total.robots, records.length);
        const people = records.filter(({ agent }) => agent !== 'bot');
        t.equal(total.addresses, new Set(people.map(({ address }) => address)).size);
      },
    ),
    { numRuns: 30 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseUsageRecord(line)),
    { numRuns: 200 },
  );
});

t.test('a long log leaves others their turn', async (t) => {
  const long = temporaryFolder(t);
  const line = JSON.stringify({
    time: '2026-01-01T00:00:00.000Z',
    address: '10.0.0.1',
    status: 200,
    bytes: 1,
    dataset: 'A',
  });
  long.write('das2.access_202601.log', `${line}\n`.repeat(100_000));
  const turns = await countTurns(async () => {
    const { total } = await usageReport(long.path, {});
    t.equal(total.requests, 100_000);
  });
  t.ok(turns > 1, `${turns} turns`);
});

t.test('wrong usage and configuration', async (t) => {
  t.match(run('--by', 'colour'), { status: 13, errors: /--by takes month, day, dataset, network, agent/ });
  t.match(run('--by', 'day,day'), { status: 13, errors: /twice/ });
  t.match(run('--month', '2026-13'), { status: 13, errors: /--month/ });
  t.match(run('--month', '2026-03', '2026-03-01'), { status: 13, errors: /exclude/ });
  t.match(run('never'), { status: 13, errors: /'never' is not a time/ });
  t.match(run('2026-03-02', '2026-03-01'), { status: 13, errors: /later/ });
  t.match(run('2026', '2027', '2028'), { status: 13 });
  t.match(run('--nonsense'), { status: 13 });
  t.equal(spawnSync(program, [...before, '-c', join(folder.path, 'none')]).status, 17);
  const bare = folder.write('bare/etc/das2server.conf', 'LOG_PATH = ../../nowhere\n');
  t.equal(spawnSync(program, [...before, '-c', bare]).status, 17);
  t.match(run('--help'), { status: 0, output: /--by <list>/ });
  t.match(run('--version'), { status: 0, output: /^das2_srv_usage \S+ \(/ });
  t.equal(report('2030-01-01').total.requests, 0);
});
