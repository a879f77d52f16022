/**
 * The command line of das2_srv_usage (server-internals 7.3): a report of who fetched what, from the access logs. Status: 0 done, 13 wrong
 * usage, 17 configuration.
 */

import { CONFIG_OPTION, readWords } from '../../command/read-words.js';
import { loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';
import { USAGE, usage } from '../wrong-usage.js';
import { DIMENSIONS, type Dimension, isDimension } from './dimensions.js';
import { logTime, usageReport, usageTable } from './report.js';

const PROGRAM = 'das2_srv_usage';

interface Options {
  readonly config?: string;
  readonly by: string;
  readonly dataset?: string;
  readonly month?: string;
  readonly json?: true;
}

/** Prints a report; answers the exit status. */
export async function usageCommand(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Counts the requests in the access logs of the das2 server: bytes, clients, failures.')
    .argument('[begin]', 'only requests from this time on, such as 2026-03-01')
    .argument('[end]', 'only requests before this time')
    .option(...CONFIG_OPTION)
    .option('-b, --by <list>', `what makes a row: ${DIMENSIONS.join(', ')}, joined by commas`, 'month,dataset')
    .option('-m, --month <month>', 'only this month, such as 2026-03')
    .option('-d, --dataset <id>', 'only this data source, or those below this folder')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Requests of robots (agents with 'bot' in their names) are counted in the last column only. 'cached'
counts the data requests that needed no reader. A network is the first 24 bits of an IPv4 address,
or the first 48 of an IPv6 address.

Status: 0 done; 13 wrong usage; 17 configuration missing or bad.

Examples:
  ${PROGRAM} --month 2026-03
  ${PROGRAM} --by agent,network --dataset Examples --json 2026-01-01 2027-01-01`,
    );
  const status = await readWords(command, args, { wrong: USAGE });
  if (status !== undefined) return status;
  try {
    return await report(command.opts<Options>(), command.args);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    writeFully(2, Buffer.from(`${PROGRAM}: ${errorDetail(error)}\n`));
    return error.code === 'configuration' ? error.exitStatus : USAGE;
  }
}

async function report(options: Options, [first, last]: readonly string[]): Promise<number> {
  const by = dimensionsOf(options.by);
  if (options.month !== undefined && first !== undefined) throw usage('--month and a time range exclude each other');
  const [begin, end] = options.month === undefined ? [timeOf(first), timeOf(last)] : monthOf(options.month);
  if (begin !== undefined && end !== undefined && begin >= end) throw usage('END must be later than BEGIN');
  const configuration = loadConfiguration({ file: options.config });
  const folder = configuration.requiredPath('LOG_PATH');
  const found = await readable(() => usageReport(folder, { dataset: options.dataset, begin, end, by }));
  print(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : usageTable(found));
  if (found.unreadable > 0 && !options.json) {
    writeFully(2, Buffer.from(`${PROGRAM}: ${found.unreadable} lines of the logs are no records\n`));
  }
  return 0;
}

/** A folder that cannot be read is a fault of the configuration or of who runs this. */
async function readable<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (isDas2Error(error) || code === undefined) throw error;
    throw new Das2Error('configuration', `LOG_PATH cannot be read (${code})`);
  }
}

function dimensionsOf(list: string): Dimension[] {
  const names = list.split(',').map((name) => name.trim());
  for (const name of names) if (!isDimension(name)) throw usage(`--by takes ${DIMENSIONS.join(', ')}, not '${name}'`);
  if (new Set(names).size < names.length) throw usage('--by names something twice');
  return names.filter(isDimension);
}

function timeOf(text: string | undefined): string | undefined {
  try {
    return logTime(text);
  } catch (error) {
    if (isDas2Error(error)) throw usage(`'${text?.slice(0, 40)}' is not a time`);
    throw error;
  }
}

function monthOf(text: string): [string, string] {
  const match = /^(\d{4})-(\d\d)$/.exec(text);
  const [year, month] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || month < 1 || month > 12) throw usage('--month takes a month such as 2026-03');
  const next =
    month === 12 ? `${String(year + 1).padStart(4, '0')}-01` : `${match[1]}-${String(month + 1).padStart(2, '0')}`;
  return [`${text}-01`, `${next}-01`];
}

function print(text: string): void {
  writeFully(1, Buffer.from(text));
}
