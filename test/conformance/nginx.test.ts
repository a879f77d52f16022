/** The conformance cases of server-protocol 12.2 through nginx, which hands them to das2_srv_httpd by HTTP and by SCGI. */
import t from 'tap';
import { httpdProgram } from '../tools/httpd-driver.js';
import { nginxDriver, nginxMissing } from '../tools/nginx.js';
import { runConformance } from './run.js';

const missing = nginxMissing();
if (missing !== undefined) {
  t.pass(`skipped: ${missing}`, { skip: missing });
} else {
  const program = await httpdProgram();
  t.teardown(() => program.remove());
  await t.test('by HTTP', (t) => runConformance(t, nginxDriver(program, 'http')));
  await t.test('by SCGI', (t) =>
    runConformance(t, nginxDriver(program, 'scgi'), {
      skip: new Map([[62, 'SCGI has no way to reset a connection']]),
    }),
  );
}
