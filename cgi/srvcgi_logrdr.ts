/**
 * das2_srvcgi_logrdr: the log viewer of a das2 server, started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment and, for deletions, standard input. Arguments are looked at only where there
 * is no CGI environment, since web servers pass a query without `=` as arguments.
 */
import { cgiProgram } from '../lib/routes/cgi-program.js';
import { serveLog } from '../lib/routes/log/serve.js';
import { expectLongWork } from '../lib/runtime.js';

const PROGRAM = 'das2_srvcgi_logrdr';

const HELP = `Usage: ${PROGRAM}

The log viewer of a das2 data server as a CGI program. A web server runs it for each request at its
address, usually /das/log. Clients see what is logged about their own address; addresses of
VIEW_LOG_ALLOW and members of VIEW_LOG_GROUP see all logs and may delete them.

Options, outside of a web server only:
  --help     print this text
  --version  print version and commit

Status: 0 the request was answered; 1 the answer had to be cut; 100 called without a web server.

Example: a request without a web server

  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/log REMOTE_ADDR=127.0.0.1 \\
    QUERY_STRING='ip=192.0.2.7&format=text' ${PROGRAM}
`;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  return cgiProgram({ program: PROGRAM, help: HELP, serve: serveLog }, args);
}
