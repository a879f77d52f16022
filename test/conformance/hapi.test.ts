/** HAPI through the CGI program, the embedded server and Apache. */
import t from 'tap';
import { apacheDriver, apacheMissing } from '../tools/apache.js';
import { cgiDriver } from '../tools/cgi-driver.js';
import { httpdDriver } from '../tools/httpd-driver.js';
import { runHapiConformance } from './hapi.js';

// All of this before the first test: tap ends as soon as it has nothing to do.
const cgi = await cgiDriver();
const httpd = await httpdDriver();
const missing = apacheMissing();

t.test(cgi.name, (t) => runHapiConformance(t, cgi, { cuts: true }));
t.test(httpd.name, (t) => runHapiConformance(t, httpd, { cuts: true }));
// CGI has no way to reset a connection; the exit status tells it to Apache alone.
t.test('Apache with mod_cgid', missing === undefined ? {} : { skip: missing }, (t) =>
  runHapiConformance(t, apacheDriver(), { cuts: false }),
);
