/**
 * Checks one source definition without running anything: everything that the parsers have to say, keys that look like slips,
 * levels of the cache, conditions of access that nobody can meet (server-internals 7.4).
 */

import { parseConditions } from '../auth/conditions.js';
import { staleLevels } from '../cache/administration/stale-folders.js';
import { LONGEST_BLOCK_SECONDS } from '../cache/block/block.js';
import { isOnGrid } from '../cache/level/grid.js';
import { CITATION_KEYWORDS, metadataFaults } from '../cite/metadata/faults.js';
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import type { CacheLevel } from '../source/cache-level.js';
import type { ExampleRange } from '../source/example-range.js';
import { renameFault } from '../source/rename-chain.js';
import { cacheLevelsOf, exampleRangesOf, type Source, validRangeOf } from '../source/source.js';
import { sourceOf } from '../source/source-definitions.js';
import { intersection, readTime, timeFromUnix } from '../source/time-range.js';
import type { SourceTree } from '../source/tree/source-tree.js';
import { compareTimes } from '../stream/time.js';
import type { KnownAccounts } from './account-check.js';
import { commandFault } from './commands.js';
import { checkerEnvironment } from './configuration-check.js';
import type { Findings } from './findings.js';
import { similarWord } from './similar-word.js';

/** Keys that mean something, without their numbers (server-protocol 5.6). docs/definitions.md explains them. */
export const DEFINITION_KEYWORDS: ReadonlySet<string> = new Set(
  (
    'description reader das2Stream qstream requiresInterval reducer validRange exampleRange exampleParams exampleInterval ' +
    'exampleResolution exampleQuery testRange testInterval techContact sciContact summary param paramInfo paramValInfo item data ' +
    'coord coordRange coordSelect implicitTimeItem cacheLevel cacheReader readAccess groupAccess securityRealm server rename hidden ' +
    'dropParams substitutions hapi subSource paramOrder cacheHoldoff cacheInvalidBefore paramCharset outputByName hapi_timeStampLocation ' +
    'readerCmd reducerCmd readerTrans compressor coverageReducer readerVersion recordPath recordInventory ' +
    // das1; clients read items, too.
    `${CITATION_KEYWORDS.join(' ')} ` +
    'form items ny x_parameter x_unit x_sample_width y_parameter y_unit y_coordinate z_parameter z_unit'
  ).split(' '),
);

export interface SourceCheck {
  readonly tree: SourceTree;
  readonly configuration: Configuration;
  readonly accounts: KnownAccounts;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is known of a source that can be asked for data; undefined if it cannot. */
export interface RunnableSource {
  readonly source: Source;
  readonly examples: readonly ExampleRange[];
  /** False if its reducer cannot be started. */
  readonly canReduce: boolean;
}

/** Checks a definition; the result says what can be run. `warnings` takes what the tree says meanwhile. */
export async function checkSource(
  id: string,
  facts: SourceCheck,
  findings: Findings,
  warnings: string[],
): Promise<RunnableSource | undefined> {
  const source = readSource(id, facts.tree, findings, warnings);
  if (source === undefined) return undefined;
  checkKeys(source, findings);
  checkWords(source, findings);
  checkAccess(source, facts, findings);
  checkCache(source, facts, findings);
  validRangeOf(source, facts.now, (line) => findings.warning('valid-range', withoutId(line, id)));
  const examples = exampleRangesOf(source, (line) => findings.warning('example', withoutId(line, id)));
  if (isElsewhere(source, facts, findings)) return undefined;
  if (source.reader === undefined) {
    findings.error('no-reader', 'there is no reader', {
      clients: 'data requests get 500',
      advice: `add a line like reader = 'my_reader' to ${id}.dsdf`,
    });
    return undefined;
  }
  const missing = await checkCommands(source, facts, findings);
  if (examples.length === 0) {
    findings.warning(
      'no-example',
      'there is no exampleRange, so the reader cannot be tried, and clients have nothing to start with',
    );
  }
  for (const example of examples) checkExample(source, example, facts.now, findings);
  // A reader that cannot be started need not be tried to say so again.
  return missing.has('reader') ? undefined : { source, examples, canReduce: !missing.has('reducer') };
}

/** What the parsers say begins with the id, under which it stands here anyway. */
function withoutId(line: string, id: string): string {
  return line.startsWith(`${id}: `) ? line.slice(id.length + 2) : line;
}

/** The source as the server reads it; undefined, with a finding, if it does not serve it. */
function readSource(id: string, tree: SourceTree, findings: Findings, warnings: string[]): Source | undefined {
  warnings.length = 0;
  if (tree.find(id) === undefined) {
    const reason =
      warnings.length > 0 ? warnings.join('; ') : 'its id has characters that are not allowed (ID_EXTRA_CHARS)';
    findings.warning('not-served', `the definition is not used: ${reason}`, { clients: 'get 404' });
    return undefined;
  }
  let source: Source | undefined;
  let fault: unknown;
  try {
    source = sourceOf(tree, id);
  } catch (error) {
    fault = error;
  }
  for (const warning of warnings) findings.warning('definition', warning);
  if (source !== undefined) return source;
  const detail = errorDetail(fault);
  findings.error('definition', detail, { clients: 'get 500', advice: definitionAdvice(detail) });
  return undefined;
}

function definitionAdvice(detail: string): string {
  const macro = /macro \$\(([A-Za-z0-9_]+)\)/.exec(detail)?.[1];
  if (macro !== undefined)
    return `set ${macro} in the configuration or in the definition, or write what it is without: $(${macro},TEXT)`;
  return /:\d+: /.test(detail) ? 'correct the line' : 'let the account of the web server read the file';
}

/** What people read about the source: in lists, on pages and in citations. */
function checkWords(source: Source, findings: Findings): void {
  if (source.description === undefined && source.redirect.rename === undefined)
    findings.warning('no-description', 'there is no description');
  for (const fault of metadataFaults(source.entries)) {
    findings.warning('citation', fault, { clients: 'citations leave it out', advice: 'see docs/citation.md' });
  }
  if (source.id.endsWith('.citation'))
    findings.warning('citation', 'an id that ends in .citation can be reached by server=dataset alone, not by a path');
}

function checkCache(source: Source, { configuration, now }: SourceCheck, findings: Findings): void {
  const { levels, errors } = cacheLevelsOf(source, (line) =>
    findings.warning('cache-level', withoutId(line, source.id)),
  );
  for (const { key, reason } of errors) {
    findings.error('cache-level', `${key}: ${reason}`, { clients: 'wide requests run the reader each time' });
  }
  checkGrid(levels, findings);
  for (const folder of staleLevels(configuration, source)) {
    findings.warning('cache-stale', `${folder} in the cache belongs to no cacheLevel any more and is not used`, {
      advice: "look at it with 'das2_srv_cache gc', which removes it with --yes",
    });
  }
  checkInvalidBefore(source, now, findings);
}

/** Bins that do not divide their block begin anew with each one (server-internals 2.12). */
function checkGrid(levels: readonly CacheLevel[], findings: Findings): void {
  for (const level of levels) {
    if (isOnGrid(level)) continue;
    const bins = `cacheLevel ${level.number}: bins of ${level.microseconds / 1e6} s`;
    if (level.seconds > LONGEST_BLOCK_SECONDS[level.period]) {
      findings.warning(
        'cache-grid',
        `${bins} are longer than its ${level.period} blocks, so they end with each block`,
        {
          clients: 'get averages over single blocks, at times that lie outside of them',
          advice: 'choose a longer period',
        },
      );
      continue;
    }
    const part = level.period === 'monthly' || level.period === 'yearly' ? 'a day' : `its ${level.period} blocks`;
    findings.warning('cache-grid', `${bins} do not divide ${part}, so they begin anew with each block`, {
      clients: 'the last bin of each block is shorter than the others',
      advice: 'choose a resolution that divides the period, for months and years a day',
    });
  }
}

function checkInvalidBefore({ entries }: Source, now: number, findings: Findings): void {
  const text = entries.get('cacheInvalidBefore')?.trim();
  if (text === undefined || text === '') return;
  const time = readTime(text);
  if (time === undefined) {
    findings.warning('cache-invalid-before', `cacheInvalidBefore = ${text} is no time`, {
      clients: 'get old blocks from the cache as if it were not there',
      advice: 'write a time like 2026-01-31T12:00',
    });
  } else if (compareTimes(time, timeFromUnix(now)) > 0) {
    findings.warning('cache-invalid-before', `cacheInvalidBefore = ${text} is still to come`, {
      clients: 'get nothing from the cache until then, and its blocks are made again and again',
      advice: 'write the time at which the data had been corrected',
    });
  }
}

function checkKeys(source: Source, findings: Findings): void {
  for (const key of source.entries.keys()) {
    const base = key.replace(/_\d{1,4}$/, '');
    if (DEFINITION_KEYWORDS.has(base) || DEFINITION_KEYWORDS.has(key)) continue;
    const meant = similarWord(base, DEFINITION_KEYWORDS);
    // A key in other letters is a slip; one that is merely like another may be a word of the site.
    if (meant !== undefined && base.length > 4)
      findings.warning('unknown-key', `${key} is read by nobody: is ${meant} meant?`);
  }
}

function checkAccess(source: Source, { accounts, configuration }: SourceCheck, findings: Findings): void {
  if (source.readAccess === undefined) return;
  for (const condition of parseConditions(source.readAccess)) {
    switch (condition.method) {
      case 'fault':
        findings.error('read-access', `readAccess: ${condition.reason}`, { clients: 'get 500 when its turn comes' });
        break;
      case 'never':
        findings.error('read-access', `readAccess: ${condition.reason}`, { clients: 'nobody meets the condition' });
        break;
      case 'GROUP':
      case 'USER':
        if (configuration.path('USER_PASSWD') === undefined) {
          findings.error('read-access', 'readAccess needs USER_PASSWD, which is not set', { clients: 'get 500' });
        }
        if (condition.method === 'USER' && accounts.users?.has(condition.user) === false) {
          findings.warning('read-access', `readAccess: there is no user ${condition.user}`, {
            clients: 'nobody meets the condition',
          });
        }
        if (condition.method === 'GROUP') checkGroup(condition.group, { accounts, configuration }, findings);
        break;
      default:
    }
  }
}

function checkGroup(
  group: string,
  { accounts, configuration }: Pick<SourceCheck, 'accounts' | 'configuration'>,
  findings: Findings,
): void {
  if (configuration.path('USER_GROUP') === undefined) {
    findings.error('read-access', 'readAccess needs USER_GROUP, which is not set', { clients: 'get 500' });
  } else if (accounts.groups !== undefined && (accounts.groups.get(group)?.size ?? 0) === 0) {
    findings.warning('read-access', `readAccess: group ${group} does not exist or has no members`, {
      clients: 'nobody meets the condition',
    });
  }
}

function chainFault(tree: SourceTree, source: Source): string | undefined {
  try {
    return renameFault(tree, source);
  } catch (error) {
    return `rename leads to a definition that cannot be read: ${errorDetail(error)}`;
  }
}

/** A source whose data requests are redirected is not run here. */
function isElsewhere(source: Source, { tree, configuration }: SourceCheck, findings: Findings): boolean {
  const { server, rename } = source.redirect;
  if (rename !== undefined) {
    const fault = server === undefined ? chainFault(tree, source) : undefined;
    if (fault !== undefined) findings.error('rename', fault, { clients: 'get 500' });
    return true;
  }
  if (server === undefined || configuration.flag('IGNORE_REDIRECT')) return false;
  if (!/^https?:\/\/[^\s/]+/.test(server)) {
    findings.error('redirect', `server: '${server}' is not an address`, {
      clients: 'get a redirect that leads nowhere',
    });
  }
  const own = configuration.text('SERVER_URL')?.replace(/\/+$/, '');
  return own === undefined ? source.reader === undefined : server.replace(/\/+$/, '') !== own;
}

/** The keys whose commands cannot be started. */
async function checkCommands(source: Source, { configuration }: SourceCheck, findings: Findings): Promise<Set<string>> {
  const missing = new Set<string>();
  const path = checkerEnvironment(configuration).PATH ?? '';
  // Our own converter of das1 records works inside the process, whatever is installed; what it reads from does not.
  const reader = source.reader?.text.trim() === 'das2_from_das1' ? source.das1Reader : source.reader;
  const commands = [
    ['reader', reader?.text],
    ['reducer', source.reducer.kind === 'command' ? source.reducer.command.text : undefined],
    ['cacheReader', source.entries.has('cacheReader') ? source.cacheReader?.text : undefined],
  ] as const;
  for (const [key, command] of commands) {
    const fault = command === undefined ? undefined : await commandFault(command, path);
    if (fault !== undefined) {
      missing.add(key);
      findings.error('missing-program', `${key}: ${fault}`, {
        clients: 'data requests get 500',
        advice: `install the program, or correct ${key} or BIN_PATH`,
      });
    }
  }
  return missing;
}

function checkExample(source: Source, example: ExampleRange, now: number, findings: Findings): void {
  const valid = validRangeOf(source, now);
  if (valid === undefined) return;
  const part = intersection(example.range, valid);
  if (part === undefined) {
    findings.error('example', `exampleRange${example.suffix} lies outside of validRange`, {
      clients: 'who try it get no data',
    });
  } else if (compareTimes(part.begin, example.range.begin) !== 0 || compareTimes(part.end, example.range.end) !== 0) {
    findings.note('example', `exampleRange${example.suffix} reaches beyond validRange; requests are trimmed`);
  }
}
