/**
 * What all machines of a site have logged, in Redis (citation 6.3): an index; the files of each machine stay the record.
 *
 *     cite:rq:<rk>     hash: `request`, `latest` and its `time`; and for each log, digest and way the data were made a row as log/summary.ts makes it
 *     cite:h:<rk>      sorted set: digests by the first time, in milliseconds since 1970
 *     cite:id:<id>     the key and the digest of which this is the id
 *     cite:log         stream of rows with the name of their log, the oldest fall out; a row may be there twice
 *     cite:logs        hash: names of logs whose past is in the index, and since when
 *
 * Contract: every question has a limit of time, and rejects behind it. A row that is noted twice is counted twice; what is filled in again is counted right.
 */
import type { Redis } from 'ioredis';
import { parseConnection } from '../../queue/connection.js';
import { RedisClient } from '../../queue/redis/client.js';
import { citationId } from '../citation/id.js';
import { formatRow, type LogEntry, parseRow } from '../log/row.js';
import { entriesOfSummary, summaryRows } from '../log/summary.js';

/** Rows that the stream keeps, more or less. */
const MOST_ROWS = 100_000;
/** Rows that are asked for at once. */
const PAGE = 2000;
/** How often somebody else may change the same place in between. */
const MOST_TRIES = 20;

/** Keys: request, digests, id of the citation, stream. Values: key; time, row and request of the latest entry; log; first time, digest, place, and its summary before and now. */
const NOTE = `
if ARGV[8] ~= '' and (redis.call('HGET', KEYS[1], ARGV[8]) or '') ~= ARGV[9] then return 0 end
local time = redis.call('HGET', KEYS[1], 'time')
if not time or time <= ARGV[2] then redis.call('HSET', KEYS[1], 'time', ARGV[2], 'latest', ARGV[3]) end
redis.call('HSET', KEYS[1], 'request', ARGV[4])
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[8], ARGV[10])
  local first = redis.call('ZSCORE', KEYS[2], ARGV[7])
  if not first or tonumber(first) > tonumber(ARGV[6]) then redis.call('ZADD', KEYS[2], ARGV[6], ARGV[7]) end
  redis.call('SET', KEYS[3], ARGV[1] .. '\\t' .. ARGV[7])
end
if ARGV[5] ~= '' then
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ${MOST_ROWS}, '*', 'log', ARGV[5], 'row', ARGV[3])
end
return 1`;

/** What the index knows of a request. */
export interface IndexedRequest {
  /** Canonical request as a query string. */
  readonly request: string;
  /** Deliveries of other logs, condensed, in no order. */
  readonly entries: readonly LogEntry[];
}

/** Deliveries that the stream told of, and the place up to which it was read. */
export interface StreamedDeliveries {
  readonly entries: readonly LogEntry[];
  readonly upTo: string;
}

/** The first place of the stream behind another one; '' is in front of all. */
function behind(place: string): string {
  const [time, number] = place.split('-');
  return place === '' ? '-' : `${time}-${Number(number) + 1}`;
}

export class CiteIndex {
  private readonly client: RedisClient;

  /** `WORK_QUEUE_CONN`, and the name of this machine's log. Throws `configuration`. */
  constructor(
    connection: string | undefined,
    private readonly log: string,
    private readonly limitMs: number,
  ) {
    this.client = new RedisClient({ connection: parseConnection(connection), patient: false });
  }

  /** Notes a delivery of this log that its files have already. Its request stands in it. */
  async note(entry: LogEntry): Promise<void> {
    const place = this.placeOf(entry);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = place === '' ? '' : await this.summary(entry.rk, place);
      const behind = place === '' ? '' : (summaryRows([...entriesOfSummary(before), entry])[0] ?? '');
      if (await this.put(entry, { latest: entry, log: this.log, place, before, behind })) return;
    }
    throw new Error('others change the same entry all the time');
  }

  /** Puts all deliveries of one request to this log, newest first, in the place of what the index knew of them. */
  async fill(entries: readonly LogEntry[]): Promise<void> {
    const [latest] = entries;
    if (latest === undefined) return;
    for (const behind of summaryRows(entries)) {
      const first = entriesOfSummary(behind).at(-1);
      if (first === undefined) continue;
      const place = this.placeOf(first);
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const before = await this.summary(first.rk, place);
        if (await this.put(first, { latest, log: '', place, before, behind })) break;
      }
    }
  }

  /** Tells of deliveries of this log that are counted already (`fill`). */
  async tell(entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries)
      await this.put(entry, { latest: entry, log: this.log, place: '', before: '', behind: '' });
  }

  /** What is known of a request; undefined if nothing is. Deliveries of this log are left out: its files know them better. */
  async find(rk: string): Promise<IndexedRequest | undefined> {
    const fields = await this.ask((redis) => redis.hgetall(`cite:rq:${rk}`));
    const { request } = fields;
    if (request === undefined) return undefined;
    const entries = Object.entries(fields)
      .filter(([place]) => place.includes(' ') && !place.startsWith(`${this.log} `))
      .flatMap(([, summary]) => entriesOfSummary(summary))
      .map((entry) => ({ ...entry, request }));
    return { request, entries };
  }

  /** Deliveries of other logs behind a place of the stream, in the order in which the index got them, if their rows are wanted. */
  async deliveriesOfOthers(since: string, isWanted: (row: string) => boolean): Promise<StreamedDeliveries> {
    const entries: LogEntry[] = [];
    let upTo = since;
    for (;;) {
      const page = await this.ask((redis) => redis.xrange('cite:log', behind(upTo), '+', 'COUNT', PAGE));
      for (const [, [, log, , row = '']] of page) {
        const entry = log !== this.log && isWanted(row) ? parseRow(row) : undefined;
        if (entry !== undefined) entries.push(entry);
      }
      upTo = page.at(-1)?.[0] ?? upTo;
      if (page.length < PAGE) return { entries, upTo };
    }
  }

  /** Keeps a request for work that is done later. */
  async keepRequest(rk: string, request: string): Promise<void> {
    await this.ask((redis) => redis.hsetnx(`cite:rq:${rk}`, 'request', request));
  }

  /** Request and digest behind the id of a citation; undefined if no log has them. */
  async issued(
    id: string,
  ): Promise<{ readonly rk: string; readonly d2c1: string; readonly request: string } | undefined> {
    const [rk, d2c1] = (await this.ask((redis) => redis.get(`cite:id:${id}`)))?.split('\t') ?? [];
    const request = rk === undefined ? null : await this.ask((redis) => redis.hget(`cite:rq:${rk}`, 'request'));
    return rk === undefined || d2c1 === undefined || request === null ? undefined : { rk, d2c1, request };
  }

  /** Whether the past of this log is in the index. */
  async isFilled(): Promise<boolean> {
    return (await this.ask((redis) => redis.hexists('cite:logs', this.log))) === 1;
  }

  async setFilled(): Promise<void> {
    await this.ask((redis) => redis.hset('cite:logs', this.log, new Date().toISOString()));
  }

  /** Whether the server writes what it holds to an append-only file; undefined if it does not say. */
  async isPersistent(): Promise<boolean | undefined> {
    const on = /^aof_enabled:(\d)/m.exec(await this.ask((redis) => redis.info('persistence')))?.[1];
    return on === undefined ? undefined : on === '1';
  }

  close(): void {
    this.client.close();
  }

  /** Where the summary of deliveries such as this one stands; '' if it has no digest. */
  private placeOf({ state, d2c1, via }: LogEntry): string {
    return state === 'ok' && d2c1 !== undefined ? `${this.log} ${d2c1} ${via}` : '';
  }

  private async summary(rk: string, place: string): Promise<string> {
    return (await this.ask((redis) => redis.hget(`cite:rq:${rk}`, place))) ?? '';
  }

  /** True if nobody has changed the summary meanwhile. `log`: other machines are told. */
  private async put(
    { rk, time, d2c1 = '' }: LogEntry,
    what: {
      readonly latest: LogEntry;
      readonly log: string;
      readonly place: string;
      readonly before: string;
      readonly behind: string;
    },
  ): Promise<boolean> {
    const { latest, log, place, before, behind } = what;
    const { request } = latest;
    const keys = [`cite:rq:${rk}`, `cite:h:${rk}`, `cite:id:${citationId(rk, d2c1.replace('q1:', ''))}`, 'cite:log'];
    const row = formatRow(latest, request).trimEnd();
    const values = [rk, latest.time, row, request, log, Date.parse(time), d2c1, place, before, behind];
    return (await this.ask((redis) => redis.eval(NOTE, keys.length, ...keys, ...values))) === 1;
  }

  /** Asks with a limit of time: what comes later is no answer. */
  private async ask<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    // To load the library is work of our own, and no fault of the index.
    await import('ioredis');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.limitMs} ms`)), this.limitMs);
    });
    try {
      return await Promise.race([this.client.call(command), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
