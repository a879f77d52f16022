/**
 * Validators of settled data answers that every front must send and understand alike (server-internals 11, RFC 9110 8.8 and 13).
 */
import { rmSync } from 'node:fs';
import type { Test } from 'tap';
import { awayFromMidnight } from '../tools/away-from-midnight.js';
import { header, type ProtocolDriver, type ProtocolResponse, type RequestSpec } from '../tools/protocol-driver.js';
import { layOutSettledSite, type SettledSite } from '../tools/settled-site.js';

const http = (time: string): string => new Date(time).toUTCString();
const [DEFINED, OLDER, NEWER] = ['2019-01-01T00:00:00Z', '2020-01-01T00:00:00Z', '2020-06-01T12:30:45.678Z'];
const FAR = http('2090-01-01');
const DAYS = 'start_time=2017-01-01&end_time=2017-01-03';
const LOG_IN = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };

const query = (id: string, more: string): RequestSpec => ({ query: `server=dataset&dataset=${id}&${more}` });
const hapi = (more: string): RequestSpec => ({
  path: '/hapi/data',
  query: `id=T/Open&start=2017-01-01Z&stop=2017-01-03Z${more}`,
});

/** Sends the cases through a driver. */
export async function runValidators(t: Test, driver: ProtocolDriver): Promise<void> {
  const site = await layOutSettledSite();
  t.teardown(async () => {
    await driver.close();
    site.remove();
  });
  for (const id of ['T/Open', 'T/Closed']) {
    await site.fill(id, '2017-01-01', '2017-01-04');
    site.date(`${id}/`, OLDER);
    site.date(`${id}/_noparam/intrinsic/2017/01/2017-01-02`, NEWER);
    site.dateDefinition(id, DEFINED);
  }
  // The first look at a dataset is a change of its own.
  await driver.send(site, hapi(''));
  site.dateHeader('T/Open', DEFINED);
  const send = (request: RequestSpec, headers: Record<string, string> = {}): Promise<ProtocolResponse> =>
    driver.send(site, { ...request, headers: { ...request.headers, ...headers } });
  const tests: Record<string, (t: Test, place: Place) => Promise<void>> = {
    'what a settled answer tells': settled,
    'every form of the same data': forms,
    'conditions that fail': failing,
    HEAD: head,
    'guarded data': guarded,
    'answers that are not settled': unsettled,
    'a block made anew': rebuilt,
  };
  for (const [name, run] of Object.entries(tests)) await t.test(name, (t) => run(t, { site, send }));
}

interface Place {
  readonly site: SettledSite;
  send(request: RequestSpec, headers?: Record<string, string>): Promise<ProtocolResponse>;
}

/** The validators of an answer. */
function validators(response: ProtocolResponse): { tag: string | undefined; time: string | undefined } {
  return { tag: header(response, 'ETag'), time: header(response, 'Last-Modified') };
}

function isUnchanged(t: Test, response: ProtocolResponse, tag: string | undefined, what: string): void {
  t.equal(response.status, 304, `${what}: status`);
  t.equal(response.body.length, 0, `${what}: no body`);
  t.equal(header(response, 'ETag'), tag, `${what}: validator`);
  t.equal(response.aborted, false, `${what}: whole`);
}

async function settled(t: Test, { site, send }: Place): Promise<void> {
  const request = query('T/Open', DAYS);
  const whole = await send(request);
  const { tag, time } = validators(whole);
  t.equal(time, http(NEWER), 'the newest block');
  t.match(tag, /^W\/"[0-9a-f]{16}"$/);
  t.equal(header(whole, 'Expires'), 'now', 'whoever keeps it asks again');
  t.equal(header(whole, 'Cache-Control'), undefined);
  t.equal(whole.body.toString('latin1').split(':01:').length - 1, 48);
  for (const since of [http(NEWER), http('2020-06-01T12:30:46Z'), FAR, 'Monday, 01-Jun-20 12:30:45 GMT']) {
    const again = await send(request, { 'If-Modified-Since': since });
    isUnchanged(t, again, tag, since);
    t.equal(header(again, 'Last-Modified'), time);
    t.equal(header(again, 'Expires'), 'now');
  }
  for (const known of [tag ?? '', `"x", ${tag}`, '*']) {
    isUnchanged(t, await send(request, { 'If-None-Match': known }), tag, known);
  }
  const older = validators(await send(query('T/Open', 'start_time=2017-01-01&end_time=2017-01-02')));
  t.equal(older.time, http(OLDER), 'a newer block outside of the range does not count');
  const empty = await send(query('T/Open', 'start_time=2017-01-03&end_time=2017-01-04'));
  t.match(empty.body.toString(), /NoDataInInterval/i);
  t.equal(validators(empty).time, http(OLDER), 'nothing found, for good');
  site.dateDefinition('T/Open', '2021-01-01');
  const later = await send(request, { 'If-Modified-Since': http(NEWER) });
  t.equal(later.status, 200, 'a definition that has been changed');
  t.equal(validators(later).time, http('2021-01-01'));
  site.dateDefinition('T/Open', DEFINED);
}

async function forms(t: Test, { send }: Place): Promise<void> {
  // Documents of datasets up to now are others tomorrow.
  await awayFromMidnight();
  const requests: Record<string, RequestSpec> = {
    plain: query('T/Open', DAYS),
    text: query('T/Open', `${DAYS}&ascii=1`),
    'a level': query('T/Open', `${DAYS}&resolution=7200`),
    'reduced again': query('T/Open', `${DAYS}&resolution=86400`),
    '/data': { path: '/data/T/Open', query: `${DAYS}&resolution=43200` },
    'another range': query('T/Open', 'start_time=2017-01-01T01&end_time=2017-01-03'),
    CSV: hapi(''),
    binary: hapi('&format=binary'),
    JSON: hapi('&format=json'),
    header: hapi('&include=header'),
    parameters: hapi('&parameters=Time'),
  };
  const tags = new Set<string | undefined>();
  for (const [name, request] of Object.entries(requests)) {
    const { tag, time } = validators(await send(request));
    t.match(time, / GMT$/, name);
    t.notOk(tags.has(tag), `${name}: a tag of its own`);
    tags.add(tag);
    isUnchanged(t, await send(request, { 'If-None-Match': tag ?? '' }), tag, name);
    isUnchanged(t, await send(request, { 'If-Modified-Since': time ?? '' }), tag, name);
  }
  t.equal(validators(await send(hapi(''))).time, http(NEWER), 'a table is as old as its blocks');
  const document = validators(await send(hapi('&format=json'))).time ?? '';
  t.match(document, / 00:00:00 GMT$/, 'the end of the dataset moves at midnight');
  t.ok(Date.now() - Date.parse(document) < 2 * 86_400_000);
  const text = await send(query('T/Open', `${DAYS}&ascii=1`));
  t.equal(header(text, 'Vary'), 'User-Agent', 'browsers get text under another type');
  const [plain, coded] = [await send(hapi('')), await send(hapi(''), { 'Accept-Encoding': 'gzip' })];
  t.strictSame(validators(coded), validators(plain));
  t.equal(header(coded, 'Vary'), 'Accept-Encoding');
  const tag = validators(coded).tag ?? '';
  const again = await send(hapi(''), { 'Accept-Encoding': 'gzip', 'If-None-Match': tag });
  isUnchanged(t, again, tag, 'coded');
  t.equal(header(again, 'Vary'), 'Accept-Encoding');
  t.equal(header(again, 'Content-Encoding'), undefined);
}

async function failing(t: Test, { send }: Place): Promise<void> {
  const request = query('T/Open', DAYS);
  const conditions: Record<string, string>[] = [
    { 'If-Modified-Since': http('2020-06-01T12:30:44Z') },
    { 'If-Modified-Since': '2090-01-01' },
    { 'If-Modified-Since': 'Sun, 31 Apr 2090 00:00:00 GMT' },
    { 'If-Modified-Since': `${FAR}, ${FAR}` },
    { 'If-Modified-Since': '9999' },
    { 'If-None-Match': 'W/"0123456789abcdef"' },
    { 'If-None-Match': '"x"', 'If-Modified-Since': FAR },
  ];
  for (const headers of conditions) {
    const response = await send(request, headers);
    t.equal(response.status, 200, JSON.stringify(headers));
    t.ok(response.body.length > 1000);
  }
}

async function head(t: Test, { send }: Place): Promise<void> {
  for (const request of [query('T/Open', DAYS), hapi('')]) {
    const whole = await send(request);
    const alone = await send({ ...request, method: 'HEAD' });
    t.equal(alone.status, 200);
    t.equal(alone.body.length, 0);
    t.strictSame(validators(alone), validators(whole));
    const { tag } = validators(whole);
    isUnchanged(t, await send({ ...request, method: 'HEAD' }, { 'If-Modified-Since': FAR }), tag, 'HEAD');
  }
}

async function guarded(t: Test, { send }: Place): Promise<void> {
  const request = query('T/Closed', DAYS);
  const refused = await send(request, { 'If-Modified-Since': FAR, 'If-None-Match': '*' });
  t.equal(refused.status, 401, 'rights come first');
  t.strictSame(validators(refused), { tag: undefined, time: undefined });
  t.equal(header(refused, 'Cache-Control'), 'no-store');
  const whole = await send(request, LOG_IN);
  const { tag, time } = validators(whole);
  t.equal(time, http(NEWER));
  const again = await send(request, { ...LOG_IN, 'If-None-Match': tag ?? '' });
  isUnchanged(t, again, tag, 'with a password');
  for (const response of [whole, again]) {
    t.equal(header(response, 'Cache-Control'), 'private');
    t.match(header(response, 'Vary'), /\bAuthorization\b/);
  }
}

async function unsettled(t: Test, { site, send }: Place): Promise<void> {
  const none = async (what: string, request: RequestSpec): Promise<void> => {
    const response = await send(request, { 'If-Modified-Since': FAR, 'If-None-Match': '*' });
    t.equal(response.status, 200, `${what}: the whole answer`);
    t.ok(response.body.length > 100, what);
    t.strictSame(validators(response), { tag: undefined, time: undefined }, what);
    t.strictSame(validators(await send({ ...request, method: 'HEAD' })), { tag: undefined, time: undefined }, what);
  };
  const day = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  await site.fill('T/Open', day(4), day(1));
  site.date(`T/Open/_noparam/intrinsic/${day(4).slice(0, 4)}`, OLDER);
  await none('inside the hold-off', query('T/Open', `start_time=${day(4)}&end_time=${day(1)}`));
  await none('up to now', query('T/Open', `start_time=${day(4)}&end_time=2090-01-01`));
  await none('no cache level', query('Examples/Random', DAYS));
  await none('live', query('T/Fixed', DAYS));
  const [block = ''] = site.date('T/Open/_noparam/intrinsic/2017/01/2017-01-02', NEWER);
  rmSync(block);
  await none('one block is missing', query('T/Open', DAYS));
  await site.fill('T/Open', '2017-01-02', '2017-01-03');
  site.date('T/Open/_noparam/intrinsic/2017/01/2017-01-02', NEWER);
}

async function rebuilt(t: Test, { site, send }: Place): Promise<void> {
  const request = query('T/Open', DAYS);
  const before = await send(request);
  site.setValue(500);
  for (const block of site.date('T/Open/_noparam/intrinsic/2017/01/2017-01-01', OLDER)) rmSync(block);
  // Not in the second in which the block is made: HTTP times are whole seconds.
  const asked = http(new Date(Date.now() - 1000).toISOString());
  await site.fill('T/Open', '2017-01-01', '2017-01-02');
  for (const headers of [
    { 'If-Modified-Since': http(NEWER) },
    { 'If-Modified-Since': asked },
    { 'If-None-Match': validators(before).tag ?? '' },
  ]) {
    const response = await send(request, headers);
    t.equal(response.status, 200, JSON.stringify(headers));
    t.not(response.body.toString('latin1'), before.body.toString('latin1'));
    t.not(validators(response).tag, validators(before).tag);
  }
}
