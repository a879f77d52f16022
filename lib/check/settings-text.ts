/**
 * All settings of das2server.conf in words, for administrators at a terminal: `das2_srv_check --settings`. The same rows as in
 * docs/administration.md.
 */
import { SETTING_MEANINGS, WITHOUT_EFFECT } from '../conf/setting-meanings.js';
import { type SettingKey, SYNONYMS, setting, settingKeys } from '../conf/settings.js';

/** A paragraph for each setting, in alphabetical order. */
export function settingsText(): string {
  return [...settingKeys()].sort().map(paragraph).join('\n');
}

function paragraph(key: SettingKey): string {
  const { kind, values, default: given } = setting(key);
  const { meaning, otherwise } = SETTING_MEANINGS[key];
  const preset = given === undefined ? otherwise : given;
  const facts = [values?.join(' or ') ?? kind, ...(preset === undefined ? [] : [`default: ${preset}`])];
  const also = Object.keys(SYNONYMS).filter((word) => SYNONYMS[word] === key);
  const more = [
    ...(also.length === 0 ? [] : [`Also ${also.join(', ')}.`]),
    ...(WITHOUT_EFFECT.has(key) ? ['Accepted, without effect in this version.'] : []),
  ];
  return `${key} (${facts.join('; ')})\n  ${[meaning, ...more].join(' ')}\n`;
}
