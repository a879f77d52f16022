/** Hostile requests and slow senders through Apache with the example configuration (server-internals 8, 9). */
import t from 'tap';
import { apacheMissing, type RunningApache, startApache } from '../tools/apache.js';
import { sendHttp } from '../tools/raw-http.js';
import { attackRaw } from './raw-attacks.js';
import { runHostile } from './run-hostile.js';

const missing = apacheMissing();
if (missing !== undefined) {
  t.pass(`skipped: ${missing}`, { skip: missing });
} else {
  await t.test('Apache with mod_cgid', async (t) => {
    let starting: Promise<RunningApache> | undefined;
    t.teardown(async () => (await starting)?.stop());
    await runHostile(
      t,
      {
        name: 'Apache with mod_cgid',
        everyNth: 7,
        offset: 3,
        parallel: 4,
        async send(site, request) {
          starting ??= startApache(site);
          return sendHttp(await starting, request);
        },
      },
      async (site) => {
        starting ??= startApache(site);
        // The patience of Apache is its administrator's.
        await attackRaw(t, await starting, { cutsSlowBodies: false, isLenient: true });
      },
    );
  });
}
