/**
 * das2_srvcgi_logrdr: the log viewer of a das2 server, started by a web server through CGI/1.1 once for each request.
 *
 * Contract: everything comes from the environment and, for deletions, standard input. Arguments are looked at only where there
 * is no CGI environment, since web servers pass a query without `=` as arguments.
 */
import { writeFully } from '../lib/reply/write-fully.js';
import { isCgi } from '../lib/request/cgi-environment.js';
import { serveCgi } from '../lib/routes/cgi.js';
import { serveLog } from '../lib/routes/log/serve.js';
import { expectLongWork } from '../lib/runtime.js';
import { COMMIT, VERSION } from '../lib/version.js';

const PROGRAM = 'das2_srvcgi_logrdr';

const HELP = `${PROGRAM}: log viewer of a das2 data server (CGI program)

A web server runs this program for each request at its address, by custom /das/log.
Clients see what is logged about their own address; addresses of VIEW_LOG_ALLOW and members
of VIEW_LOG_GROUP see all logs and may delete them.

Options, outside of a web server only:
  --help       this text
  --version    version and commit

To try a request without a web server:
  GATEWAY_INTERFACE=CGI/1.1 SCRIPT_NAME=/das/log REMOTE_ADDR=127.0.0.1 \\
    QUERY_STRING='ip=192.0.2.7&format=text' ${PROGRAM}
`;

/** Exit status for a wrong call. */
const USAGE = 100;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  if (isCgi(process.env)) return serveCgi({ program: PROGRAM, environment: process.env, serve: serveLog });
  if (args.includes('--help') || args.includes('-h')) return say(1, HELP, 0);
  if (args.includes('--version')) return say(1, `${PROGRAM} ${VERSION} (${COMMIT})\n`, 0);
  return say(2, `${PROGRAM}: this program is run by a web server (there is no GATEWAY_INTERFACE); see --help\n`, USAGE);
}

function say(descriptor: number, text: string, status: number): number {
  writeFully(descriptor, Buffer.from(text));
  return status;
}
