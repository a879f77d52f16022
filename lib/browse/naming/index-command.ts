/**
 * The command line of das2_srv_browse_index (browse-export 4.1, 4.2). Status: 0 done, 13 wrong usage, 15 done with doubts that `--strict`
 * does not bear, 17 configuration.
 */

import { CONFIG_OPTION, readWords } from '../../command/read-words.js';
import { loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';
import { SourceTree } from '../../source/tree/source-tree.js';
import { namesFileName } from './lines.js';
import { type NamingTable, namingTable } from './table.js';

const PROGRAM = 'das2_srv_browse_index';
const USAGE = 13;
const DOUBTS = 15;

interface Options {
  readonly config?: string;
  readonly force?: true;
  readonly strict?: true;
  readonly json?: true;
}

/** Brings the table up to date and says what is in it; answers the exit status. */
export async function indexCommand(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Brings the naming table of the browse pages up to date and says what is wrong with definitions.')
    .option(...CONFIG_OPTION)
    .option('-f, --force', 'make the table anew though nothing has changed')
    .option('--strict', `end with status ${DOUBTS} if a definition leaves doubts`)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
The table lies in BROWSE_CACHE and is made from the definitions below DSDF_ROOT. The browse pages
bring it up to date by themselves; this program does it now, and says why a source is missing there.
Lines that you wrote into its files by hand stay.

Status: 0 done; ${USAGE} wrong usage; ${DOUBTS} a definition leaves doubts (with --strict);
17 configuration missing or bad.

Examples:
  ${PROGRAM}
  ${PROGRAM} --force --strict -c /opt/das2/etc/das2server.conf`,
    );
  const status = await readWords(command, args, { wrong: USAGE });
  if (status !== undefined) return status;
  if (command.args.length > 0) return fail(`takes no '${command.args[0]}'; see --help`, USAGE);
  try {
    return await run(command.opts<Options>());
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return fail(errorDetail(error), error.exitStatus);
  }
}

async function run(options: Options): Promise<number> {
  const configuration = loadConfiguration({ file: options.config });
  const tree = new SourceTree(configuration, () => {});
  const table = await namingTable(tree, { now: Date.now(), force: options.force === true });
  writeFully(1, Buffer.from(options.json ? asJson(table) : asText(table)));
  if (table.problem !== undefined) return fail(`the table could not be made anew: ${table.problem}`, 17);
  if (!table.isStored) {
    const folder = configuration.path('BROWSE_CACHE');
    const what =
      folder === undefined ? 'BROWSE_CACHE is not set' : `BROWSE_CACHE, ${folder}, cannot be written by this account`;
    return fail(`the table is not there for others: ${what}; run this as the account of the web server`, 17);
  }
  return options.strict === true && table.complaints.length > 0 ? DOUBTS : 0;
}

function filesOf(table: NamingTable): Map<string, number> {
  const files = new Map<string, number>();
  for (const { prog, level, grid } of table.series) {
    const name = namesFileName({ prog, level, block: grid.block });
    files.set(name, (files.get(name) ?? 0) + 1);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asText(table: NamingTable): string {
  const rows = [...filesOf(table)].map(([name, count]) => `${name}  ${count}\n`).join('');
  const doubts = table.complaints.map((line) => `  ${line}\n`).join('');
  const count = `${table.series.length} series, table of ${new Date(table.asOf).toISOString().slice(0, 19)}Z\n`;
  return `${rows}${count}${doubts === '' ? '' : `Look at these definitions:\n${doubts}`}`;
}

function asJson(table: NamingTable): string {
  const files = Object.fromEntries(filesOf(table));
  const made = new Date(table.asOf).toISOString();
  return `${JSON.stringify({ series: table.series.length, made, files, complaints: table.complaints })}\n`;
}

function fail(text: string, status: number): number {
  writeFully(2, Buffer.from(`${PROGRAM}: ${text}\n`));
  return status;
}
