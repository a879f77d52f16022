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
  /** What it is for and what answers whom, in lines of text for `--help`. */
  readonly about: string;
  /** The variables of an example request, as words of a shell, for `--help`. */
  readonly example: string;
  /** Answers the request; the main program's answers if left out. */
  readonly serve?: CgiOptions['serve'];
}

/** Serves one CGI request, or answers `--help` and `--version`. The result is the exit status. */
export function cgiProgram(cgi: CgiProgram, args: readonly string[]): number | Promise<number> {
  const { program, serve } = cgi;
  if (isCgi(process.env)) {
    return serveCgi({ program, environment: process.env, ...(serve === undefined ? {} : { serve }) });
  }
  if (args.includes('--help') || args.includes('-h')) return say(1, helpText(cgi), 0);
  if (args.includes('--version') || args.includes('-v')) return say(1, `${program} ${VERSION} (${COMMIT})\n`, 0);
  const unknown = args[0] === undefined ? '' : `unknown argument '${args[0].slice(0, 80)}'; `;
  const text = `${program}: ${unknown}this program is run by a web server (there is no GATEWAY_INTERFACE); see --help\n`;
  return say(2, text, USAGE);
}

function helpText({ program, about, example }: CgiProgram): string {
  return `Usage: ${program}

${about}

A web server runs it through CGI/1.1, once for each request. It takes the request from environment
and standard input, everything else from its configuration, and no arguments.

Options, outside of a web server only:
  -h, --help     print this text
  -v, --version  print version and commit

The configuration is the file named by the environment variable DAS2_SERVER_CONF, else
etc/das2server.conf of the installed tree.

Status: 0 the request was answered; 1 the answer had to be cut; ${USAGE} called without a web server.

Example: a request without a web server

  GATEWAY_INTERFACE=CGI/1.1 REMOTE_ADDR=127.0.0.1 \\
    ${example} ${program}
`;
}

function say(descriptor: number, text: string, status: number): number {
  writeFully(descriptor, Buffer.from(text));
  return status;
}
