/**
 * das2_srvcgi_main: the main program of a das2 server, started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment. Arguments are looked at only where there is no CGI environment, since web
 * servers pass a query without `=` as arguments.
 */

import { writeFully } from '../lib/reply/write-fully.js';
import { isCgi } from '../lib/request/cgi-environment.js';
import { serveCgi } from '../lib/routes/cgi.js';
import { COMMIT, VERSION } from '../lib/version.js';

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

/** Exit status for a wrong call. */
const USAGE = 100;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  if (isCgi(process.env)) return serveCgi({ program: PROGRAM, environment: process.env });
  if (args.includes('--help') || args.includes('-h')) return say(1, HELP, 0);
  if (args.includes('--version')) return say(1, `${PROGRAM} ${VERSION} (${COMMIT})\n`, 0);
  return say(2, `${PROGRAM}: this program is run by a web server (there is no GATEWAY_INTERFACE); see --help\n`, USAGE);
}

function say(descriptor: number, text: string, status: number): number {
  writeFully(descriptor, Buffer.from(text));
  return status;
}
