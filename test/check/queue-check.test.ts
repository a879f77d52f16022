/** What the checker says of the queue: settings that name no queue, a server that does not answer, jobs that nobody does. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Finding, Findings } from '../../lib/check/findings.js';
import { checkQueue } from '../../lib/check/queue-check.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { itemTime } from '../../lib/queue/item.js';
import { openBroker } from '../../lib/queue/open-broker.js';
import { freePort } from '../tools/free-port.js';
import { check, codes, instance } from './check-instance.js';

const HOUR = 3600e3;
const BAD = { WORK_QUEUE_BROKER: undefined, WORK_QUEUE_CONN: 'localhost:6379:zero' };

function configured(t: Test, settings: Record<string, string | undefined>) {
  const fixture = instance(t, { settings });
  return loadConfiguration({ file: fixture.configurationFile, environment: {} });
}

async function findings(configuration: ReturnType<typeof configured>): Promise<readonly Finding[]> {
  const all = new Findings('');
  await checkQueue(configuration, all);
  return all.list;
}

t.test('a setting that names no queue', async (t) => {
  const report = await check(instance(t, { settings: BAD }), { runReaders: false });
  t.same(codes(report, 'queue'), ['error queue-setting']);
  t.match(await findings(configured(t, BAD)), [
    {
      severity: 'error',
      message: 'WORK_QUEUE_CONN: must be host:port:database',
      clients: /cache/,
      advice: /WORK_QUEUE_CONN/,
    },
  ]);
});

t.test('a server that does not answer', async (t) => {
  const port = await freePort();
  const [finding, ...others] = await findings(
    configured(t, { WORK_QUEUE_BROKER: 'redis', WORK_QUEUE_CONN: `127.0.0.1:${port}` }),
  );
  t.match(finding, {
    severity: 'warning',
    code: 'queue-unreachable',
    message: new RegExp(`^the job queue at 127\\.0\\.0\\.1:${port} cannot be used \\(ECONNREFUSED\\)`),
  });
  t.same(others, []);
});

t.test('jobs that nobody does', async (t) => {
  const configuration = configured(t, { WORK_QUEUE_BROKER: 'spool' });
  const folder = configuration.requiredPath('WORK_QUEUE_DIR');
  t.same(await findings(configuration), []);
  t.notOk(existsSync(folder), 'a check makes no folders');
  const broker = await openBroker(configuration);
  if (broker === undefined) throw new Error('there must be a queue');
  const item = (age: number, day: number): string =>
    `${itemTime(Date.now() - age)}|localhost/das/server||127.0.0.1||www-data|TASK_CACHE|A/Sound|2017-01-0${day}|2017-01-1${day}|0`;
  const young = item(0, 1);
  await broker.submit(young);
  t.same(await findings(configuration), [], 'a job of just now');
  t.notOk(existsSync(join(folder, 'delayed')), 'still not');
  await broker.remove('todo', young);
  await broker.submit(item(2 * HOUR, 2));
  await broker.submit(young);
  t.match(await findings(configuration), [
    {
      severity: 'warning',
      code: 'queue-idle',
      message: /^2 jobs wait, one since \d{4}-.*, and no worker does any/,
      advice: /das2_srv_arbiter/,
    },
  ]);
  await broker.take('host-1-0', 0);
  t.same(await findings(configuration), [], 'somebody is at work');
  await broker.close();
});

t.test('no queue at all', async (t) => {
  t.same(await findings(configured(t, { WORK_QUEUE_BROKER: 'none', WORK_QUEUE_CONN: 'a:b:c' })), []);
});
