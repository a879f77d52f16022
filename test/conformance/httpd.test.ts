/** The conformance cases of server-protocol 12.2 against the embedded web server. */
import t from 'tap';
import { httpdDriver, httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { clientLeaves, leaveHttp } from './client-leaves.js';
import { runConformance } from './run.js';

await runConformance(t, await httpdDriver());

for (const [what, manner] of [
  ['in the middle of the answer', 'speaks'],
  ['before the first byte', 'silent'],
] as const) {
  t.test(`85: the client leaves ${what}`, async (t) => {
    const program = await httpdProgram();
    t.teardown(() => program.remove());
    await clientLeaves(t, manner, async (site) => {
      const server = await startHttpd(program, site.configurationFile);
      t.teardown(() => server.stop());
      return leaveHttp(server, manner);
    });
  });
}
