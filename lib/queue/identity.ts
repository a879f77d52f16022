/**
 * What makes two jobs the same, and the keys that follow from it (server-internals 3.6). SHA-1 tells texts apart here; it
 * guards nothing.
 */
import { createHash } from 'node:crypto';
import { categoryRule } from './category.js';
import { canonicalField } from './field.js';
import { type Job, tryParseItem, waitingText } from './item.js';

/** 40 hexadecimal digits, equal for jobs that ask for the same work. */
function jobKey(job: Job): string {
  const { fields } = categoryRule(job.category);
  const values = fields.map(([, kind], i) => canonicalField(kind, job.fields[i] ?? ''));
  while (values.at(-1) === '') values.pop();
  return sha1([job.category, ...values].join('|'));
}

/** The key of an item's text in any stage; of the text itself where it cannot be read. */
export function itemKey(text: string): string {
  const item = tryParseItem(text);
  return typeof item === 'string' ? sha1(text) : jobKey(item.job);
}

/** Ten hexadecimal digits by which people name a job: the same in every stage, and different for each submission. */
export function itemId(text: string): string {
  const item = tryParseItem(text);
  // An older form waits in its own words and ends in ours.
  return sha1(typeof item === 'string' ? text : waitingText(item.job)).slice(0, 10);
}

/** SHA-1 as 40 hexadecimal digits. */
export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
