/**
 * das2_srv_cite equivalent: declares that two digests stand for the same data, where another compiler, processor or reducer has changed last places only
 * (citation 13.3).
 *
 *     equivalent OLD NEW --reason TEXT [--name WHO] [--absolute X] [--relative X] [--packets N]
 *     equivalent                          lists the declarations
 *
 * Contract: whole digests that the log has, since what is declared is public and stays.
 */
import { Equivalences } from '../../cite/citation/equivalence.js';
import { findDigits } from '../../cite/log/census.js';
import { ownAccount } from '../../queue/own-account.js';
import { textTable } from '../text-table.js';
import { usage } from '../wrong-usage.js';
import type { CitationPlace } from './kept.js';

export interface EquivalentOptions {
  readonly reason?: string;
  readonly name?: string;
  readonly absolute?: string;
  readonly relative?: string;
  readonly packets?: string;
}

/** Declares two digests equivalent, or lists what is declared; answers the exit status. Error: `usage`. */
export function declareEquivalent(
  place: CitationPlace,
  words: readonly string[],
  { reason = '', name = ownAccount().name, absolute, relative, packets }: EquivalentOptions,
): number {
  const { root, print } = place;
  const equivalences = new Equivalences(root);
  if (words.length === 0) return list(place, equivalences);
  const [old = '', other = ''] = words.map((word) => digestOf(root, word));
  if (words.length !== 2 || old === other) throw usage('equivalent takes two digests: of before, and of after');
  if (reason.trim() === '') throw usage('equivalent needs --reason');
  const numbers = {
    ...(absolute !== undefined && { absolute: numberOf('--absolute', absolute) }),
    ...(relative !== undefined && { relative: numberOf('--relative', relative) }),
    ...(packets !== undefined && { packets: numberOf('--packets', packets) }),
  };
  const isNew = !equivalences.has(old, other);
  if (isNew)
    equivalences.declare({
      old,
      new: other,
      ...numbers,
      name: name.trim(),
      date: new Date().toISOString(),
      reason: reason.trim(),
    });
  print(isNew ? 'declared equivalent\n' : 'they were equivalent already\n');
  return 0;
}

/** The digest that a word means, as the log writes it. */
function digestOf(root: string, word: string): string {
  const [, form, digits] = /^(?:sha256-)?(?:(d2c1|q1):)?([0-9a-f]{64})$/i.exec(word) ?? [];
  if (digits === undefined) throw usage(`'${word.slice(0, 80)}' is no digest of 64 hexadecimal digits`);
  const known = findDigits(root, digits.toLowerCase(), 1)[0]?.d2c1;
  if (known === undefined || (form !== undefined && known.startsWith('q1:') !== (form.toLowerCase() === 'q1')))
    throw usage(`the log has no content digest ${digits.slice(0, 16)}…`);
  return known;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0) || !Number.isFinite(value) || text.trim() === '') throw usage(`${option} takes a number from 0 on`);
  return value;
}

function list({ json, print }: CitationPlace, { list: items }: Equivalences): number {
  if (json) print(`${JSON.stringify(items, undefined, 2)}\n`);
  else if (items.length === 0) print('nothing was declared equivalent\n');
  else {
    const rows = items.map((item) => [item.date, item.name, item.old.slice(0, 20), item.new.slice(0, 20), item.reason]);
    print(textTable({ head: ['date', 'name', 'old', 'new', 'reason'], rows }));
  }
  return 0;
}
