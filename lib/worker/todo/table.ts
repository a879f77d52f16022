/**
 * Rows of jobs as a table for people: a column is an entry of the lists below (server-internals 3.5).
 */
import { plainText } from '../../queue/item.js';
import { textTable } from '../text-table.js';
import type { JobRow, ListKind } from './rows.js';

interface Column {
  readonly head: string;
  /** The lists that have it; default: all. */
  readonly lists?: readonly ListKind[];
  /** It stands only where some row has it. */
  readonly isRare?: true;
  cell(row: JobRow): string | undefined;
}

const FRONT: readonly Column[] = [
  { head: 'id', cell: ({ id }) => id },
  {
    head: 'status',
    lists: ['done'],
    cell: ({ code }) => (code === 0 || code === 16 ? 'OKAY' : `ERROR ${code ?? '?'}`),
  },
  { head: 'submitted on', cell: ({ submitted }) => submitted || '?' },
  {
    head: 'entered by',
    cell: ({ user, client, requester }) => (user !== '' && client === '' ? user : client || requester),
  },
  { head: 'job type', cell: typeOf },
];

/** Behind the parameters of the jobs. */
const BACK: readonly Column[] = [
  { head: 'started on', lists: ['working', 'done'], cell: ({ begin }) => begin },
  {
    head: 'progress',
    lists: ['working'],
    cell: ({ progress }) => (progress === undefined ? undefined : `${Math.round(progress * 100)}%`),
  },
  { head: 'doing', lists: ['working'], cell: ({ status }) => status },
  { head: 'worker', lists: ['working'], cell: ({ holder }) => holder },
  {
    head: 'last seen',
    lists: ['working'],
    cell: ({ beatAge }) => (beatAge === undefined ? undefined : `${beatAge} s ago`),
  },
  { head: 'finished on', lists: ['done'], cell: ({ end }) => end },
  { head: 'result', lists: ['done'], cell: ({ status, unreadable }) => status ?? unreadable },
  { head: 'not before', isRare: true, cell: ({ notBefore }) => notBefore },
];

const NAMES: Readonly<Record<ListKind, string>> = { todo: 'todo', working: 'working', done: 'finished', dead: 'dead' };

/** What stands above a table where there are several. */
export function listName(list: ListKind): string {
  return `das2_${NAMES[list]}`;
}

/** The message for a list without rows. */
export function emptyMessage(list: ListKind): string {
  return `${listName(list)} list contains no tasks`;
}

/** A table: header, dashes, left-justified columns. */
export function tableOf(list: ListKind, rows: readonly JobRow[]): string {
  const columns = [...FRONT, ...parameterColumns(rows), ...BACK].filter(
    ({ lists, isRare, cell }) =>
      (lists === undefined || lists.includes(list)) && (!isRare || rows.some((row) => cell(row) !== undefined)),
  );
  return textTable({
    head: columns.map(({ head }) => head),
    rows: rows.map((row) => columns.map(({ cell }) => plainText(cell(row) ?? '') || '-')),
  });
}

/** As many as the job with the most of them has. */
function parameterColumns(rows: readonly JobRow[]): Column[] {
  const most = Math.max(0, ...rows.map(({ fields }) => Object.keys(fields).length));
  return Array.from({ length: most }, (_none, i) => ({
    head: `param ${i + 1}`,
    cell: ({ fields }) => Object.values(fields)[i],
  }));
}

function typeOf({ category, unreadable }: JobRow): string {
  const type = category.replace('TASK_', '').toLowerCase();
  return unreadable === undefined ? type : type === '' ? 'unreadable' : `${type} (unreadable)`;
}
