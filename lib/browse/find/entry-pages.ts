/**
 * `browse-pages.ini`: entry pages with preset fields, for people who always ask about the same things (browse-export 6).
 *
 *   [synoptic]                 served as browse/p/synoptic
 *   title = Synoptic maps
 *   prog = mdi
 *   nick = lowres-mag, synoptic
 *   hide = prog, nick          fields that are not shown
 */
import { parseIni } from '../../conf/ini-file.js';
import { readOptional } from '../naming/groups-file.js';
import { CHOICE_FIELDS } from './query.js';

export interface PresetPage {
  readonly title: string | undefined;
  /** Parameters of the form. */
  readonly pairs: readonly (readonly [string, string])[];
  /** Fields that are sent and not shown. */
  readonly hidden: ReadonlySet<string>;
}

/** The page of this name; undefined if there is none. */
export function readPresetPage(
  file: string | undefined,
  name: string,
  warn: (line: string) => void,
): PresetPage | undefined {
  const text = file === undefined ? undefined : readOptional(file, warn);
  const section = parseIni(text ?? '', (line) => warn(`BROWSE_PAGES, line ${line}`)).find((one) => one.name === name);
  if (section === undefined) return undefined;
  const { options } = section;
  const pairs: [string, string][] = [];
  for (const [option, value] of options) {
    if (option === 'title' || option === 'hide') continue;
    for (const part of isList(option) ? listOf(value) : [value]) pairs.push([option, part]);
  }
  return { title: options.get('title'), pairs, hidden: new Set(listOf(options.get('hide') ?? '')) };
}

/** True for fields that have any number of choices; in the others a comma is a part of the text. */
function isList(option: string): boolean {
  return (CHOICE_FIELDS as readonly string[]).includes(option);
}

function listOf(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
