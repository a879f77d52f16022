/**
 * das2_srvcgi_browse: the records of all sources of a das2 server for one time (browse-export), started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment. Arguments are looked at only where there
 * is no CGI environment, since web servers pass a query without `=` as arguments.
 */
import { writeFully } from '../lib/reply/write-fully.js';
import { isCgi } from '../lib/request/cgi-environment.js';
import { serveBrowse } from '../lib/routes/browse/serve.js';
import { serveCgi } from '../lib/routes/cgi.js';
import { expectLongWork } from '../lib/runtime.js';
import { COMMIT, VERSION } from '../lib/version.js';

const PROGRAM = 'das2_srvcgi_browse';

const HELP = `${PROGRAM}: which records are there for one time (CGI program)

A web server runs this program for each request at its address, by custom /das/browse.
It lists the records of all data sources that touch an interval, as page, text, JSON or CSV.

Options, outside of a web server only:
  --help       this text
  --version    version and commit

To try a request without a web server:
  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/browse REMOTE_ADDR=127.0.0.1 \\
    PATH_INFO=/find QUERY_STRING='start=2026-01-01&format=text' ${PROGRAM}
`;

/** Exit status for a wrong call. */
const USAGE = 100;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  if (isCgi(process.env)) return serveCgi({ program: PROGRAM, environment: process.env, serve: serveBrowse });
  if (args.includes('--help') || args.includes('-h')) return say(1, HELP, 0);
  if (args.includes('--version')) return say(1, `${PROGRAM} ${VERSION} (${COMMIT})\n`, 0);
  return say(2, `${PROGRAM}: this program is run by a web server (there is no GATEWAY_INTERFACE); see --help\n`, USAGE);
}

function say(descriptor: number, text: string, status: number): number {
  writeFully(descriptor, Buffer.from(text));
  return status;
}
