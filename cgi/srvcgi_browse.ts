/**
 * das2_srvcgi_browse: the records of all sources of a das2 server for one time (browse-export), through CGI.
 */
import { serveBrowse } from '../lib/routes/browse/serve.js';
import { cgiProgram } from '../lib/routes/cgi-program.js';
import { expectLongWork } from '../lib/runtime.js';

const ABOUT = `Says which records there are for one time, at its address, usually /das/browse: the records of all
data sources that touch an interval, as page, text, JSON or CSV.`;

const EXAMPLE = `SCRIPT_NAME=/das/browse PATH_INFO=/find \\
    QUERY_STRING='start=2026-01-01&format=text'`;

/** Serves one CGI request, or explains itself to somebody at a terminal. */
export function main(args: readonly string[]): number | Promise<number> {
  expectLongWork();
  return cgiProgram({ program: 'das2_srvcgi_browse', about: ABOUT, example: EXAMPLE, serve: serveBrowse }, args);
}
