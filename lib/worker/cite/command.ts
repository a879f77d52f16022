/**
 * The command line of das2_srv_cite: the log of deliveries and kept citations, for administrators (citation 6.2, 14.3). Status: 0 done, 1 something is
 * damaged, not kept, or not the same, 13 wrong usage, 17 configuration.
 */

import { readCitationId } from '../../cite/citation/id.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { findOrphans } from '../../cite/citation/orphans.js';
import { writtenForm } from '../../cite/citation/states.js';
import { findDigits, logCensus, visitLog } from '../../cite/log/census.js';
import { brokenLink, compact, firstKeptMonth } from '../../cite/log/compact.js';
import type { LogEntry } from '../../cite/log/row.js';
import { LogStore } from '../../cite/log/store.js';
import { requestFromQuery } from '../../cite/request-key.js';
import { CONFIG_OPTION, readWords } from '../../command/read-words.js';
import { type Configuration, loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';
import { textTable } from '../text-table.js';
import { USAGE, usage } from '../wrong-usage.js';
import { requireCitations } from './access.js';
import type { EquivalentOptions } from './equivalent.js';

const PROGRAM = 'das2_srv_cite';
const MOST_FOUND = 1000;
/** Kept citations that one run of `verify` looks at. */
const USUAL_NUMBER = 20;
const SHORTEST_DIGITS = 8;

interface Options extends EquivalentOptions {
  readonly config?: string;
  readonly json?: true;
  readonly before?: string;
  readonly most?: string;
}

const HELP = `
Commands:
  check                    count the entries, name the files that have damaged lines, and the
                           citations whose deliveries are lost
  find DIGITS|ADDRESS      print the deliveries that belong to the first digits of a key, of a
                           content digest or of the SHA-256 of a file, to the id of a citation, or
                           to an address of data
  export [ID...]           print all deliveries as CSV; with ids the records of kept citations as
                           XML of DataCite
  compact                  condense old months to one row for each request, digest and way the data
                           were made, and drop deliveries without a digest. Run it once a month
  lint                     list the sources that say too little of themselves for a good citation
  keep ID|KEY...           keep citations for good: those of ids, or of the keys of requests whose
                           data have had one state
  verify [ID...]           read the data of citations again and note whether they are still the
                           same; without ids those of the kept citations that were not looked at for
                           the longest time
  probe [SOURCE...]        read the testRange of sources again and compare it with the last look
  equivalent [A B]         declare that two digests stand for the same data, which differ in the
                           last digits only, since another compiler, processor or reducer made them;
                           without digests list what was declared
  withdraw ID              put a notice in the place of a citation that was kept

Run it as the account of the server, to which the log belongs.

Status: 0 done; 1 something is damaged, not kept, or not the same; 13 wrong usage;
17 configuration missing or bad.

Examples:
  ${PROGRAM} check
  ${PROGRAM} find 08671c44daeb3094
  ${PROGRAM} compact --before 2026-01
  ${PROGRAM} verify --most 50`;

/** Runs a sub-command; answers the exit status. */
export async function citeCommand(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Looks after the log of citations of the das2 server.')
    .argument('<command>', 'one of those below')
    .argument('[words...]', 'what it is about')
    .option('--reason <text>', 'withdraw, equivalent: why, for everybody to read')
    .option('--name <who>', 'equivalent: who says so (default: the account)')
    .option('--absolute <number>', 'equivalent: the largest difference that was found')
    .option('--relative <number>', 'equivalent: the same as a fraction of the value')
    .option('--packets <number>', 'equivalent: packets that were compared')
    .option(...CONFIG_OPTION)
    .option('--before <month>', 'compact: months before this one, such as 2026-01 (default: by CITE_RAW_MONTHS)')
    .option('--most <number>', `verify without ids: so many kept citations (default: ${USUAL_NUMBER})`)
    .option('--json', 'print one JSON document')
    .addHelpText('after', HELP);
  const status = await readWords(command, args, { wrong: USAGE });
  if (status !== undefined) return status;
  try {
    return await run(command.opts<Options>(), command.args);
  } catch (error) {
    if (!isDas2Error(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    writeFully(
      2,
      Buffer.from(`${PROGRAM}: ${isDas2Error(error) ? errorDetail(error) : String((error as Error).message)}\n`),
    );
    return isDas2Error(error, 'usage') ? USAGE : 17;
  }
}

/** How many words stand behind a sub-command: at least, at most. */
const WORDS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['check', [0, 0]],
  ['find', [1, 1]],
  ['export', [0, Number.POSITIVE_INFINITY]],
  ['compact', [0, 0]],
  ['lint', [0, 0]],
  ['keep', [1, Number.POSITIVE_INFINITY]],
  ['verify', [0, Number.POSITIVE_INFINITY]],
  ['probe', [0, Number.POSITIVE_INFINITY]],
  ['equivalent', [0, 2]],
  ['withdraw', [1, 1]],
]);

async function run(options: Options, [what = '', ...words]: readonly string[]): Promise<number> {
  const numbers = WORDS.get(what);
  if (numbers === undefined) throw usage(`there is no sub-command '${what.slice(0, 40)}'`);
  const [least, most] = numbers;
  if (words.length < least) throw usage(`${what} needs a word behind it`);
  if (words.length > most) throw usage(`${what} takes ${['no words', 'one word', 'two words'][most]} behind it`);
  const digits = words[0];
  const configuration = loadConfiguration({ file: options.config });
  const root = configuration.path('CITE_ROOT');
  if (root === undefined) throw new Das2Error('configuration', 'CITE_ROOT is not set');
  if (what === 'lint')
    return (await import('./lint.js')).lintSources(configuration, { json: options.json === true, print });
  requireCitations(root);
  const place = { configuration, root, json: options.json === true, print };
  if (what === 'equivalent') return (await import('./equivalent.js')).declareEquivalent(place, words, options);
  if (what === 'keep') return (await import('./kept.js')).keepCitations(place, words);
  if (what === 'verify' || what === 'probe') {
    if (!configuration.flag('CITE_ENABLE'))
      throw new Das2Error('configuration', 'CITE_ENABLE is off: nothing is hashed, so nothing can be compared');
    if (what === 'probe') return (await import('./probe.js')).probeSources(place, words);
    return (await import('./kept.js')).verifyCitations(place, wantedOf(words, options));
  }
  if (what === 'withdraw') return withdraw(root, digits ?? '', options);
  if (what === 'check') return check(root, options);
  if (what === 'export')
    return words.length > 0 ? (await import('./registered.js')).exportRecords(place, words) : exportLog(root);
  if (what !== 'find') return condense(configuration, root, options);
  const key = /^https?:/i.test(digits ?? '') ? await keyOfAddress(configuration, digits ?? '') : undefined;
  return find(root, key ?? digits ?? '', options);
}

async function keyOfAddress(configuration: Configuration, address: string): Promise<string> {
  return (await import('./registered.js')).keyOfAddress(configuration, address);
}

/** Which citations are to be compared. */
function wantedOf(words: readonly string[], { most = String(USUAL_NUMBER) }: Options): { ids: string[]; most: number } {
  if (!/^[1-9]\d{0,5}$/.test(most)) throw usage('--most takes a number from 1 on');
  const ids = words.map((word) => {
    const id = readCitationId(word);
    if (id === undefined) throw usage(`'${word.slice(0, 40)}' is no id of a citation`);
    return id;
  });
  return { ids, most: Number(most) };
}

function withdraw(root: string, text: string, { reason }: Options): number {
  const id = readCitationId(text);
  if (id === undefined) throw usage('this is no id of a citation');
  if (reason === undefined || reason.trim() === '') throw usage('withdraw needs --reason');
  const kept = new KeptCitations(root);
  if (!kept.isKept(id)) throw usage(`${id} is not kept here`);
  kept.note(id, { time: new Date().toISOString(), event: 'withdrawn', reason: reason.trim() });
  print(`${id} is withdrawn\n`);
  return 0;
}

function check(root: string, { json }: Options): number {
  const census = logCensus(root);
  const broken = brokenLink(root);
  const orphans = findOrphans(root);
  if (json) print(`${JSON.stringify({ ...census, brokenLink: broken, orphans }, undefined, 2)}\n`);
  else {
    const states = Object.entries(census.deliveries).map(([state, count]) => `${count} ${state}`);
    print(`${census.segments} segments, ${census.summaries} summaries\nDeliveries: ${states.join(', ')}\n`);
    if (census.first !== undefined) print(`From ${census.first} to ${census.last}\n`);
    for (const { file, lines } of census.damaged)
      print(`${file}: ${lines} ${lines === 1 ? 'line is' : 'lines are'} damaged\n`);
    if (broken !== undefined) print(`chain/${broken}: does not fit the link before it\n`);
    for (const id of orphans.ids) print(`${id}: the log has no delivery of this citation any more\n`);
    for (const id of orphans.kept) print(`${id}: is kept, but the log has no delivery of it any more\n`);
    for (const file of orphans.files) print(`${file}: belongs to no kept citation\n`);
  }
  const lost = orphans.ids.length + orphans.kept.length + orphans.files.length;
  return census.damaged.length > 0 || broken !== undefined || lost > 0 ? 1 : 0;
}

function find(root: string, digits: string, { json }: Options): number {
  const entries = foundEntries(root, digits);
  if (json) {
    print(`${JSON.stringify(entries, undefined, 2)}\n`);
    return 0;
  }
  if (entries.length === 0) {
    print('nothing in the log begins with these digits\n');
    return 0;
  }
  print(
    textTable({
      head: ['time', 'state', 'deliveries', 'digest', 'format', 'via', 'request'],
      rows: entries.map(rowOf),
    }),
  );
  return 0;
}

/** The entries that digits begin, or those with the content that the id of a citation stands for. */
function foundEntries(root: string, word: string): readonly LogEntry[] {
  const id = readCitationId(word);
  if (id !== undefined) {
    const issued = new KeptCitations(root).issued(id);
    if (issued === undefined) return [];
    return new LogStore(root)
      .find(issued.rk)
      .entries.filter(({ d2c1 }) => d2c1 !== undefined && writtenForm(d2c1) === issued.digest);
  }
  const wanted = word.toLowerCase().replace(/^sha256-(?:d2c1|q1):/, '');
  if (!/^[0-9a-f]+$/.test(wanted) || wanted.length < SHORTEST_DIGITS) {
    throw usage(
      `find needs at least ${SHORTEST_DIGITS} hexadecimal digits, the id of a citation, or an address of data`,
    );
  }
  return findDigits(root, wanted, MOST_FOUND);
}

const COLUMNS = [
  'time',
  'rk',
  'state',
  'reason',
  'd2c1',
  'm',
  'raw',
  'format',
  'bytes',
  'packets',
  'firstX',
  'lastX',
  'via',
  'dsver',
  'open',
  'count',
  'request',
] as const satisfies readonly (keyof LogEntry)[];

/** Prints the whole log as CSV (RFC 4180), file by file. A condensed delivery has the `count` of those that it stands for. */
function exportLog(root: string): number {
  print(`${COLUMNS.join(',')}\r\n`);
  visitLog(root, (_file, entries) => {
    const lines = entries.map((entry) => COLUMNS.map((name) => csvField(entry[name])).join(','));
    if (lines.length > 0) print(`${lines.join('\r\n')}\r\n`);
  });
  return 0;
}

function csvField(value: string | number | boolean | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rowOf({ time, state, count = 1, d2c1 = '-', format, via, request }: LogEntry): string[] {
  const asked = requestFromQuery(request);
  const words =
    asked === undefined ? request : [asked.dataset, asked.begin, asked.end, asked.res, asked.params].join(' ');
  return [time, state, String(count), d2c1.slice(0, 20), format, via, words.trim()];
}

function condense(configuration: Configuration, root: string, { before, json }: Options): number {
  if (before !== undefined && !/^\d{4}-(?:0[1-9]|1[0-2])$/.test(before))
    throw usage('--before takes a month such as 2026-01');
  const kept = firstKeptMonth(Date.now(), configuration.integer('CITE_RAW_MONTHS') ?? 13);
  const month = before?.replace('-', '') ?? kept;
  if (month > firstKeptMonth(Date.now(), 1)) throw usage('the present month is still being written');
  const result = compact(root, { before: month, chain: configuration.flag('CITE_CHAIN') });
  if (json) print(`${JSON.stringify({ before: month, ...result }, undefined, 2)}\n`);
  else print(`${result.segments} segments of months before ${month.slice(0, 4)}-${month.slice(4)} condensed\n`);
  return result.damaged > 0 ? 1 : 0;
}

function print(text: string): void {
  writeFully(1, Buffer.from(text));
}
