/** The conformance cases of server-protocol 12.2 through Apache, which runs the CGI program. */
import t from 'tap';
import { apacheDriver, apacheMissing } from '../tools/apache.js';
import { runConformance } from './run.js';

const missing = apacheMissing();
if (missing === undefined) {
  await runConformance(t, apacheDriver(), {
    skip: new Map([[62, 'CGI has no way to reset a connection; the exit status tells it to Apache alone']]),
  });
} else {
  t.pass(`skipped: ${missing}`, { skip: missing });
}
