/** The conformance cases of server-protocol 12.2 against the CGI program. */
import t from 'tap';
import { cgiDriver } from '../tools/cgi-driver.js';
import { runConformance } from './run.js';

await runConformance(t, await cgiDriver());
