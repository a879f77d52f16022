/** Validators through the CGI program, the embedded server and Apache. */
import t from 'tap';
import { apacheDriver, apacheMissing } from '../tools/apache.js';
import { cgiDriver } from '../tools/cgi-driver.js';
import { httpdDriver } from '../tools/httpd-driver.js';
import { runValidators } from './validators.js';

// All of this before the first test: tap ends as soon as it has nothing to do.
const cgi = await cgiDriver();
const httpd = await httpdDriver();
const missing = apacheMissing();

t.test(cgi.name, (t) => runValidators(t, cgi));
t.test(httpd.name, (t) => runValidators(t, httpd));
t.test('Apache with mod_cgid', missing === undefined ? {} : { skip: missing }, (t) => runValidators(t, apacheDriver()));
