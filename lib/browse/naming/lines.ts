/**
 * Cache files of the naming table as text (browse-export 4.2): one for each program, level and block, one line for each series.
 *
 *   prog:mdi,lev:lev1.5,block:1day        mdi^lev1.5^fd_M_01d^TS_EQ^t_obs^1993.01.01_00:00:00_TAI
 *
 * Contract: pure. Lines of other index kinds and damaged ones are skipped and told, never fatal: people write such files by hand.
 */
import { compareCodePoints } from '../../code-points.js';
import { isDas2Error } from '../../error.js';
import { type Block, blockNamed } from '../record/block.js';
import { blockFault, type Epoch, epochTime, INDEX_KIND, makeEpoch } from '../record/epoch.js';
import { isKey, type Triad } from '../record/item-name.js';

/** What a cache file is about. */
export interface NamesFile {
  readonly prog: string;
  readonly level: string;
  readonly block: Block;
}

export interface NamingLine {
  readonly triad: Triad;
  readonly epoch: Epoch;
}

/** Characters that a reason or line may have in the log. */
const SHOWN = 120;

/** The name of a cache file. */
export function namesFileName({ prog, level, block }: NamesFile): string {
  return `prog:${prog},lev:${level},block:${block}`;
}

/** What a file with this name is about; undefined if it is no cache file. */
export function parseNamesFileName(name: string): NamesFile | undefined {
  const [, prog = '', level = '', text = ''] = /^prog:([^,]+),lev:([^,]+),block:([^,]+)$/.exec(name) ?? [];
  const block = blockNamed(text);
  return block === undefined || !isKey(prog) || !isKey(level) ? undefined : { prog, level, block };
}

/** The content of a file: lines in byte order of the series. `foreign`: lines of other index kinds, kept as they are. */
export function namingText(lines: readonly NamingLine[], foreign: readonly string[]): string {
  const own = lines.map(
    ({ triad: { prog, level, series }, epoch }) =>
      `${prog}^${level}^${series}^${INDEX_KIND}^${epoch.keyword}^${epochTime(epoch)}`,
  );
  const seriesOf = (line: string): string => line.split('^')[2] ?? '';
  return [...own, ...foreign]
    .sort((a, b) => compareCodePoints(seriesOf(a), seriesOf(b)))
    .map((line) => `${line}\n`)
    .join('');
}

/** The lines of a file that can be used, and those that cannot; `skipped` is told about the latter. */
export function parseNamingText(
  text: string,
  file: NamesFile,
  skipped: (reason: string) => void,
): { readonly lines: readonly NamingLine[]; readonly foreign: readonly string[] } {
  const lines: NamingLine[] = [];
  const foreign: string[] = [];
  const seen = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const read = parseLine(line, file);
    if (typeof read !== 'string' && !seen.has(read.triad.series)) {
      seen.add(read.triad.series);
      lines.push(read);
    } else {
      foreign.push(line);
      // The line itself, not its number: the next writing puts lines in order.
      const shown = line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
      const reason = typeof read === 'string' ? read : 'the series is there already';
      skipped(`${namesFileName(file)}: the line '${shown}' is skipped: ${reason}`);
    }
  }
  return { lines, foreign };
}

function parseLine(line: string, file: NamesFile): NamingLine | string {
  const [prog = '', level = '', series = '', kind, keyword = '', time, ...rest] = line.split('^');
  if (time === undefined || rest.length > 0) return 'it must have six fields';
  if (kind !== INDEX_KIND) return `index kind '${kind?.slice(0, SHOWN)}'`;
  if (prog !== file.prog || level !== file.level || !isKey(series)) return 'it does not belong into this file';
  try {
    const epoch = makeEpoch(keyword, time);
    return blockFault(file.block, epoch) ?? { triad: { prog, level, series }, epoch };
  } catch (error) {
    if (isDas2Error(error)) return error.message.slice(0, SHOWN);
    throw error;
  }
}
