/**
 * One delivery as a line of the log (citation 6.1): sixteen fields between tabs, no person among them.
 *
 *     1 time rk state d2c1 m raw format bytes packets firstX lastX via dsver open request
 *
 * Contract: a line has at most 3500 bytes and ends with a line feed. `-` stands for what is not known. `state` is `ok`, `aborted`, `failed` or
 * `unhashed`; behind a colon may stand why, behind `ok:` the digest that does not see the order of structures. Text that is no such line is no row.
 */

export type EntryState = 'ok' | 'aborted' | 'failed' | 'unhashed';

/** A delivery. Undefined: not known. */
export interface LogEntry {
  /** UTC with milliseconds. */
  readonly time: string;
  readonly rk: string;
  readonly state: EntryState;
  readonly reason?: string | undefined;
  /** Content digest, 64 hexadecimal digits; `q1:` in front of that of a QStream. */
  readonly d2c1?: string | undefined;
  /** See digest/order-free.ts. */
  readonly orderFree?: string | undefined;
  readonly m?: string | undefined;
  /** SHA-256 of the body as sent, before it was coded. */
  readonly raw?: string | undefined;
  /** `d2s`, `d2t`, `qds`, `qdt`, `hapi-csv`, `hapi-binary`, `hapi-json`; `none` for a digest that was computed. */
  readonly format: string;
  readonly bytes: number;
  readonly packets?: number | undefined;
  readonly firstX?: string | undefined;
  readonly lastX?: string | undefined;
  /** How reduced data were made: `live`, `live:<level>`, `cache:<level>`, `cache:<level>+<finer level>`. */
  readonly via: string;
  /** Version of the dataset. */
  readonly dsver?: string | undefined;
  /** The interval reached the present. */
  readonly open: boolean;
  /** The canonical request as a query string. */
  readonly request: string;
  /** Deliveries that it stands for, where the log has been condensed; undefined: one. */
  readonly count?: number;
}

export const LONGEST_ROW = 3500;
/** Stands for a request that would make the row too long and is kept in a file of its own. */
export const REQUEST_ELSEWHERE = '@';

const FIELDS = 16;
const LONGEST_REASON = 200;
const STATES: ReadonlySet<string> = new Set<EntryState>(['ok', 'aborted', 'failed', 'unhashed']);

/** The line of an entry; `request` may be `@`. */
export function formatRow(entry: LogEntry, request: string): string {
  const more = entry.state === 'ok' ? entry.orderFree : entry.reason;
  const reason = more === undefined ? '' : `:${field(more).slice(0, LONGEST_REASON)}`;
  const fields = [
    '1',
    entry.time,
    entry.rk,
    entry.state + reason,
    entry.d2c1,
    entry.m,
    entry.raw,
    entry.format,
    entry.bytes,
    entry.packets,
    entry.firstX,
    entry.lastX,
    entry.via,
    entry.dsver,
    entry.open ? 1 : 0,
    request,
  ];
  return `${fields.map((value) => field(value ?? '-')).join('\t')}\n`;
}

/** The entry of a line without its line feed; undefined if it is none. */
export function parseRow(line: string): LogEntry | undefined {
  const fields = line.split('\t');
  if (fields.length !== FIELDS || fields[0] !== '1') return undefined;
  const at = (index: number): string => fields[index] ?? '';
  const known = (index: number): string | undefined => (at(index) === '-' ? undefined : at(index));
  const [, state = '', , more] = /^([a-z]+)(:(.*))?$/.exec(at(3)) ?? [];
  if (!STATES.has(state) || !/^[0-9a-f]{64}$/.test(at(2)) || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at(1)))
    return undefined;
  const packets = known(9);
  return {
    time: at(1),
    rk: at(2),
    state: state as EntryState,
    reason: state === 'ok' ? undefined : more,
    d2c1: known(4),
    orderFree: state === 'ok' ? more : undefined,
    m: known(5),
    raw: known(6),
    format: at(7),
    bytes: Number(at(8)),
    packets: packets === undefined ? undefined : Number(packets),
    firstX: known(10),
    lastX: known(11),
    via: at(12),
    dsver: known(13),
    open: at(14) === '1',
    request: at(15),
  };
}

/** Whether somebody got the data; without that, their digest was only computed. */
export function isDelivery({ format }: Pick<LogEntry, 'format'>): boolean {
  return format !== 'none';
}

/** What every row of a dataset has in it, unless its request is elsewhere. */
export function datasetMark(dataset: string): string {
  return `\tdataset=${encodeURIComponent(dataset)}&`;
}

/** Text that does not break the line. */
function field(value: string | number): string {
  return String(value).replace(/[\0-\x1f\x7f]+/g, ' ');
}
