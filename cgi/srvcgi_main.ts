/**
 * das2_srvcgi_main: the main program of a das2 server, started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment. Arguments are looked at only where there is no CGI environment, since web
 * servers pass a query without `=` as arguments.
 */
import { cgiProgram } from '../lib/routes/cgi-program.js';

const PROGRAM = 'das2_srvcgi_main';

const HELP = `Usage: ${PROGRAM}

The das2 data server as a CGI program. A web server runs it for each request below its address,
usually /das/server. It takes everything from the CGI environment and its configuration, and no
arguments. For a server with a port of its own see das2_srv_httpd.

Options, outside of a web server only:
  --help     print this text
  --version  print version and commit

The configuration is the file named by the environment variable DAS2_SERVER_CONF, else
etc/das2server.conf of the installed tree.

Status: 0 the request was answered; 1 the answer had to be cut; 100 called without a web server.

Example: a request without a web server

  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/server QUERY_STRING=server=list ${PROGRAM}
`;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  return cgiProgram({ program: PROGRAM, help: HELP }, args);
}
