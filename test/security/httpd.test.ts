/** Hostile requests, slow senders and bytes that are no HTTP against the embedded server (server-internals 8, 9). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BIN } from '../tools/apache.js';
import { httpdProgram, type RunningHttpd, startHttpd } from '../tools/httpd-driver.js';
import { sendHttp } from '../tools/raw-http.js';
import { attackRaw } from './raw-attacks.js';
import { runHostile } from './run-hostile.js';

if (existsSync(join(BIN, 'das2_srv_httpd'))) process.env.DAS2SRV_BIN ||= BIN;
const program = await httpdProgram();
t.teardown(() => program.remove());

await t.test('das2_srv_httpd', async (t) => {
  let starting: Promise<RunningHttpd> | undefined;
  await runHostile(
    t,
    {
      name: 'das2_srv_httpd',
      everyNth: 1,
      parallel: 8,
      async send(site, request) {
        starting ??= startHttpd(program, site.configurationFile);
        return sendHttp(await starting, request);
      },
    },
    async (site) => {
      starting ??= startHttpd(program, site.configurationFile);
      await attackRaw(t, await starting, { cutsSlowBodies: true, isLenient: false });
    },
  );
  const server = await starting;
  t.equal(server?.process.exitCode, null, 'it still runs');
  t.equal(server?.errors().trim().split('\n').length, 1, `nothing on standard error: ${server?.errors()}`);
  t.equal(await server?.stop(), 0);
});
