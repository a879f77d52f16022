/**
 * The environment of readers and filters: built, never inherited (server-protocol 4.6.2, server-internals 8.1).
 *
 * PATH and LD_LIBRARY_PATH with the folders of the configuration in front, HOME, LANG, TZ=UTC and what the operator lists in
 * `PASS_ENV`. Text of the request (`HTTP_*`, `QUERY_STRING`, credentials) is never handed on, not even when listed, and
 * neither are the variables that change how our own executable starts.
 */

export interface EnvironmentOptions {
  /** `BIN_PATH`. */
  readonly binPath: readonly string[];
  /** `LIB_PATH`. */
  readonly libPath: readonly string[];
  /** `PASS_ENV`. */
  readonly passNames: readonly string[];
  /** Environment of this program; default `process.env`. */
  readonly inherited?: Readonly<Record<string, string | undefined>>;
  /** Facts of the request that old readers look for under CGI names (`REMOTE_ADDR`); handed on only if listed. */
  readonly requestFacts?: Readonly<Record<string, string>>;
}

const STANDARD_PATH = '/usr/local/bin:/usr/bin:/bin';
const NEVER =
  /^(?:HTTP_.*|QUERY_STRING|REQUEST_URI|REDIRECT_.*|PATH_INFO|AUTHORIZATION|BUN_.*|NODE_OPTIONS|DAS2_ARG_.*)$/i;

/** The environment that every stage of a pipeline starts with. */
export function stageEnvironment(options: EnvironmentOptions): Record<string, string> {
  const inherited = options.inherited ?? process.env;
  const environment: Record<string, string> = {};
  for (const name of options.passNames) {
    const value = options.requestFacts?.[name] ?? inherited[name];
    if (value !== undefined && !NEVER.test(name)) environment[name] = value;
  }
  environment.PATH = inFront(options.binPath, inherited.PATH || STANDARD_PATH);
  const libraries = inFront(options.libPath, inherited.LD_LIBRARY_PATH ?? '');
  if (libraries !== '') environment.LD_LIBRARY_PATH = libraries;
  environment.HOME = inherited.HOME || '/';
  environment.LANG = inherited.LANG || 'C.UTF-8';
  environment.TZ = 'UTC';
  return environment;
}

/** Puts folders in front of a `:`-separated list; those that it has already stay where they are. */
function inFront(folders: readonly string[], list: string): string {
  const present = list.split(':').filter((folder) => folder !== '');
  const added = folders.filter((folder, i) => !present.includes(folder) && folders.indexOf(folder) === i);
  return [...added, ...present].join(':');
}
