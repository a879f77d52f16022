/** HAPI datasets behind definitions: which there are, what they hold, who gets what (server-internals 6.3 to 6.6). */
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { makeJob } from '../../lib/queue/item.js';
import { SourceTree } from '../../lib/source/source-tree.js';
import { runTask } from '../../lib/worker/tasks.js';
import { awayFromMidnight } from '../tools/away-from-midnight.js';
import { layOutHapiSite } from '../tools/hapi-site.js';
import { type Answer, inProcess } from '../tools/in-process.js';
import { htmlFaults } from '../tools/validate-html.js';
import { yearBefore } from '../tools/year-before.js';

const DAY = 'start=2017-01-01&stop=2017-01-02';
const JUNE = 'start=2017-06-01&stop=2017-06-02';
const LOG_IN = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
const WRONG = { Authorization: `Basic ${Buffer.from('u:x').toString('base64')}` };

function makeSite(t: Test, settings: Readonly<Record<string, string | undefined>> = {}) {
  const site = inProcess(t, layOutHapiSite(settings));
  const get = (path: string, query: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    site.ask({ path: `/hapi/${path}`, query, headers, method });
  const json = async (path: string, query: string, headers: Record<string, string> = {}) =>
    JSON.parse((await get(path, query, headers)).text);
  const ids = async (): Promise<string[]> =>
    (await json('catalog', '')).catalog.map(({ id }: { readonly id: string }) => id);
  const rows = async (query: string, headers: Record<string, string> = {}): Promise<string[]> => {
    const { text, status } = await get('data', query, headers);
    return status === 200 ? text.split('\n').slice(0, -1) : [text];
  };
  return { ...site, get, json, ids, rows };
}

t.test('the catalog lists what everybody can have', async (t) => {
  const { ids, get } = makeSite(t);
  const wanted = [
    'H/Aged',
    'H/Averages:six',
    'H/Dies',
    'H/Double',
    'H/Later/Fails',
    'H/Later/Half',
    'H/Later/NoData',
    'H/Later/Other',
    'H/Later/Refused',
    'H/Later/Silent',
    'H/Later/SomeData',
    'H/Levels',
    'H/Merged',
    'H/Own',
    'H/Plain',
    'H/Steps:h',
    'H/Sub:fast',
    'H/Sub:raw',
    'H/Two:pkt01',
    'H/Two:pkt05',
  ];
  t.strictSame(await ids(), wanted);
  t.strictSame(await ids(), wanted, 'again, from the headers that were kept');
  const { log } = await get('catalog', '');
  t.notOk(
    log.some((line) => line.includes('looking at')),
    'no reader runs the second time',
  );
  for (const id of [
    'H/Off',
    'H/Q',
    'H/Far',
    'H/Moved',
    'H/NoRange',
    'H/Pruned/X',
    'H/NeedsInterval',
    'H/Sub',
    'H/Two',
  ]) {
    t.equal((await get('info', `id=${id}`)).status, 404, id);
    t.equal((await get('data', `id=${id}&${DAY}`)).status, 404, id);
  }
  for (const id of [
    'H/Plain:x',
    'H/Plain:pkt01',
    'H/Two:pkt09',
    'H/Steps:none',
    'H/Sub:broken',
    '/H/Plain',
    'H/Plain.dsdf',
    'H//Plain',
    ':',
    'H/_dirinfo_',
  ]) {
    t.equal((await get('info', `id=${encodeURIComponent(id)}`)).status, 404, id);
  }
  for (const id of ['H/Hidden', 'H/Fine', 'H/Two:pkt05']) t.equal((await get('info', `id=${id}`)).status, 200, id);
  t.equal((await get('info', 'id=H/Changing')).status, 500);
  t.equal((await get('info', 'id=H/Bad')).status, 500);
});

t.test('an info document', async (t) => {
  const { json, get } = makeSite(t, { HAPI_MAX_SPAN: '30 d' });
  const { headers } = await get('info', 'id=H/Plain');
  t.match(headers['Last-Modified'], / GMT$/);
  const { modificationDate, ...info } = await json('info', 'id=H/Plain');
  t.match(modificationDate, /^\d{4}-\d\d-\d\dT.*Z$/);
  t.strictSame(info, {
    HAPI: '3.3',
    status: { code: 1200, message: 'OK' },
    startDate: '2017-01-01T00:00:00.000Z',
    stopDate: '2018-01-01T00:00:00.000Z',
    cadence: 'PT3600S',
    sampleStartDate: '2017-01-01T00:00:00.000Z',
    sampleStopDate: '2017-01-02T00:00:00.000Z',
    description: 'All about it',
    resourceURL: 'http://das.example.org/das/server/source/H/Plain.html',
    contact: 'S <s@x.org>',
    maxRequestDuration: 'PT2592000S',
    x_das2: {
      dataset: 'H/Plain',
      query: 'http://das.example.org/das/server?server=dataset&dataset=H/Plain',
      description: 'http://das.example.org/das/server?server=dsdf&dataset=H/Plain',
    },
    parameters: [
      { name: 'Time', type: 'isotime', units: 'UTC', fill: null, length: 24 },
      { name: 'B', type: 'double', units: 'nT', fill: '-1e31', label: 'Field' },
      {
        name: 'spectrum',
        type: 'double',
        units: 'V**2 m**-2',
        fill: '-1e31',
        size: [3],
        bins: [{ name: 'yTags', units: 'Hz', centers: [1, 2.5, 10] }],
      },
    ],
  });
  t.strictSame((await json('info', 'id=H/Plain&parameters=spectrum')).parameters, [
    info.parameters[0],
    info.parameters[2],
  ]);
});

t.test('older versions', async (t) => {
  const { json, get } = makeSite(t, { HAPI_VERSION: '2.0' });
  const info = await json('info', 'id=H/Averages:six');
  t.equal(info.HAPI, '2.0');
  t.equal(info.timeStampLocation, 'CENTER');
  t.notOk(JSON.stringify(info).includes('label'));
  t.notOk('catalogDepthOptions' in (await json('capabilities', '')));
  t.equal((await json('about', '')).status.code, 1400);
  t.equal((await get('info', 'dataset=H/Plain')).status, 400);
  t.equal((await json('nonsense', '')).HAPI, '2.0');
});

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

t.test('headers are kept, and made anew when the definition changes', async (t) => {
  const { get, fixture, json } = makeSite(t);
  const looked = async (id: string): Promise<boolean> =>
    (await get('info', `id=${id}`)).log.some((line) => line.includes('looking at the data'));
  t.equal(await looked('H/Plain'), true);
  t.equal(await looked('H/Plain'), false);
  const file = join(fixture.stateRoot, 'hapi/H/Plain.json');
  t.ok(existsSync(file));
  const { modificationDate } = await json('info', 'id=H/Plain');
  t.equal((await json('info', 'id=H/Plain')).modificationDate, modificationDate);
  const later = new Date(Date.now() + 10_000);
  utimesSync(join(fixture.dsdfRoot, 'H/Plain.dsdf'), later, later);
  t.equal(await looked('H/Plain'), true, 'another time of the file');
  t.equal(await looked('H/Plain'), false);
  for (const content of [
    '',
    '{',
    '[]',
    '{"format":1}',
    JSON.stringify({ format: 1, key: 'x', builtAt: 1, tables: [] }),
  ]) {
    writeFileSync(file, content);
    t.equal(await looked('H/Plain'), true, content);
  }
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...whole, tables: [{ parameters: [null] }] }));
  t.equal(await looked('H/Plain'), true, 'the form is checked');
  t.strictSame(
    readdirSync(join(fixture.stateRoot, 'hapi/H')).filter((name) => name.startsWith('.')),
    [],
    'nothing is left lying about',
  );
});

t.test('without a place to keep anything', async (t) => {
  const { get, json, ids } = makeSite(t, { STATE_ROOT: '/dev/null/nowhere' });
  t.equal((await get('info', 'id=H/Plain')).status, 200);
  t.strictSame(await json('info', 'id=H/Plain'), await json('info', 'id=H/Plain'));
  t.ok((await ids()).includes('H/Plain'));
});

t.test('cache levels as datasets', async (t) => {
  const { ids, rows, json } = makeSite(t, { HAPI_LEVELS: 'true' });
  t.ok((await ids()).includes('H/Levels:PT21600S'));
  const info = await json('info', 'id=H/Levels:PT21600S');
  t.equal(info.cadence, 'PT21600S');
  t.equal((await rows(`id=H/Levels:PT21600S&${DAY}`)).length, 4);
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
  t.equal(averages.context.notes.cache, 'off');
  t.match(averages.context.notes, {
    kind: 'hapi/data',
    dataset: 'H/Averages',
    begin: '2017-01-01T00:00:00',
    resolution: 21600,
  });
});

t.test('switched off', async (t) => {
  const { get } = makeSite(t, { ENABLE_HAPI_SUBSYS: 'false' });
  for (const path of ['', 'capabilities', 'data', 'x']) t.equal((await get(path, '')).status, 404, path);
});

t.test('validators', async (t) => {
  const { get } = makeSite(t);
  const { headers } = await get('capabilities', '');
  const again = await get('capabilities', '', { 'If-None-Match': headers.ETag ?? '' });
  t.equal(again.status, 304);
  const data = await get('data', `id=H/Plain&${JUNE}`);
  t.equal(data.headers.ETag, undefined, 'an empty answer may not stay empty');
});

t.test('hostile text in every key', async (t) => {
  const { get, fixture } = makeSite(t);
  await get('info', 'id=H/Sub:raw');
  const told = join(fixture.stateRoot, 'told');
  rmSync(told, { force: true });
  const payloads = [
    '$(touch EVIL)',
    '`EVIL`',
    '; EVIL',
    "'EVIL",
    '../../etc/passwd EVIL',
    '/etc/passwd',
    'a\0EVIL',
    'x\r\nX-Evil: 1',
    '<script>EVIL',
  ];
  for (const payload of [...payloads, 'EVIL'.repeat(500), '%2e%2e/EVIL', '__proto__', ':', ',', ':pkt01']) {
    const value = encodeURIComponent(payload);
    const fields = {
      dataset: 'H/Sub:raw',
      start: '2017-01-01',
      stop: '2017-01-02',
      parameters: 'B',
      format: 'csv',
      include: 'header',
    };
    for (const key of Object.keys(fields)) {
      const query = Object.entries(fields)
        .map(([name, own]) => `${name}=${name === key ? value : own}`)
        .join('&');
      const { status, text, headers } = await get('data', query);
      t.ok(status === 400 || status === 404, `${key}=${payload.slice(0, 30)}: ${status}`);
      t.notMatch(text, /EVIL|passwd:|script/);
      t.notMatch(JSON.stringify(headers), /EVIL|X-Evil/);
      t.type(JSON.parse(text).status.code, 'number');
    }
    const { status, text } = await get('data', `${value}=1`);
    t.equal(status, 400);
    t.notMatch(text, /EVIL|passwd|script/);
  }
  t.notOk(existsSync(told), 'no reader runs');
});

t.test('pages of sources link their datasets', async (t) => {
  const { ask } = makeSite(t);
  const { text } = await ask({ path: '/source/H/Sub.html' });
  t.match(text, 'href="/das/server/hapi/info?id=H/Sub:fast"');
  t.notMatch((await ask({ path: '/source/H/Off.html' })).text, '/hapi/info');
  await ask({ path: '/hapi/info', query: 'id=H/Two:pkt05' });
  const page = (await ask({ path: '/hapi' })).text;
  t.strictSame(await htmlFaults(page), []);
  t.match(page, 'href="/das/server/hapi/info?id=H/Two:pkt05"');
  t.match(page, 'not been looked at yet');
});
