/**
 * The one executable behind every program name.
 *
 * Contract: `PROGRAMS` is the only list of program names; `scripts/build` reads it from here and links the executable under
 * each. The name it was called by (`process.argv0`: a path for hard and symbolic links, PATH look-up and `exec -a` alike)
 * picks the entry module, which is loaded then and not before, so each program pays for its own code only. If that is no
 * program's name, the name of the file behind it counts: sites link `server` to das2_srvcgi_main and `log` to its sister.
 * `das2srv PROGRAM ARGUMENT...` does the same under any other name.
 *
 * Every entry module exports `main(args)` and returns the exit status when all output has been handed to the system.
 * Whatever an entry module throws ends here: one line on standard error, without stack or source text.
 *
 * Under CGI (`GATEWAY_INTERFACE` set) the arguments are dropped: Apache makes them out of a query without `=`, so they are
 * the client's, not the administrator's. Programs that are no CGI programs refuse to run there; a pipeline of another CGI
 * program, such as an older das2 server, starts them without that variable.
 */
import { writeSync } from 'node:fs';
import { isDas2Error } from '../lib/error.js';
import { expectLongWork } from '../lib/runtime.js';
import { COMMIT, VERSION } from '../lib/version.js';

interface EntryModule {
  main(args: readonly string[]): number | Promise<number>;
}

/** Program name -> its entry module. One line each: the build takes the names from these keys. What each is for stands in overview.ts. */
const PROGRAMS = {
  das1_ascii: () => import('./das1_ascii.js'),
  das1_bin_avg: () => import('./das1_bin_avg.js'),
  das1_inctime: () => import('./das1_inctime.js'),
  das2_ascii: () => import('./ascii.js'),
  das2_bin_avg: () => import('./bin_avg.js'),
  das2_bin_avgsec: () => import('./bin_avgsec.js'),
  das2_bin_minmaxavgsec: () => import('./bin_minmaxavgsec.js'),
  das2_bin_peakavgsec: () => import('./bin_peakavgsec.js'),
  das2_bin_ratesec: () => import('./bin_ratesec.js'),
  das2_binary: () => import('./binary.js'),
  das2_cache_rdr: () => import('./cache_rdr.js'),
  das2_csv: () => import('./csv.js'),
  das2_digest: () => import('./digest.js'),
  das2_from_das1: () => import('./from_das1.js'),
  das2_from_tagged_das1: () => import('./from_tagged_das1.js'),
  das2_hapi: () => import('./hapi.js'),
  das2_histo: () => import('./histo.js'),
  das2_prtime: () => import('./prtime.js'),
  das2_psd: () => import('./psd.js'),
  das2_srv_arbiter: () => import('./srv_arbiter.js'),
  das2_srv_browse_index: () => import('./srv_browse_index.js'),
  das2_srv_cache: () => import('./srv_cache.js'),
  das2_srv_check: () => import('./srv_check.js'),
  das2_srv_cite: () => import('./srv_cite.js'),
  das2_srv_httpd: () => import('./srv_httpd.js'),
  das2_srv_passwd: () => import('./srv_passwd.js'),
  das2_srv_todo: () => import('./srv_todo.js'),
  das2_srv_usage: () => import('./srv_usage.js'),
  das2_srvcgi_browse: () => import('../cgi/srvcgi_browse.js'),
  das2_srvcgi_logrdr: () => import('../cgi/srvcgi_logrdr.js'),
  das2_srvcgi_main: () => import('../cgi/srvcgi_main.js'),
  das2_valid: () => import('./valid.js'),
} satisfies Readonly<Record<string, () => Promise<EntryModule>>>;

type ProgramName = keyof typeof PROGRAMS;

/** Says something to people. A standard error that is closed or full is no reason to fail. */
function say(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}

/** Writes short text to standard output; a reader that has gone away is not an error. */
function print(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // As above.
  }
}

async function usage(): Promise<string> {
  const { overview } = await import('./overview.js');
  // Not compiled? Then a program of the table has no purpose in overview.ts.
  return overview(Object.keys(PROGRAMS) as ProgramName[]);
}

/** Longer than a pipe holds, so written by the means of the filters. */
async function printLicences(): Promise<void> {
  const [{ licences }, { writeFully }] = await Promise.all([
    import('./licences.js'),
    import('../lib/reply/write-fully.js'),
  ]);
  writeFully(1, Buffer.from(licences()));
}

/** Answers the options of the executable itself; undefined if `word` is none of them. */
async function ownOption(word: string): Promise<number | undefined> {
  if (word === '--list') print(`${Object.keys(PROGRAMS).join('\n')}\n`);
  else if (word === '--version') print(`das2srv ${VERSION} (${COMMIT})\n`);
  else if (word === '--help' || word === '-h') print(await usage());
  else if (word === '--licenses') await printLicences();
  else return undefined;
  return 0;
}

function programOf(name: string): (() => Promise<EntryModule>) | undefined {
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name as ProgramName] : undefined;
}

/** The CGI answer for a name that must not be reached through a web server. The message is for its administrator. */
function refuseGateway(name: string): number {
  say(
    `${name}: not a CGI program; let the web server run das2_srvcgi_main or one of its sisters, ` +
      `and start filters below other CGI programs by 'env -u GATEWAY_INTERFACE'`,
  );
  print('Status: 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThere is nothing here.\n');
  return 0;
}

function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The name of the call, or that of the executable with all links resolved if only that is a program's. */
function nameOfThis(): string {
  const name = fileNameOf(process.argv0);
  if (programOf(name) !== undefined) return name;
  const target = fileNameOf(process.execPath);
  return programOf(target) === undefined ? name : target;
}

async function run(calledAs: string, args: readonly string[], gateway: boolean): Promise<number> {
  let program = programOf(calledAs);
  if (gateway) {
    if (program === undefined || !calledAs.startsWith('das2_srvcgi_')) return refuseGateway(calledAs);
    return (await program()).main([]);
  }
  expectLongWork();
  if (program !== undefined) return (await program()).main(args);
  const [name, ...rest] = args;
  if (name === undefined) {
    say((await usage()).trimEnd());
    return 100;
  }
  const status = await ownOption(name);
  if (status !== undefined) return status;
  program = programOf(name);
  if (program === undefined) {
    say(`das2srv: there is no program '${name.slice(0, 80)}'; 'das2srv --list' prints the names`);
    return 100;
  }
  return (await program()).main(rest);
}

/** The last resort: the fault in one line. From sources (version `development`) the stack follows, for those who debug. */
function fail(calledAs: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const foreseen = isDas2Error(error) && error.code !== 'internal';
  say(`${calledAs}: ${foreseen ? message : `internal error: ${message}`}`);
  if (VERSION === 'development' && error instanceof Error && !foreseen) say(error.stack ?? '');
  process.exit(isDas2Error(error) ? error.exitStatus : 1);
}

const calledAs = nameOfThis();
process.on('uncaughtException', (error) => fail(calledAs, error));
run(calledAs, process.argv.slice(2), process.env.GATEWAY_INTERFACE !== undefined).then(
  (status) => process.exit(status),
  (error: unknown) => fail(calledAs, error),
);
