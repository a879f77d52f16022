/**
 * What the CGI programs have in common: one request by the environment of a web server, or a word about themselves at a terminal.
 *
 * Contract: arguments are looked at only where there is no CGI environment, since web servers pass a query without `=` as arguments.
 */
import { writeFully } from '../reply/write-fully.js';
import { isCgi } from '../request/cgi-environment.js';
import { COMMIT, VERSION } from '../version.js';
import { type CgiOptions, serveCgi } from './cgi.js';

/** Exit status for a wrong call. */
const USAGE = 100;

export interface CgiProgram {
  readonly program: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Answers the request; the main program's answers if left out. */
  readonly serve?: CgiOptions['serve'];
}

/** Serves one CGI request, or answers `--help` and `--version`. The result is the exit status. */
export function cgiProgram({ program, help, serve }: CgiProgram, args: readonly string[]): number | Promise<number> {
  if (isCgi(process.env)) {
    return serveCgi({ program, environment: process.env, ...(serve === undefined ? {} : { serve }) });
  }
  if (args.includes('--help') || args.includes('-h')) return say(1, help, 0);
  if (args.includes('--version')) return say(1, `${program} ${VERSION} (${COMMIT})\n`, 0);
  const unknown = args[0] === undefined ? '' : `unknown argument '${args[0].slice(0, 80)}'; `;
  const text = `${program}: ${unknown}this program is run by a web server (there is no GATEWAY_INTERFACE); see --help\n`;
  return say(2, text, USAGE);
}

function say(descriptor: number, text: string, status: number): number {
  writeFully(descriptor, Buffer.from(text));
  return status;
}
