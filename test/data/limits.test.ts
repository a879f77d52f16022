/** What counts as one client where the readers of each are limited (server-internals 8.6). */
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { pipelineSlot } from '../../lib/data/limits.js';
import { SILENT_LOG } from '../../lib/log/request-log.js';
import { testRequest } from '../tools/make-test-request.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

t.test('the addresses of one IPv6 network share their places', async (t) => {
  const { path: stateRoot } = temporaryFolder(t);
  const configuration = new Configuration(
    `STATE_ROOT = ${stateRoot}\nMAX_PIPELINES_PER_IP = 1\nPIPELINE_WAIT = 0.05\n`,
    {
      file: `${stateRoot}/das2server.conf`,
      prefix: stateRoot,
    },
  );
  const take = (peerAddress: string) => pipelineSlot(configuration, testRequest({ peerAddress }), SILENT_LOG);
  const slots = [await take('2001:db8:1:2::1')];
  await t.rejects(take('2001:db8:1:2:ffff::9'), { code: 'overload', message: /your address/ });
  slots.push(await take('2001:db8:1:3::1'), await take('192.0.2.1'), await take('192.0.2.2'));
  await t.rejects(take('192.0.2.1'), { code: 'overload', message: /your address/ });
  for (const slot of slots) slot.release();
});
