/** The conformance cases of server-protocol 12.2 through Apache, which runs the CGI program. */
import t from 'tap';
import { apacheDriver, apacheMissing, startApache } from '../tools/apache.js';
import { clientLeaves, leaveHttp } from './client-leaves.js';
import { runConformance } from './run.js';

const missing = apacheMissing();
if (missing === undefined) {
  await runConformance(t, apacheDriver(), {
    skip: new Map([[62, 'CGI has no way to reset a connection; the exit status tells it to Apache alone']]),
  });
  // Apache looks after its client when the program sends something, and no sooner.
  t.test('85: the client leaves in the middle of the answer', (t) =>
    clientLeaves(t, 'talks', async (site) => {
      const apache = await startApache(site);
      t.teardown(() => apache.stop());
      return leaveHttp(apache, 'talks');
    }),
  );
} else {
  t.pass(`skipped: ${missing}`, { skip: missing });
}
