/** The conformance cases of server-protocol 12.2 against the CGI program. */
import t from 'tap';
import { cgiDriver, mainProgram, startCgi } from '../tools/cgi-driver.js';
import { clientLeaves, LONG_READ, until } from './client-leaves.js';
import { runConformance } from './run.js';

await runConformance(t, await cgiDriver());

for (const [what, manner] of [
  ['in the middle of the answer', 'speaks'],
  ['before the first byte', 'silent'],
] as const) {
  t.test(`85: the client leaves ${what}`, async (t) => {
    const program = await mainProgram();
    t.teardown(() => program.remove());
    await clientLeaves(t, manner, async (site) => {
      const child = startCgi(program, site, { query: LONG_READ });
      return async () => {
        // What a web server does when the client closes its connection.
        child.stdout?.destroy();
        child.kill('SIGTERM');
        t.ok(await until(() => child.exitCode !== null || child.signalCode !== null), 'the program ends');
      };
    });
  });
}
