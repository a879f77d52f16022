/**
 * das2_srvcgi_browse: the records of all sources of a das2 server for one time (browse-export), started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment. Arguments are looked at only where there
 * is no CGI environment, since web servers pass a query without `=` as arguments.
 */
import { serveBrowse } from '../lib/routes/browse/serve.js';
import { cgiProgram } from '../lib/routes/cgi-program.js';
import { expectLongWork } from '../lib/runtime.js';

const PROGRAM = 'das2_srvcgi_browse';

const HELP = `Usage: ${PROGRAM}

Says which records there are for one time, as a CGI program. A web server runs it for each request
at its address, usually /das/browse. It lists the records of all data sources that touch an
interval, as page, text, JSON or CSV.

Options, outside of a web server only:
  --help     print this text
  --version  print version and commit

Status: 0 the request was answered; 1 the answer had to be cut; 100 called without a web server.

Example: a request without a web server

  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/browse REMOTE_ADDR=127.0.0.1 \\
    PATH_INFO=/find QUERY_STRING='start=2026-01-01&format=text' ${PROGRAM}
`;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  return cgiProgram({ program: PROGRAM, help: HELP, serve: serveBrowse }, args);
}
