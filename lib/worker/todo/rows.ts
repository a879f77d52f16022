/**
 * Jobs of a queue as rows: what is on the lists, filtered; as JSON they are what programs get (server-internals 3.5). People get table.ts.
 */
import type { Broker } from '../../queue/broker.js';
import { categoryRule } from '../../queue/category.js';
import { itemId } from '../../queue/identity.js';
import { itemTime, originalText, parseProgress, tryParseItem } from '../../queue/item.js';

export type ListKind = 'todo' | 'working' | 'done' | 'dead';

/** One job of a list. */
export interface JobRow {
  /** Ten hexadecimal digits, the same on every list. */
  readonly id: string;
  readonly list: ListKind;
  /** Text of the waiting item. */
  readonly item: string;
  readonly category: string;
  readonly submitted: string;
  readonly requester: string;
  readonly client: string;
  readonly user: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly begin?: string;
  readonly status?: string;
  /** 0 to 1. */
  readonly progress?: number;
  readonly end?: string;
  readonly code?: number;
  /** Working: `<host>-<pid>-<slot>`, and seconds since its last sign of life. */
  readonly holder?: string;
  readonly beatAge?: number;
  /** Put off until then. */
  readonly notBefore?: string;
  /** Why the item cannot be read. */
  readonly unreadable?: string;
}

export interface RowFilter {
  readonly limit: number | undefined;
  readonly oldest: boolean;
  readonly category: string | undefined;
  /** First part of the dataset. */
  readonly dataset: string | undefined;
}

/** Of those that `Date` knows. */
const LAST_TIME = 8.64e15;

/** The jobs of a list, newest first unless `oldest`. */
export async function readRows(broker: Broker, list: ListKind, filter: RowFilter): Promise<JobRow[]> {
  let rows = await allRows(broker, list);
  if (filter.category !== undefined) rows = rows.filter((row) => row.category === filter.category);
  const { dataset } = filter;
  if (dataset !== undefined)
    rows = rows.filter((row) => (row.fields.dataset ?? row.fields.id ?? '').startsWith(dataset));
  if (filter.oldest) rows.reverse();
  return filter.limit === undefined ? rows : rows.slice(0, filter.limit);
}

async function allRows(broker: Broker, list: ListKind): Promise<JobRow[]> {
  if (list === 'todo') {
    const waiting = await broker.list(list);
    const until = await broker.putOff();
    return waiting.map((text) => {
      const time = until.get(text);
      return { ...rowOf(text, list), ...(isTime(time) && { notBefore: itemTime(time) }) };
    });
  }
  if (list !== 'working')
    return (await broker.list(list === 'done' ? 'finished' : list)).map((text) => rowOf(text, list));
  const rows = (await broker.working()).map(({ text, holder, beatAge }) => ({
    ...rowOf(text, list),
    holder,
    ...(beatAge !== undefined && { beatAge: Math.round(beatAge) }),
  }));
  return rows.sort((a, b) => (a.submitted < b.submitted ? 1 : -1));
}

/** Whoever writes to the queue may have written no time. */
function isTime(milliseconds: number | undefined): milliseconds is number {
  return milliseconds !== undefined && Math.abs(milliseconds) <= LAST_TIME;
}

/** The row of an item's text. */
export function rowOf(text: string, list: ListKind): JobRow {
  const common = { id: itemId(text), list, item: originalText(text) };
  const parsed = tryParseItem(text);
  if (typeof parsed === 'string') {
    // On the other lists the last four fields are the job's own, whatever they look like.
    const tail = list === 'done' || list === 'dead' ? tailOf(text) : {};
    const words = text.split('|');
    return { ...common, ...partsOf(tail.end === undefined ? words : words.slice(0, -4)), unreadable: parsed, ...tail };
  }
  const { job } = parsed;
  const names = categoryRule(job.category).fields.map(([name]) => name);
  const row: JobRow = {
    ...common,
    category: job.category,
    submitted: job.requestTime,
    requester: [job.requester, job.requesterExtra].filter((part) => part !== '').join(' '),
    client: job.remote,
    user: job.user,
    fields: Object.fromEntries(names.map((name, i) => [name, job.fields[i] ?? ''])),
  };
  if (parsed.stage === 'waiting') return row;
  const { begin, status } = parsed;
  if (parsed.stage === 'finished') return { ...row, begin, status, end: parsed.end, code: parsed.code };
  const progress = parseProgress(parsed.progress);
  return { ...row, begin, status, ...(progress !== undefined && { progress }) };
}

/** What an item says that is none of ours, by place: people will want to know whose it is. Nothing of what is no item at all. */
function partsOf(words: readonly string[]) {
  const [submitted = '', requester = '', more = '', client = '', , user = '', category = '', ...values] = words;
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(submitted)) {
    return { category: '', submitted: '', requester: '', client: '', user: '', fields: {} };
  }
  const from = [requester, more].filter((part) => part !== '').join(' ');
  const fields = Object.fromEntries(values.map((value, i) => [`field ${i + 1}`, value]));
  return { category: category.trim(), submitted, requester: from, client, user, fields };
}

/** Of a finished item that was refused for its form, its end can be read all the same. */
function tailOf(text: string): Partial<JobRow> {
  const [begin, status, end, code] = text.split('|').slice(-4);
  if (begin === undefined || status === undefined || end === undefined || !/^\d{1,4}$/.test(code ?? '')) return {};
  return { begin, status, end, code: Number(code) };
}
