/** The table of settings in docs/administration.md, made from lib/conf/settings.ts and setting-meanings.ts. */
import { SETTING_MEANINGS, WITHOUT_EFFECT } from '../../lib/conf/setting-meanings.js';
import { type Setting, type SettingKey, SYNONYMS, setting, settingKeys } from '../../lib/conf/settings.js';
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
  return new Set(settingKeys().filter((key) => !new RegExp(`['"]${key}['"]`).test(text)));
}

function row(key: SettingKey): string {
  const { kind, values, default: given } = setting(key);
  const { meaning, otherwise } = SETTING_MEANINGS[key];
  const value = given === undefined ? (otherwise ?? '') : `\`${given}\``;
  const synonyms = Object.keys(SYNONYMS).filter((word) => SYNONYMS[word] === key);
  const also = synonyms.length === 0 ? '' : ` Also ${synonyms.map((word) => `\`${word}\``).join(', ')}.`;
  const note = kind !== 'ignored' && WITHOUT_EFFECT.has(key) ? ' *Accepted, without effect in this version.*' : '';
  const kindText = values?.map((word) => `\`${word}\``).join(', ') ?? KINDS[kind];
  return `| \`${key}\` | ${kindText} | ${`${value} | ${meaning}`.replace(/</g, '&lt;')}${also}${note} |`.replace(
    / {2,}/g,
    ' ',
  );
}

/** All settings in alphabetical order as a Markdown table. */
export function settingsTable(): string {
  const rows = [...settingKeys()].sort().map((key) => row(key));
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
