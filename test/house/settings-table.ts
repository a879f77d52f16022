/** The table of settings in docs/administration.md, made from lib/conf/settings.ts. */
import { SETTINGS, type Setting } from '../../lib/conf/settings.js';
import type { SourceFile } from './repository-files.js';

const KINDS: Readonly<Record<Setting['kind'], string>> = {
  text: 'text',
  flag: 'true or false',
  integer: 'number',
  seconds: 'time',
  bytes: 'size',
  choice: 'word',
  words: 'words',
  paths: 'paths',
  path: 'path',
  command: 'command',
  addresses: 'addresses',
  ignored: '',
};

/** Keys that no program of these sources asks for. */
export function unusedKeys(sources: readonly SourceFile[]): Set<string> {
  const text = sources.map((source) => source.text).join('\n');
  return new Set(Object.keys(SETTINGS).filter((key) => !new RegExp(`['"]${key}['"]`).test(text)));
}

function row([key, setting]: [string, Setting], unused: ReadonlySet<string>): string {
  const value = setting.default === undefined ? (setting.otherwise ?? '') : `\`${setting.default}\``;
  const kind = setting.values?.map((word) => `\`${word}\``).join(', ') ?? KINDS[setting.kind];
  const synonyms =
    setting.synonyms === undefined ? '' : ` Also ${setting.synonyms.map((word) => `\`${word}\``).join(', ')}.`;
  const note = setting.kind !== 'ignored' && unused.has(key) ? ' *Accepted, without effect in this version.*' : '';
  const meaning = `${value} | ${setting.meaning}`.replace(/</g, '&lt;');
  return `| \`${key}\` | ${kind} | ${meaning}${synonyms}${note} |`.replace(/ {2,}/g, ' ');
}

/** All settings in alphabetical order as a Markdown table. */
export function settingsTable(unused: ReadonlySet<string>): string {
  const rows = Object.entries<Setting>(SETTINGS).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows.map((entry) => row(entry, unused))].join(
    '\n',
  );
}
