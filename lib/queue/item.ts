/**
 * The text of a job on a list, one line (server-internals 3.2), as older producers and workers write and read it:
 *
 *   waiting   requestTime|requester|requesterExtra|remote|remoteExtra|user|category|FIELD...
 *   working   <waiting>|begin|status|progress          progress: `0/100`, `32/114`, or a fraction `0.37`
 *   finished  <waiting>|begin|status|end|code
 *
 * Fields are joined by bars without any escape. How many there are tells the three apart. Reads two older forms with an empty
 * field too many: TASK_CACHE with 12 fields and TASK_COVERAGE with 11; never writes them. Pure text: knows no broker.
 */
import { Das2Error } from '../error.js';
import { type Category, categoryRule, type FieldKind, isCategory } from './category.js';
import { checkField, isInOrder } from './field.js';

/** Bytes of an item beyond which it is refused unread. */
export const ITEM_LIMIT = 8192;
const COMMON = 7;
const WORKING_EXTRA = 3;
const FINISHED_EXTRA = 4;
const STATUS_LIMIT = 500;

/** What is to be done, and who asked for it. */
export interface Job {
  /** UTC, `YYYY-MM-DDTHH:MM:SS.mmm`. */
  readonly requestTime: string;
  /** Web: host and path of the program; tool: its name. */
  readonly requester: string;
  readonly requesterExtra: string;
  /** Address of the client; '' for the tool. */
  readonly remote: string;
  readonly remoteExtra: string;
  /** Account that the producer runs under. */
  readonly user: string;
  readonly category: Category;
  /** The fields of the category, all of them. */
  readonly fields: readonly string[];
}

export type ParsedItem =
  | { readonly stage: 'waiting'; readonly job: Job; readonly olderForm: boolean }
  | {
      readonly stage: 'working';
      readonly job: Job;
      readonly begin: string;
      readonly status: string;
      readonly progress: string;
    }
  | {
      readonly stage: 'finished';
      readonly job: Job;
      readonly begin: string;
      readonly status: string;
      readonly end: string;
      readonly code: number;
    };

/** How a job ended (3.3). */
export const RESULT = {
  done: 0,
  partly: 1,
  failed: 13,
  gaveUp: 14,
  refused: 15,
  superseded: 16,
} as const;

/** Makes a job for the queue: fills in the time and checks all fields. Throws `illegalArgument`. */
export function makeJob(parts: {
  readonly category: Category;
  readonly fields: readonly string[];
  readonly requester: string;
  readonly requesterExtra?: string;
  readonly remote?: string;
  readonly user?: string;
  /** Milliseconds; default now. */
  readonly time?: number;
}): Job {
  const job: Job = {
    requestTime: itemTime(parts.time ?? Date.now()),
    requester: plainText(parts.requester),
    requesterExtra: plainText(parts.requesterExtra ?? ''),
    remote: plainText(parts.remote ?? ''),
    remoteExtra: '',
    user: plainText(parts.user ?? ''),
    category: parts.category,
    fields: parts.fields,
  };
  checkJob(job);
  return job;
}

/** The text of a waiting job. */
export function waitingText(job: Job): string {
  return [
    job.requestTime,
    job.requester,
    job.requesterExtra,
    job.remote,
    job.remoteExtra,
    job.user,
    job.category,
    ...job.fields,
  ].join('|');
}

/** The text of a job that is being done. `fraction` 0 to 1. */
export function workingText(
  job: Job,
  state: { readonly begin: string; readonly status: string; readonly fraction: number },
) {
  const fraction = Math.min(1, Math.max(0, Number.isFinite(state.fraction) ? state.fraction : 0));
  return `${waitingText(job)}|${state.begin}|${plainText(state.status)}|${fraction.toFixed(2)}`;
}

export interface Ending {
  readonly begin: string;
  readonly status: string;
  readonly end: string;
  readonly code: number;
}

/**
 * The text of a job that has come to its end. `item` is the waiting text, also of one that could not be read. An older form ends in the
 * form of all others: with a field too many, no tool could tell what had ended.
 */
export function finishedText(item: string, ending: Ending): string {
  const parsed = tryParseItem(item);
  const isOlder = typeof parsed !== 'string' && parsed.stage === 'waiting' && parsed.olderForm;
  const text = isOlder ? waitingText(parsed.job) : item.replace(/[\r\n\0]/g, ' ');
  return `${text}|${ending.begin}|${plainText(ending.status)}|${ending.end}|${ending.code}`;
}

/** Reads an item of any list. Throws `illegalArgument` saying what is wrong with it. */
export function parseItem(text: string): ParsedItem {
  if (Buffer.byteLength(text) > ITEM_LIMIT) throw refused(`the job has more than ${ITEM_LIMIT} bytes`);
  const all = text.split('|');
  const category = (all[COMMON - 1] ?? '').trim();
  if (!isCategory(category))
    throw refused(`'${plainText(category).slice(0, 40)}' is not a kind of job that is known here`);
  const count = COMMON + categoryRule(category).fields.length;
  const extra = all.length - count;
  if (extra === 0) return { stage: 'waiting', job: readJob(all, category), olderForm: false };
  // Field 8 of both older forms: the one behind the dataset.
  if (extra === 1 && isOlderForm(category, all)) {
    return { stage: 'waiting', job: readJob(all.toSpliced(COMMON + 1, 1), category), olderForm: true };
  }
  const job = (): Job => readJob(all.slice(0, count), category);
  const [begin = '', status = '', third = '', fourth = ''] = all.slice(count);
  if (extra === WORKING_EXTRA) return { stage: 'working', job: job(), begin, status, progress: third };
  if (extra === FINISHED_EXTRA) {
    if (!/^\d{1,4}$/.test(fourth)) throw refused('the job has ended without a return code');
    return { stage: 'finished', job: job(), begin, status, end: third, code: Number(fourth) };
  }
  throw refused(`a ${category} job must have ${count} fields, this one has ${all.length}`);
}

/** As `parseItem`, or the reason why it is none. */
export function tryParseItem(text: string): ParsedItem | string {
  try {
    return parseItem(text);
  } catch (error) {
    if (error instanceof Das2Error) return error.message;
    throw error;
  }
}

/** The waiting text within the text of any stage; the text itself where it cannot be read. */
export function originalText(text: string): string {
  const item = tryParseItem(text);
  return typeof item === 'string' || item.stage === 'waiting' ? text : waitingText(item.job);
}

/** True if the text says that its job has ended, whether or not its fields are in order. */
export function isFinishedText(text: string): boolean {
  const item = tryParseItem(text);
  return typeof item !== 'string' ? item.stage === 'finished' : /\|\d{4}-\d\d-\d\dT[\d:.]+\|\d{1,4}$/.test(text);
}

/** Progress as a fraction from 0 to 1, of either form; undefined if it is neither. */
export function parseProgress(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{0,9})?)(?:\/(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1]) / (match[2] === undefined ? 1 : Number(match[2]));
  return value >= 0 && value <= 1 ? value : undefined;
}

/** A time as items have it: UTC with milliseconds and without a zone. */
export function itemTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, -1);
}

/** Text that cannot break an item: bars, line ends and control characters become blanks. */
export function plainText(text: string): string {
  const plain = text.replace(/[|\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
  return plain.length > STATUS_LIMIT ? `${plain.slice(0, STATUS_LIMIT)}...` : plain;
}

function readJob(all: readonly string[], category: Category): Job {
  const [requestTime = '', requester = '', requesterExtra = '', remote = '', remoteExtra = '', user = ''] = all;
  const fields = all.slice(COMMON);
  const job: Job = { requestTime, requester, requesterExtra, remote, remoteExtra, user, category, fields };
  checkJob(job);
  return job;
}

function checkJob(job: Job): void {
  const check = (name: string, kind: FieldKind, value: string): void =>
    checkField(`the field '${name}' of the job`, kind, value);
  check('request time', 'time', job.requestTime);
  check('requester', 'text', job.requester);
  check('requester (more)', 'text', job.requesterExtra);
  check('client', 'text', job.remote);
  check('client (more)', 'text', job.remoteExtra);
  check('user', 'text', job.user);
  const rules = categoryRule(job.category).fields;
  if (rules.length !== job.fields.length) {
    throw refused(`a ${job.category} job takes ${rules.length} values, not ${job.fields.length}`);
  }
  for (const [i, [name, kind]] of rules.entries()) check(name, kind, job.fields[i] ?? '');
  if (!isInOrder(fieldOf(job, 'begin') ?? '', fieldOf(job, 'end') ?? '')) {
    throw refused('the end of the job is not after its begin');
  }
}

/** The value of a named field of the job's category; undefined if the category has none of that name. */
export function fieldOf(job: Job, name: string): string | undefined {
  const index = categoryRule(job.category).fields.findIndex(([field]) => field === name);
  return index < 0 ? undefined : job.fields[index];
}

function isOlderForm(category: Category, all: readonly string[]): boolean {
  if (all[COMMON + 1] !== '') return false;
  return category === 'TASK_CACHE' || (category === 'TASK_COVERAGE' && all[COMMON] === '');
}

function refused(reason: string): Das2Error {
  return new Das2Error('illegalArgument', reason);
}
