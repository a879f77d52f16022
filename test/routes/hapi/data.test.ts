/** HAPI data: records, what readers are told, faults, guarded data, limits, the cache, validators. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { awayFromMidnight } from '../../tools/away-from-midnight.js';
import { yearBefore } from '../../tools/year-before.js';
import { DAY, JUNE, LOG_IN, makeSite, WRONG } from './place.js';

t.test('several tables in one stream', async (t) => {
  const { rows, json } = makeSite(t);
  t.equal((await rows(`id=H/Merged&${DAY}`)).length, 24, 'types with the same columns are one table');
  t.equal((await rows(`id=H/Two:pkt05&${DAY}&parameters=T`))[3], '2017-01-01T03:00:00.000Z,3.0e+00');
  t.equal((await rows(`id=H/Two:pkt01&${DAY}`)).length, 24);
  const names = (await json('info', 'id=H/Two:pkt05')).parameters.map(({ name }: { readonly name: string }) => name);
  t.strictSame(names, ['Time', 'T']);
});

t.test('records', async (t) => {
  const { rows, get, json } = makeSite(t);
  const times = async (query: string): Promise<string[]> => (await rows(query)).map((row) => row.slice(11, 13));
  t.strictSame(await times('id=H/Plain&start=2017-01-01T03:00&stop=2017-01-01T05:00Z'), ['03', '04']);
  const double = await get('data', `id=H/Double&${DAY}`);
  t.equal(double.text.split('\n').length, 25, 'a record that comes twice is sent once');
  t.ok(double.log.some((line) => line.includes('24 records, 1 left out')));
  const some = await get('data', 'id=H/Later/SomeData&start=2017-01-01&stop=2017-01-02');
  t.equal(some.text.split('\n').length, 4, 'an exception that says no data is the end, and no fault');
  t.equal(some.isCut, false);
  const empty = await get('data', `id=H/Plain&${JUNE}&include=header`);
  t.equal(empty.reply.reason, 'OK; HAPI 1201 OK - no data for time range');
  const head = JSON.parse(empty.text.replace(/^#/gm, ''));
  t.equal(head.status.code, 1201);
  t.match(await json('data', `id=H/Plain&${JUNE}&format=json`), { data: [], status: { code: 1201 } });
  const six = await rows(`id=H/Averages:six&${DAY}&parameters=B`);
  t.strictSame(six, [
    '2017-01-01T03:00:00.000Z,2.5e+00',
    '2017-01-01T09:00:00.000Z,8.5e+00',
    '2017-01-01T15:00:00.000Z,1.45e+01',
    '2017-01-01T21:00:00.000Z,2.05e+01',
  ]);
  t.equal((await json('info', 'id=H/Averages:six')).timeStampLocation, 'center');
  t.equal((await json('info', 'id=H/Averages:six')).cadence, 'PT21600S');
  const fine = await json('info', 'id=H/Fine');
  t.equal(fine.parameters[0].length, 27, 'microseconds where the times have them');
});

t.test('what readers are told', async (t) => {
  const { get, fixture } = makeSite(t);
  const told = async (query: string): Promise<string> => {
    const file = join(fixture.stateRoot, 'told');
    await get('info', query.replace(/&.*/, ''));
    rmSync(file, { force: true });
    await get('data', query);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : 'nothing';
  };
  t.equal(await told(`id=H/Sub:fast&${DAY}`), '2017-01-01T00:00:00 2017-01-02T00:00:00 -f fast');
  t.equal(await told(`id=H/Sub,fast&${DAY}`), '2017-01-01T00:00:00 2017-01-02T00:00:00 -f fast', 'the older form');
  t.equal(await told(`id=H/Sub:raw&${DAY}`), '2017-01-01T00:00:00 2017-01-02T00:00:00');
  t.equal(await told(`id=H/Steps:h&${DAY}`), '3600 2017-01-01T00:00:00 2017-01-02T00:00:00');
  t.equal(
    await told('id=H/Sub:raw&start=2017-01-01T00:00:00.0000019&stop=2017-01-01T00:00:00.0000021'),
    '2017-01-01T00:00:00.000001 2017-01-01T00:00:00.000003',
    'microseconds, and nothing cut off',
  );
  t.equal(await told(`id=H/Sub:raw&${DAY}&format=xml`), 'nothing', 'no reader runs for a wrong request');
  await get('info', 'id=H/Sub:raw');
  const file = join(fixture.stateRoot, 'told');
  rmSync(file, { force: true });
  t.equal((await get('data', `id=H/Sub:raw&${DAY}`, {}, 'HEAD')).status, 200);
  t.notOk(existsSync(file), 'nor for HEAD');
});

t.test('faults', async (t) => {
  const { get } = makeSite(t);
  for (const [name, message] of [
    ['Fails', /no calibration file/],
    ['Refused', /the calibration is missing/],
    ['Other', /other columns than the info document/],
  ] as const) {
    const { status, text } = await get('data', `id=H/Later/${name}&${JUNE}`);
    t.equal(status, 500, name);
    t.equal(JSON.parse(text).status.code, 1501);
    t.match(JSON.parse(text).status.message, message);
  }
  const half = await get('data', `id=H/Later/Half&${JUNE}`);
  t.equal(half.status, 500, 'nothing of half a packet is inside of the range');
  const log = (await get('data', `id=H/Later/Fails&${JUNE}`)).log.join('\n');
  t.match(log, /reader: later show plain then fail/);
  t.match(log, /das2_hapi/);
});

t.test('guarded data', async (t) => {
  const { get, rows, ids, json } = makeSite(t);
  await awayFromMidnight();
  const now = new Date();
  const closed = await get('info', 'id=H/Closed');
  t.equal(closed.status, 401, 'nobody has looked at the data yet, and nobody may now');
  t.equal(closed.headers['WWW-Authenticate'], 'Basic realm="My Realm"');
  t.equal((await get('data', `id=H/Closed&${DAY}`)).status, 401);
  t.equal((await get('data', `id=H/Closed&${DAY}`, WRONG)).status, 401);
  t.equal((await rows(`id=H/Closed&${DAY}`, LOG_IN)).length, 24);
  t.equal((await get('info', 'id=H/Closed')).status, 200, 'descriptions are public');
  t.notOk((await ids()).includes('H/Closed'));
  t.notOk((await ids()).includes('H/New'), 'all of it is too young');
  t.equal((await get('info', 'id=H/New')).status, 401);
  const { stopDate } = await json('info', 'id=H/Aged');
  const edge = yearBefore(now);
  t.equal(stopDate.slice(0, 7), edge.toISOString().slice(0, 7), 'the open part is what documents tell');
  t.match(stopDate, /T00:00:00\.000Z$/);
  t.equal((await rows(`id=H/Aged&${DAY}`)).length, 24, 'and that is for everybody');
  const beyond = `id=H/Aged&start=2017-01-01&stop=${now.toISOString().slice(0, 10)}`;
  t.equal(JSON.parse((await get('data', beyond)).text).status.code, 1405);
  t.equal((await get('data', beyond, WRONG)).status, 401);
  t.equal((await get('data', beyond, LOG_IN)).status, 200, 'a member may go further');
  const { headers } = await get('data', `id=H/Closed&${DAY}`, LOG_IN);
  t.equal(headers['Cache-Control'], 'private');
  t.equal(headers['Access-Control-Allow-Origin'], undefined);
});

t.test('limits', async (t) => {
  const { json } = makeSite(t, { HAPI_MAX_SPAN: '1 d' });
  t.equal((await json('data', `id=H/Plain&${DAY}&format=json`)).status.code, 1200);
  const longer = await json('data', 'id=H/Plain&start=2017-01-01&stop=2017-01-02T00:00:00.000000001');
  t.equal(longer.status.code, 1408);
  t.match(longer.status.message, /PT86400S/);
  const order = await json('data', 'id=H/Plain&start=2016-01-01&stop=2017-01-02&parameters=nope&format=nope');
  t.equal(order.status.code, 1407, 'parameters go before formats and ranges');
});

t.test('the cache serves, and only at the resolution that is asked for', async (t) => {
  const { get, fixture } = makeSite(t, { CACHE_ROOT: '../cache', CACHE_HOLDOFF: '0' });
  const live = await get('data', `id=H/Levels&${DAY}`);
  t.equal(live.context.notes.cache, 'miss');
  t.equal(live.text.split('\n').length, 25);
  t.ok(
    live.log.some((line) => line.includes('Cache: level 1')),
    'the intrinsic level, not that of averages',
  );
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const fields = ['H/Levels', '2017-01-01', '2017-01-02', 'ALL'];
  const { code } = await runTask(makeJob({ category: 'TASK_CACHE', fields, requester: 'test' }), {
    configuration,
    sources: new SourceTree(configuration),
    log: () => {},
    progress: () => {},
    signal: new AbortController().signal,
  });
  t.equal(code, 0);
  const hit = await get('data', `id=H/Levels&${DAY}`);
  t.equal(hit.context.notes.cache, 'hit');
  t.equal(hit.text, live.text);
  t.notOk(
    hit.log.some((line) => line.startsWith('reader:')),
    'no reader runs',
  );
  const part = await get('data', 'id=H/Levels&start=2017-01-01T05:00&stop=2017-01-01T07:00&parameters=B');
  t.equal(part.text, '2017-01-01T05:00:00.000Z,5.0e+00\n2017-01-01T06:00:00.000Z,6.0e+00\n');
  const averages = await get('data', `id=H/Averages:six&${DAY}`);
  t.equal(averages.context.notes.cache, 'off', 'its level is finer');
  t.match(averages.context.notes, {
    kind: 'hapi/data',
    dataset: 'H/Averages',
    begin: '2017-01-01T00:00:00',
    resolution: 21600,
  });
});

t.test('validators', async (t) => {
  const { get } = makeSite(t);
  const { headers } = await get('capabilities', '');
  const again = await get('capabilities', '', { 'If-None-Match': headers.ETag ?? '' });
  t.equal(again.status, 304);
  const data = await get('data', `id=H/Plain&${JUNE}`);
  t.equal(data.headers.ETag, undefined, 'an empty answer may not stay empty');
});
