/**
 * das2_srvcgi_logrdr: the log viewer of a das2 server, through CGI. What is to be deleted comes by standard input.
 */
import { cgiProgram } from '../lib/routes/cgi-program.js';
import { serveLog } from '../lib/routes/log/serve.js';
import { expectLongWork } from '../lib/runtime.js';

const ABOUT = `The log viewer of a das2 data server, at its address, usually /das/log. Clients see what is logged
about their own address; addresses of VIEW_LOG_ALLOW and members of VIEW_LOG_GROUP see all logs and
may delete them.`;

const EXAMPLE = "SCRIPT_NAME=/das/log QUERY_STRING='ip=192.0.2.7&format=text'";

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  return cgiProgram({ program: 'das2_srvcgi_logrdr', about: ABOUT, example: EXAMPLE, serve: serveLog }, args);
}
