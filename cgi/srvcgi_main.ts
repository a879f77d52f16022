/**
 * das2_srvcgi_main: the main program of a das2 server, through CGI.
 */
import { cgiProgram } from '../lib/routes/cgi-program.js';

const ABOUT = `The das2 data server: whatever is asked below its address, usually /das/server. For a server with a
port of its own see das2_srv_httpd.`;

const EXAMPLE = 'SCRIPT_NAME=/das/server QUERY_STRING=server=list';

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  return cgiProgram({ program: 'das2_srvcgi_main', about: ABOUT, example: EXAMPLE }, args);
}
