/** The conformance cases of server-protocol 12.2 against the embedded web server. */
import t from 'tap';
import { httpdDriver } from '../tools/httpd-driver.js';
import { runConformance } from './run.js';

await runConformance(t, await httpdDriver());
