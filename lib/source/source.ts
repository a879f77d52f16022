/**
 * A source as the rest of the program sees it: every default filled in (server-protocol 4.4), macros expanded (5.4).
 *
 * `makeSource` needs the parsed file and the configuration, and the request if there is one. Cheap facts are members; ranges,
 * examples and cache levels are worked out when asked for. Errors: `sourceDefinition`, and `illegalArgument` where request
 * text does not suit a macro. Not done here: finding files (source-tree.ts), the description for clients (description.ts).
 */
import type { Configuration } from '../conf/configuration.js';
import { type CacheLevels, parseCacheLevels } from './cache-level.js';
import { definitionError } from './definition/definition-error.js';
import {
  hides,
  isCommandKey,
  isTrue,
  readRequiresInterval,
  type StreamKind,
  streamKind,
} from './definition/definition-keys.js';
import type { Dsdf } from './definition/dsdf.js';
import { type Command, type SourceMacroContext, sourceMacros } from './definition/macros.js';
import { type ExampleRange, exampleRanges } from './example-range.js';
import type { TimeRange } from './time-range.js';
import { parseValidRange } from './valid-range.js';

export type { StreamKind } from './definition/definition-keys.js';

/** Reducer of a source: a command, or why there is none. */
export type Reducer =
  | { readonly kind: 'command'; readonly command: Command }
  /** The definition says so, or the source takes an interval. */
  | { readonly kind: 'notReducible' }
  /** A Q stream on a server without `QDS_REDUCER`. */
  | { readonly kind: 'none' };

export interface Redirect {
  /** URL of the server that has the data. */
  readonly server?: string;
  /** New id of the source. */
  readonly rename?: string;
}

export interface Source {
  readonly id: string;
  /** Absolute path of the DSDF; for commands and logs. */
  readonly file: string;
  /** When the DSDF was last changed, in milliseconds since 1970; undefined where nobody has looked. */
  readonly changedAt: number | undefined;
  /** All keys with expanded values, in order of the file. Values of command keys are unexpanded. */
  readonly entries: ReadonlyMap<string, string>;
  readonly kind: StreamKind;
  readonly description: string | undefined;
  readonly redirect: Redirect;
  readonly hidden: boolean;
  readonly requiresInterval: boolean;
  /** Request parameters are not appended to the reader's arguments. */
  readonly dropParams: boolean;
  /**
   * What is run for data: the reader or, for das1, the up-converter. Undefined if the definition names no reader, which is an
   * error as soon as data are asked for: see `readerOf`.
   */
  readonly reader: Command | undefined;
  /** The reader behind the up-converter, for a server that converts inside its process (das1-definition.ts); das1 only. */
  readonly das1Reader: Command | undefined;
  /** The reader opens its standard output or error by name, and is given pipes for them. */
  readonly outputByName: boolean;
  /** Arguments in front of the others: the path of the DSDF for das1, else none. */
  readonly readerArguments: readonly string[];
  readonly reducer: Reducer;
  /** Undefined for a Q stream on a server without `QDS_CACHE_RDR`: no cache. */
  readonly cacheReader: Command | undefined;
  /** Conditions of access; undefined for everybody. */
  readonly readAccess: string | undefined;
  /** Realm of the definition or of the site; undefined: `<mount path>/<id>`. See `realmOf`. */
  readonly securityRealm: string | undefined;
  /** Words of `params` may be any order of those of a cache level. */
  readonly paramOrderAny: boolean;
  /** `params` may hold characters outside ASCII. */
  readonly paramCharsetUtf8: boolean;
}

export interface SourceContext extends SourceMacroContext {
  readonly changedAt?: number | undefined;
}

const NOT_REDUCIBLE = new Set(['not_reducible', 'not_reducable', 'pre_reduced']);

/** The source that a definition describes. */
export function makeSource(definition: Dsdf, context: SourceContext): Source {
  const { configuration } = context;
  const macros = sourceMacros(definition, context);
  const entries = new Map<string, string>();
  for (const [key, value] of definition.entries) {
    entries.set(key, isCommandKey(key) ? value : (macros.text(key) ?? value));
  }
  const kind = streamKind(entries);
  const own = given(macros.command('reader'));
  const converter = configuration.text('DAS1_TO_DAS2') ?? 'das2_from_das1';
  const requiresInterval = readRequiresInterval(entries, kind);
  return {
    id: context.id,
    file: context.file,
    changedAt: context.changedAt,
    entries,
    kind,
    description: entries.get('description')?.trim() || undefined,
    redirect: redirectOf(entries),
    hidden: hides(entries.get('hidden')),
    requiresInterval,
    dropParams: isTrue(entries.get('dropParams')),
    reader: kind === 'das1' && own !== undefined ? plain(converter) : own,
    das1Reader: kind === 'das1' ? own : undefined,
    outputByName: entries.has('outputByName')
      ? isTrue(entries.get('outputByName'))
      : configuration.flag('OUTPUT_BY_NAME'),
    readerArguments: kind === 'das1' ? [context.file] : [],
    reducer: reducerOf({ entries, kind, requiresInterval, own: given(macros.command('reducer')), configuration }),
    cacheReader:
      given(macros.command('cacheReader')) ??
      maybe(kind === 'qstream' ? configuration.text('QDS_CACHE_RDR') : configuration.text('D2S_CACHE_RDR')),
    readAccess: readAccessOf(entries),
    securityRealm: entries.get('securityRealm') || configuration.text('SECURITY_REALM'),
    paramOrderAny: entries.get('paramOrder')?.trim().toLowerCase() === 'any',
    paramCharsetUtf8: /^utf-?8$/i.test(entries.get('paramCharset')?.trim() ?? ''),
  };
}

/** The command that makes the data. A source without one is a `sourceDefinition` error. */
export function readerOf(source: Source): Command {
  if (source.reader === undefined) throw definitionError(`${source.id}: there is no reader`);
  return source.reader;
}

/** The realm for the challenge (server-protocol 4.4): definition, site, `<mount path>/<id>`. */
export function realmOf(source: Source, mountPath: string): string {
  return source.securityRealm ?? `${mountPath}/${source.id}`;
}

/** The times that the source has data for, seen at `now` (milliseconds); undefined if it does not say. */
export function validRangeOf(source: Source, now: number, warn?: (line: string) => void): TimeRange | undefined {
  const text = source.entries.get('validRange');
  if (text === undefined || text.trim() === '') return undefined;
  return parseValidRange(text, now, (reason) => warn?.(`${source.id}: ${reason}`));
}

/** The examples of the source, in order. */
export function exampleRangesOf(source: Source, warn?: (line: string) => void): readonly ExampleRange[] {
  return exampleRanges(source.entries, (reason) => warn?.(`${source.id}: ${reason}`));
}

/** The reducer that counts records. */
const COUNTING = 'das2_bin_ratesec';

/** Usable cache levels, and the faulty ones with their reasons. */
export function cacheLevelsOf(source: Source, warn?: (line: string) => void): CacheLevels {
  const { reducer, requiresInterval } = source;
  const reducible = reducer.kind === 'command';
  const facts = { reducible, requiresInterval, counts: reducible && reducer.command.text.includes(COUNTING) };
  return parseCacheLevels(source.entries, facts, (reason) => warn?.(`${source.id}: ${reason}`));
}

function redirectOf(entries: ReadonlyMap<string, string>): Redirect {
  const server = entries.get('server') ?? '';
  const url = server.slice(server.lastIndexOf('|') + 1).trim();
  const rename = (entries.get('rename') ?? '').trim();
  return { ...(url !== '' && { server: url }), ...(rename !== '' && { rename }) };
}

function reducerOf(facts: {
  readonly entries: ReadonlyMap<string, string>;
  readonly kind: StreamKind;
  readonly requiresInterval: boolean;
  readonly own: Command | undefined;
  readonly configuration: Configuration;
}): Reducer {
  const { configuration } = facts;
  if (facts.requiresInterval || NOT_REDUCIBLE.has(facts.entries.get('reducer')?.trim() ?? '')) {
    return { kind: 'notReducible' };
  }
  const command =
    facts.own ??
    maybe(facts.kind === 'qstream' ? configuration.text('QDS_REDUCER') : configuration.text('D2S_REDUCER'));
  return command === undefined ? { kind: 'none' } : { kind: 'command', command };
}

function readAccessOf(entries: ReadonlyMap<string, string>): string | undefined {
  const conditions = entries.get('readAccess');
  if (conditions !== undefined) return conditions.trim() || undefined;
  const group = entries.get('groupAccess')?.trim();
  return group ? `GROUP:${group}` : undefined;
}

function given(command: Command | undefined): Command | undefined {
  return command === undefined || command.text.trim() === '' ? undefined : command;
}

function plain(text: string): Command {
  return { text, environment: {} };
}

function maybe(text: string | undefined): Command | undefined {
  return text === undefined ? undefined : plain(text);
}
