/**
 * `browse-groups.ini`: one word for a list of series across programs (browse-export 2.1).
 *
 *   [lowres-mag]
 *   label = Low-resolution magnetograms
 *   description = One line for people who do not know the names
 *   series = mdi:lev1.5:fd_M_96m_01d mdi:lev1.5:fd_M_*
 *
 * Words of `series` are names of series, or whole names with program and level; `*` stands for any letters. Faulty sections are left out with
 * a warning; a file that does not exist has none.
 */
import { readFileSync } from 'node:fs';
import { fileText } from '../../bytes.js';
import { parseIni } from '../../conf/ini-file.js';
import { isKey, triadName } from '../record/item-name.js';
import { matchesPattern } from './pattern.js';
import type { Choice, Series } from './series.js';

export interface SeriesGroup extends Choice {
  readonly description?: string;
  readonly patterns: readonly string[];
}

/** The groups of a file. */
export function readGroups(file: string | undefined, warn: (line: string) => void): SeriesGroup[] {
  const text = file === undefined ? undefined : readOptional(file, warn);
  if (text === undefined) return [];
  return parseIni(text, (line) => warn(`BROWSE_GROUPS, line ${line}`)).flatMap(({ name, options }) => {
    const patterns = (options.get('series') ?? '').split(/[\s,]+/).filter((word) => word !== '');
    if (!isKey(name) || patterns.length === 0) {
      warn(`BROWSE_GROUPS: [${name.slice(0, 64)}] needs a name of A-Z a-z 0-9 . _ - and an option series; left out`);
      return [];
    }
    const description = options.get('description');
    return [{ key: name, label: options.get('label') || name, patterns, ...(description && { description }) }];
  });
}

/** The series with the groups of the site among their own. */
export function withGroups(series: readonly Series[], groups: readonly SeriesGroup[]): Series[] {
  return series.map((one) => {
    const own = new Set(one.groups.map(({ key }) => key));
    const more = groups.filter(
      ({ key, patterns }) =>
        !own.has(key) && patterns.some((pattern) => matchesPattern(pattern, one.series, triadName(one))),
    );
    return more.length === 0
      ? one
      : { ...one, groups: [...one.groups, ...more.map(({ key, label }) => ({ key, label }))] };
  });
}

/** The text of a file of the site; undefined if there is none. */
export function readOptional(file: string, warn: (line: string) => void): string | undefined {
  try {
    return fileText(readFileSync(file), (line) => warn(`${file}: ${line}`));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') warn(`${file} cannot be read (${code ?? 'error'})`);
    return undefined;
  }
}
