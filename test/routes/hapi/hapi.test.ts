/** HAPI datasets behind definitions: which there are, what they hold, who gets what (server-internals 6.3 to 6.6). */
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { DAY, makeSite } from './place.js';

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
    provenance: 'http://das.example.org/das/server/versions/H/Plain',
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
  const unknown = makeSite(t, { HAPI_VERSION: 'foo' });
  t.equal((await unknown.json('nonsense', '')).HAPI, '3.3');
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

t.test('the sample of averages holds more than ten of them, where an example is that long', async (t) => {
  const { json, rows, fixture } = makeSite(t, { HAPI_LEVELS: 'true' });
  fixture.writeSource(
    'H/Samples',
    "das2Stream = 1\nreader = 'show plain'\nhapi = 1\ncacheLevel_00 = '1 h | daily'\nvalidRange = '2017-01-01 to 2018-01-01'\n" +
      "exampleRange_00 = '2017-01-01T03:00 to 2017-01-01T03:20'\nexampleRange_01 = '2017-01-01 to 2017-01-01T10'\n" +
      "exampleRange_02 = '2017-01-01 to 2017-01-01T11'\n",
  );
  const info = await json('info', 'id=H/Samples:PT3600S');
  t.match(info, {
    cadence: 'PT3600S',
    sampleStartDate: '2017-01-01T00:00:00.000Z',
    sampleStopDate: '2017-01-01T11:00:00.000Z',
  });
  t.match(
    await json('info', 'id=H/Samples'),
    { sampleStartDate: '2017-01-01T03:00:00.000Z' },
    'the first example, where no spacing is asked for',
  );
  t.equal((await rows('id=H/Samples:PT3600S&start=2017-01-01T00:00Z&stop=2017-01-01T11:00Z')).length, 11);
});

t.test('switched off', async (t) => {
  const { get } = makeSite(t, { ENABLE_HAPI_SUBSYS: 'false' });
  for (const path of ['', 'capabilities', 'data', 'x']) t.equal((await get(path, '')).status, 404, path);
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
