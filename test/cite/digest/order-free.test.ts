/** Streams whose packets of different structures come in another order are not taken for other data (citation 5.1, 12.2, 13.2). */
import fc from 'fast-check';
import t from 'tap';
import { DigestTap, type StreamDigest } from '../../../lib/cite/digest/tap.js';
import { DatasetHistory } from '../../../lib/cite/history/history.js';
import { compact } from '../../../lib/cite/log/compact.js';
import { formatRow, parseRow } from '../../../lib/cite/log/row.js';
import { LogStore } from '../../../lib/cite/log/store.js';
import { ASK } from '../../routes/cite/requests.js';
import { packetHeader, record, STREAM } from '../../tools/build-stream.js';
import { citeSite, hours } from '../../tools/cite-site.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'little_endian_real4'];
const HOUR = 3600e6;
/** us2000 of 2017-01-01. */
const DAY = (Date.UTC(2017, 0, 1) - Date.UTC(2000, 0, 1)) * 1000;
const NAMES = ['E', 'B', 'D'];

/** A record: which of the structures, which hour. */
type Row = readonly [structure: number, hour: number];

/** A stream of these rows; `first` is the id of the first structure, the others follow. */
function streamOf(rows: readonly Row[], { first = 1, base = 0 }: { first?: number; base?: number } = {}): Buffer {
  const seen = new Set<number>();
  const parts: Buffer[] = [STREAM];
  for (const [structure, hour] of rows) {
    const id = (first + structure * 7) % 99;
    const planes = `${X}<y name="${NAMES[structure]}" type="little_endian_real4" units="nT"/>`;
    if (!seen.has(structure)) parts.push(packetHeader(id, planes));
    seen.add(structure);
    parts.push(record(id, TYPES, [DAY + hour * HOUR, base + hour + structure / 4]));
  }
  return Buffer.concat(parts);
}

function digest(bytes: Uint8Array): StreamDigest {
  const tap = new DigestTap();
  tap.push(bytes);
  return tap.end();
}

const EVERY: readonly Row[] = NAMES.flatMap((_, structure) => [0, 1, 2, 3].map((hour) => [structure, hour] as const));

t.test('any order of structures, and any ids, give one digest', (t) => {
  const expected = digest(streamOf(EVERY)).orderFree;
  t.match(expected, /^[0-9a-f]{64}$/);
  const keys = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: EVERY.length, maxLength: EVERY.length });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 40 }), (key, first) => {
      // Each structure takes its own rows in order, at places that the keys choose.
      const places = EVERY.map((row, at) => ({ row, key: key[at] as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ row }) => row[0]);
      const rows = places.map(
        (structure, at): Row => [structure, places.slice(0, at).filter((other) => other === structure).length],
      );
      return digest(streamOf(rows, { first })).orderFree === expected;
    }),
  );
  t.end();
});

t.test('other data give another one', (t) => {
  const expected = digest(streamOf(EVERY)).orderFree;
  t.not(digest(streamOf(EVERY, { base: 1 })).orderFree, expected, 'values');
  t.not(digest(streamOf(EVERY.slice(1))).orderFree, expected, 'a record less');
  const swapped = EVERY.map(([structure, hour]): Row => [structure, structure === 1 ? 3 - hour : hour]);
  t.not(digest(streamOf(swapped)).orderFree, expected, 'another order within a structure');
  const moved = EVERY.map(([structure, hour]): Row => [structure === 2 ? 1 : structure, hour]);
  t.not(digest(streamOf(moved)).orderFree, expected, 'values of another structure');
  t.end();
});

t.test('a stream of one structure, and one of very many, have none', (t) => {
  t.equal(digest(hours()).orderFree, undefined);
  const parts: Buffer[] = [STREAM];
  for (let at = 1; at <= 40; at++)
    parts.push(
      packetHeader(1, `${X}<y name="n${at}" type="little_endian_real4" units=""/>`),
      record(1, TYPES, [DAY, at]),
    );
  const many = digest(Buffer.concat(parts));
  t.match(many, { state: 'ok', packets: 40, orderFree: undefined });
  t.match(many.d2c1, /^[0-9a-f]{64}$/);
  t.end();
});

const IN_TURN: readonly Row[] = [0, 1, 2, 3].flatMap((hour) => [0, 1].map((structure) => [structure, hour] as const));
/** The same, where the last record of the first structure comes behind that of the second. */
const LATE: readonly Row[] = [...IN_TURN.slice(0, -2), ...IN_TURN.slice(-2).reverse()];

t.test('verification, history and expectations take it for the same data', async (t) => {
  const site = citeSite(t, {}, {});
  const cited = digest(streamOf(IN_TURN)).d2c1 ?? '';
  t.not(digest(streamOf(LATE)).d2c1, cited, 'the content digest sees the order');
  const url = encodeURIComponent(`http://das.example.org/das/server?${ASK}`);
  const verify = async () =>
    JSON.parse((await site.serve({ path: '/verify', query: `url=${url}&hash=${cited}` })).text);
  site.setStream('plain', streamOf(IN_TURN));
  await site.serve({ query: ASK });
  t.match(await verify(), { result: 'unchanged', reason: undefined });
  site.setStream('plain', streamOf(LATE));
  t.notMatch((await site.serve({ query: `${ASK}&expect=${cited}` })).bytes.toString('latin1'), 'log:warning');
  t.match(await verify(), { result: 'unchanged', reason: 'other-order' });
  t.equal((await site.serve({ query: `${ASK}&expect=${cited}` })).status, 200);
  t.equal((await site.serve({ query: `${ASK}&expect=${cited}&expect_mode=strict` })).status, 200);
  const interval = { begin: '2017-01-01', end: '2017-01-02' };
  const history = new DatasetHistory();
  for (const entry of site.entries()) history.add(entry, interval);
  t.same(history.changes, []);
  site.setStream('plain', streamOf(LATE, { base: 5 }));
  await site.serve({ query: ASK });
  t.match(await verify(), { result: 'changed' });
  for (const entry of site.entries()) history.add(entry, interval);
  t.equal(history.changes.length, 1);
  const again = new DatasetHistory({ states: history.lastStates });
  const last = site.entries().at(-1);
  if (last !== undefined) again.add({ ...last, time: '2999-01-01T00:00:00.000Z', d2c1: 'f'.repeat(64) }, interval);
  t.same(again.changes, [], 'states that were kept know of it, too');
});

t.test('it stands in the row, and in the condensed one', async (t) => {
  const site = citeSite(t, {}, {});
  site.setStream('plain', streamOf(IN_TURN));
  await site.serve({ query: ASK });
  const [entry] = site.entries();
  if (entry === undefined) return t.fail('no entry');
  const { orderFree } = digest(streamOf(IN_TURN));
  t.equal(entry.orderFree, orderFree);
  t.match(formatRow(entry, entry.request), `\tok:${orderFree}\t`);
  t.match(parseRow(formatRow(entry, entry.request).trimEnd()), { state: 'ok', orderFree, d2c1: entry.d2c1 });
  compact(site.citeRoot, { before: '299901', chain: false });
  t.match(new LogStore(site.citeRoot).find(entry.rk).entries, [{ state: 'ok', orderFree, d2c1: entry.d2c1 }]);
});
