/** The HAPI dataset `SOURCE:coverage`: when it is there, what it says, who gets it (server-internals 6.3, 6.4, 7.2). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob, parseItem, RESULT } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { awayFromMidnight } from '../../tools/away-from-midnight.js';
import { layOutHapiSite } from '../../tools/hapi-site.js';
import { type Answer, inProcess } from '../../tools/in-process.js';
import { coverageFile, keptCoverage } from '../../tools/kept-coverage.js';
import { yearBefore } from '../../tools/year-before.js';

const LOG_IN = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
const COUNTS = [24, 0, undefined, 7, 1440];

function makeSite(t: Test, settings: Readonly<Record<string, string | undefined>> = {}) {
  const site = inProcess(t, layOutHapiSite({ CACHE_ROOT: '../cache', WORK_QUEUE_BROKER: 'spool', ...settings }));
  const { fixture } = site;
  const get = (path: string, query: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    site.ask({ path: `/hapi/${path}`, query, headers, method });
  const json = async (path: string, query: string, headers: Record<string, string> = {}) =>
    JSON.parse((await get(path, query, headers)).text);
  const keep = (dataset: string, begin = '2017-01-01', counts: readonly (number | undefined)[] = COUNTS): void => {
    const file = join(fixture.root, 'cache', coverageFile(dataset));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, keptCoverage(dataset, begin, counts));
  };
  const run = (category: 'TASK_COVERAGE' | 'HAPI_INFO_CACHE', fields: string[]) => {
    const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
    return runTask(makeJob({ category, fields, requester: 'test' }), {
      configuration,
      sources: new SourceTree(configuration),
      log() {},
      progress() {},
      signal: new AbortController().signal,
    });
  };
  const queued = async (): Promise<string[]> => {
    const broker = await openBroker(loadConfiguration({ file: fixture.configurationFile, environment: {} }));
    const items = [...((await broker?.list('todo')) ?? [])].map((text) => {
      const { category, fields } = parseItem(text).job;
      return [category, ...fields].join(' ').trim();
    });
    await broker?.close();
    return items.filter((item) => item.startsWith('TASK_COVERAGE'));
  };
  return { ...site, get, json, keep, run, queued };
}

t.test('the info document', async (t) => {
  const { json, keep, get } = makeSite(t);
  keep('H/Plain');
  await get('info', 'id=H/Plain');
  const { modificationDate, ...info } = await json('info', 'dataset=H/Plain:coverage');
  t.match(modificationDate, /Z$/);
  const time = { type: 'isotime', units: 'UTC', fill: null, length: 24 };
  t.strictSame(info, {
    HAPI: '3.3',
    status: { code: 1200, message: 'OK' },
    startDate: '2017-01-01T00:00:00.000Z',
    stopDate: '2017-01-06T00:00:00.000Z',
    timeStampLocation: 'begin',
    cadence: 'PT86400S',
    sampleStartDate: '2017-01-01T00:00:00.000Z',
    sampleStopDate: '2017-01-06T00:00:00.000Z',
    description: 'How many records there are on each day of: A dataset',
    resourceURL: 'http://das.example.org/das/server/source/H/Plain.html',
    contact: 'S <s@x.org>',
    x_das2: { dataset: 'H/Plain', query: 'http://das.example.org/das/server/coverage/H/Plain' },
    x_related: [{ relation: 'coverageOf', dataset: 'H/Plain' }],
    parameters: [
      { name: 'Time', ...time },
      { name: 'end', ...time, label: 'End of the day', description: 'End of the day' },
      {
        name: 'count',
        type: 'double',
        units: null,
        fill: '-1e31',
        label: 'Records on this day',
        description: 'Records on this day',
      },
      {
        name: 'resolution',
        type: 'double',
        units: 's',
        fill: '-1e31',
        label: 'Length of a record',
        description: 'Length of a record',
      },
    ],
  });
  const plain = await json('info', 'id=H/Plain');
  t.match(plain.status, { code: 1200, message: 'OK' });
  t.strictSame(plain.x_related, [{ relation: 'coverage', dataset: 'H/Plain:coverage' }]);
  t.strictSame((await json('info', 'id=H/Plain,coverage')).startDate, info.startDate, 'the older form of ids');
});

t.test('the records in all formats', async (t) => {
  const { get, json, keep } = makeSite(t);
  keep('H/Plain');
  const all = 'id=H/Plain:coverage&start=2017-01-01&stop=2017-01-06';
  const day = (number: number): string => `2017-01-0${number}T00:00:00.000Z`;
  const csv = await get('data', all);
  t.match(csv.headers, {
    'Content-Type': 'text/csv',
    'Content-Disposition': 'attachment; filename="Plain_coverage_2017-01-01_2017-01-06.csv"',
  });
  const rows = [
    [day(1), day(2), 24, 0],
    [day(2), day(3), 0, 60],
    [day(4), day(5), 7, 60],
    [day(5), day(6), 1440, 0],
  ];
  const values = (text: string): unknown[][] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').map((field, i) => (i < 2 ? field : Number(field))));
  t.strictSame(values(csv.text), rows, 'a day that nobody has counted has no record, one without data counts 0');
  t.strictSame((await json('data', `${all}&format=json`)).data, rows);
  const { bytes } = await get('data', `${all}&format=binary`);
  t.equal(bytes.length, 4 * (24 + 24 + 8 + 8));
  t.equal(Buffer.from(bytes).readDoubleLE(3 * 64 + 48), 1440);
  t.equal((await get('data', `${all}&parameters=count`)).text.split('\n')[0], `${day(1)},24`);
  const framed = await get('data', `${all}&include=header`);
  t.equal(JSON.parse(framed.text.replace(/^[^#].*\n/gm, '').replace(/^#/gm, '')).format, 'csv');
  const part = await get('data', 'id=H/Plain:coverage&start=2017-01-01T00:00:00.001&stop=2017-01-04T00:00:00.001');
  t.strictSame(values(part.text), rows.slice(1, 3), 'days that begin in the range');
  const empty = await get('data', 'id=H/Plain:coverage&start=2017-01-03&stop=2017-01-04');
  t.equal(empty.reply.reason, 'OK; HAPI 1201 OK - no data for time range');
  t.equal(empty.text, '');
  t.equal((await json('data', 'id=H/Plain:coverage&start=2017-01-03&stop=2017-01-04&format=json')).status.code, 1201);
  t.equal((await get('data', all, {}, 'HEAD')).text, '');
  const coded = await get('data', all, { 'Accept-Encoding': 'gzip' });
  t.match(coded.headers, { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' });
  t.notOk(
    csv.log.some((line) => line.startsWith('reader:')),
    'no reader runs',
  );
  t.match(csv.context.notes, { kind: 'hapi/data', dataset: 'H/Plain', begin: '2017-01-01T00:00:00' });
});

t.test('errors', async (t) => {
  const { json, keep } = makeSite(t);
  keep('H/Plain');
  const code = async (query: string): Promise<number> => (await json('data', query)).status.code;
  const id = 'id=H/Plain:coverage';
  const all = `${id}&start=2017-01-01&stop=2017-01-06`;
  t.equal(await code(`${id}&start=2016-12-31&stop=2017-01-02`), 1405);
  t.equal(await code(`${id}&start=2017-01-01&stop=2017-01-06T00:00:00.001`), 1405);
  t.equal(await code(`${id}&start=2017-01-02&stop=2017-01-02`), 1404);
  t.equal(await code(`${id}&start=x&stop=2017-01-02`), 1402);
  t.equal(await code(`${all}&parameters=records`), 1407);
  t.equal(await code(`${all}&parameters=count,end`), 1411);
  t.equal(await code(`${all}&format=das2`), 1409);
  t.equal(await code(`${all}&include=all`), 1410);
  for (const name of ['H/Plain:coverage:pkt01', 'H/Plain:coverage:coverage', 'H/Plain:Coverage', 'H/Plain:coverage:']) {
    t.equal(await code(`id=${name}&start=2017-01-01&stop=2017-01-06`), 1406, name);
  }
});

t.test('no more in one request than HAPI_MAX_SPAN', async (t) => {
  for (const [limit, longest, sampleStop, days] of [
    ['2 d', 'PT172800S', '2017-01-03T00:00:00.000Z', 2],
    ['12 h', 'PT43200S', '2017-01-01T12:00:00.000Z', 1],
    ['366 d', 'PT31622400S', '2017-01-06T00:00:00.000Z', 4],
  ] as const) {
    const { get, json, keep } = makeSite(t, { HAPI_MAX_SPAN: limit });
    keep('H/Plain');
    const info = await json('info', 'dataset=H/Plain:coverage');
    t.match(info, { maxRequestDuration: longest, sampleStartDate: '2017-01-01T00:00:00.000Z' });
    t.equal(info.sampleStopDate, sampleStop, 'the sample can be asked for');
    const ask = (stop: string) => get('data', `dataset=H/Plain:coverage&start=2017-01-01&stop=${stop}`);
    const sample = await ask(sampleStop);
    t.match(sample, { status: 200 }, limit);
    t.equal(sample.text.trimEnd().split('\n').length, days);
    const all = await ask('2017-01-06');
    if (days === 4) {
      t.equal(all.status, 200);
      continue;
    }
    t.equal(all.status, 400);
    const { code, message } = JSON.parse(all.text).status;
    t.match({ code, message }, { code: 1408, message: `longer than ${longest}` });
  }
});

t.test('before its days are counted, and after', async (t) => {
  const { get, json, run, queued } = makeSite(t);
  const ids = async () => (await json('catalog', '')).catalog.map(({ id }: { readonly id: string }) => id);
  const early = await get('info', 'id=H/Plain:coverage');
  t.equal(early.status, 404);
  t.match(JSON.parse(early.text).status, { code: 1406, message: /not been counted yet; it is being made/ });
  t.equal((await get('data', 'id=H/Plain:coverage&start=2017-01-01&stop=2017-01-06')).status, 404);
  t.strictSame(await queued(), ['TASK_COVERAGE H/Plain'], 'once');
  t.notOk((await ids()).includes('H/Plain:coverage'));
  t.equal('x_related' in (await json('info', 'id=H/Plain')), false);
  t.equal((await run('TASK_COVERAGE', ['H/Plain', '2017-01-01', '2017-01-11'])).code, 0);
  const { catalog } = await json('catalog', 'depth=all');
  const entry = catalog.find(({ id }: { readonly id: string }) => id === 'H/Plain:coverage');
  t.match(entry, { title: 'Days: A dataset', info: { startDate: '2017-01-01T00:00:00.000Z' } });
  const { data } = await json('data', 'id=H/Plain:coverage&start=2017-01-01&stop=2017-01-03&format=json');
  t.strictSame(
    data.map((row: unknown[]) => row[2]),
    [24, 0],
  );
});

t.test('out of date: sent all the same, and asked for anew', async (t) => {
  const { get, keep, queued } = makeSite(t);
  keep('H/Plain');
  for (const range of ['start=2017-01-01&stop=2017-01-06', 'start=2017-01-03&stop=2017-01-04']) {
    const answer = await get('data', `id=H/Plain:coverage&${range}`);
    t.equal(answer.status, 200);
    t.match(answer.log.join('\n'), 'asked for anew');
  }
  t.strictSame(await queued(), ['TASK_COVERAGE H/Plain']);
});

t.test('which sources have one', async (t) => {
  const { get, json, keep, run, fixture } = makeSite(t, { HAPI_LEVELS: 'true' });
  for (const id of ['H/Sub', 'H/Two', 'H/Levels', 'H/Off', 'H/Moved', 'H/NoRange', 'H/Steps']) keep(id);
  keep('H/Own', '2017-01-01', []);
  keep('H/Double', '2017-01-01', [undefined, undefined]);
  const { catalog } = await json('catalog', '');
  const listed = catalog.map(({ id }: { readonly id: string }) => id).filter((id: string) => id.endsWith(':coverage'));
  t.strictSame(listed, ['H/Levels:coverage', 'H/Steps:coverage', 'H/Sub:coverage', 'H/Two:coverage']);
  const related = async (id: string) =>
    ((await json('info', `id=${id}`)).x_related ?? []).map(
      ({ relation, dataset }: { readonly relation: string; readonly dataset: string }) => `${relation} ${dataset}`,
    );
  t.strictSame(await related('H/Sub:coverage'), ['coverageOf H/Sub:raw', 'coverageOf H/Sub:fast']);
  t.strictSame(await related('H/Two:coverage'), ['coverageOf H/Two:pkt01', 'coverageOf H/Two:pkt05']);
  t.strictSame(await related('H/Two:pkt05'), ['coverage H/Two:coverage']);
  t.strictSame(await related('H/Levels'), ['reduced H/Levels:PT21600S', 'coverage H/Levels:coverage']);
  t.strictSame(await related('H/Levels:PT21600S'), ['reducedFrom H/Levels', 'coverage H/Levels:coverage']);
  for (const id of ['H/Off', 'H/Moved', 'H/NoRange', 'H/NeedsInterval', 'H', 'H/None']) {
    const { status } = await json('info', `id=${id}:coverage`);
    t.match(status, { code: 1406, message: /no such dataset/ }, id);
  }
  const file = join(fixture.dsdfRoot, 'H/Sub.dsdf');
  writeFileSync(file, readFileSync(file, 'utf8').replace("'fast |", "'coverage |"));
  t.equal((await json('info', 'id=H/Sub:coverage')).parameters[1].name, 'B', 'a subSource of that name goes before it');
  const { code } = await run('HAPI_INFO_CACHE', ['H/Two:coverage', '']);
  t.equal(code, RESULT.refused, 'there is nothing for the worker to look at');
  await run('HAPI_INFO_CACHE', ['ALL', '']);
  t.notOk(existsSync(join(fixture.root, 'cache/hapi/H/Two:coverage.json')));
  const page = (await get('', '')).text;
  t.match(page, 'info?id=H/Two:coverage');
});

t.test('a site without cache', async (t) => {
  const { json } = makeSite(t, { CACHE_ROOT: undefined });
  t.match((await json('info', 'id=H/Plain:coverage')).status, { code: 1406, message: /no such dataset/ });
});

t.test('the same rights as for the data', async (t) => {
  const { get, json, keep, queued } = makeSite(t);
  t.equal((await get('info', 'id=H/Closed:coverage')).status, 401, 'who may not have it may not have it made');
  t.strictSame(await queued(), []);
  t.equal((await get('info', 'id=H/Closed:coverage', LOG_IN)).status, 404);
  t.strictSame(await queued(), ['TASK_COVERAGE H/Closed']);
  keep('H/Closed');
  const range = 'start=2017-01-01&stop=2017-01-03';
  const closed = await get('data', `id=H/Closed:coverage&${range}`);
  t.match(closed, { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="My Realm"' } });
  t.equal((await get('data', `id=H/Closed:coverage&${range}`, { Authorization: 'Basic dTp4' })).status, 401);
  const open = await get('data', `id=H/Closed:coverage&${range}`, LOG_IN);
  t.match(open, { status: 200, headers: { 'Cache-Control': 'private', Vary: 'Authorization' } });
  const { catalog } = await json('catalog', '');
  t.notOk(catalog.some(({ id }: { readonly id: string }) => id.startsWith('H/Closed')));

  await awayFromMidnight();
  const now = new Date();
  const edge = yearBefore(new Date(now.toISOString().slice(0, 10)));
  const dayOf = (offset: number): string => new Date(edge.getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  keep('H/Aged', dayOf(-20), new Array(40).fill(5));
  const { startDate, stopDate, sampleStopDate } = await json('info', 'id=H/Aged:coverage');
  t.strictSame([startDate.slice(0, 10), sampleStopDate], [dayOf(-20), stopDate]);
  t.equal((await get('data', `id=H/Aged:coverage&start=${startDate}&stop=${stopDate}`)).text.split('\n').length, 21);
  const into = `id=H/Aged:coverage&start=${dayOf(-2)}&stop=${stopDate.slice(0, 10)}T00:00:01`;
  t.equal((await json('data', into)).status.code, 1405, 'a count is about a whole day');
  t.equal((await get('data', into, LOG_IN)).status, 200);
  const beyond = `id=H/Aged:coverage&start=${dayOf(-2)}&stop=${dayOf(20)}`;
  t.equal((await json('data', beyond)).status.code, 1405);
  t.equal((await get('data', beyond, LOG_IN)).text.split('\n').length, 23);
});
