/** Validators through the CGI program, the embedded server, Apache and nginx. */
import t from 'tap';
import { apacheDriver, apacheMissing } from '../tools/apache.js';
import { cgiDriver } from '../tools/cgi-driver.js';
import { httpdDriver, httpdProgram } from '../tools/httpd-driver.js';
import { nginxDriver, nginxMissing } from '../tools/nginx.js';
import { runValidators } from './validators.js';

// All of this before the first test: tap ends as soon as it has nothing to do.
const cgi = await cgiDriver();
const httpd = await httpdDriver();
const program = await httpdProgram();
t.teardown(() => program.remove());
const skip = (missing: string | undefined) => (missing === undefined ? {} : { skip: missing });

t.test(cgi.name, (t) => runValidators(t, cgi));
t.test(httpd.name, (t) => runValidators(t, httpd));
t.test('Apache with mod_cgid', skip(apacheMissing()), (t) => runValidators(t, apacheDriver()));
for (const way of ['http', 'scgi'] as const) {
  t.test(`nginx, by ${way.toUpperCase()}`, skip(nginxMissing()), (t) => runValidators(t, nginxDriver(program, way)));
}
