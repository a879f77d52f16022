/**
 * das2_srvcgi_main: the main program of a das2 server, started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment. Arguments are looked at only where there is no CGI environment, since web
 * servers pass a query without `=` as arguments.
 */
import { cgiProgram } from '../lib/routes/cgi-program.js';

const PROGRAM = 'das2_srvcgi_main';

const HELP = `${PROGRAM}: das2 data server (CGI program)

A web server runs this program for each request below its address, by custom /das/server.
It takes everything from the CGI environment and its configuration, and no arguments.

Options, outside of a web server only:
  --help       this text
  --version    version and commit

The configuration is the file named by the environment variable DAS2_SERVER_CONF, else
etc/das2server.conf beside the folder of this program.

To try a request without a web server:
  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/server QUERY_STRING=server=list ${PROGRAM}

For a server on a port of its own see das2_srv_httpd.
`;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  return cgiProgram({ program: PROGRAM, help: HELP }, args);
}
