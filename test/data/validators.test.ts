/**
 * Which data answers have validators, and what happens to those that have when something goes wrong (server-internals 11). The fronts are
 * tested with test/conformance/validators.ts.
 */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type SettledAnswer, validatorHeaders } from '../../lib/data/validators.js';
import { openBroker } from '../../lib/queue/open-broker.js';
import { parseTime } from '../../lib/stream/time.js';
import { type Answer, inProcess } from '../tools/in-process.js';
import { layOutSettledSite, type SettledSite } from '../tools/settled-site.js';
import { yearBefore } from '../tools/year-before.js';

const OLD = '2020-01-01T00:00:00Z';
const OLD_TIME = new Date(OLD).toUTCString();
const FAR = 'Sun, 01 Jan 2090 00:00:00 GMT';
const DAYS = 'start_time=2017-01-01&end_time=2017-01-03';

interface Place {
  readonly site: SettledSite;
  ask(query?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A site whose `id` has two days in the cache, as old as its definition. */
async function place(t: Test, id = 'T/Open', settings: Record<string, string> = {}): Promise<Place> {
  const site = await layOutSettledSite(settings);
  const { ask } = inProcess(t, site);
  await site.fill(id, '2017-01-01', '2017-01-03');
  site.date('', OLD);
  site.dateDefinition(id, OLD);
  return {
    site,
    ask: (query = DAYS, headers = {}) => ask({ query: `server=dataset&dataset=${id}&${query}`, headers }),
  };
}

/** `Last-Modified` and `ETag`. */
const validators = ({ headers }: Answer) => [headers['Last-Modified'], headers.ETag];
const NONE = [undefined, undefined];

const answer = (given: Partial<SettledAnswer> = {}): SettledAnswer => ({
  blocks: { changedAt: 50_000, versions: ['a', 'b'] },
  range: {
    begin: { time: parseTime('2017-01-01'), text: '2017-01-01' },
    end: { time: parseTime('2017-01-02'), text: '2017-01-02' },
  },
  stages: [],
  ...given,
});

t.test('Last-Modified', async (t) => {
  const time = (blocks: number, changedAt: number | undefined, now: number) =>
    validatorHeaders(answer({ blocks: { changedAt: blocks, versions: [] } }), { changedAt }, now)
      .filter(([name]) => name === 'Last-Modified')
      .map(([, value]) => Date.parse(value));
  t.strictSame(time(50_300, 20_000, 60_000), [50_000], 'the newest block in whole seconds');
  t.strictSame(time(50_300, 55_999, 60_000), [55_000], 'what else there is');
  t.strictSame(time(50_300, undefined, 60_000), [], 'what else there is cannot be told');
  t.strictSame(time(50_300, 0, 52_299), [], 'a block may still come in the same second');
  t.strictSame(time(50_300, 0, 52_300), [50_000]);
  t.strictSame(time(50_300, 0, 40_000), [], 'the clock of the file system is ahead');
  // Whatever comes later has another time: what nobody could tell apart is never sent.
  fc.assert(
    fc.property(fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), fc.nat({ max: 10_000 }), (block, wait, more) => {
      const [sent] = time(block, 0, block + wait);
      const [later] = time(block + wait + more, 0, 1e9);
      return sent === undefined || (later ?? 0) > sent;
    }),
  );
});

t.test('ETag', async (t) => {
  const tag = (given: Partial<SettledAnswer> = {}, text?: string) =>
    validatorHeaders(answer(given), { changedAt: 0, ...(text === undefined ? {} : { text }) }, 60_000)[0]?.[1];
  const { begin } = answer().range;
  const stage = { role: 'converter', command: 'das2_ascii', args: [] } as const;
  const tags = [
    tag(),
    tag({ blocks: { changedAt: 0, versions: ['a', 'c'] } }),
    tag({ blocks: { changedAt: 0, versions: ['a'] } }),
    tag({ range: { begin, end: begin } }),
    tag({ stages: [stage] }),
    tag({ stages: [{ ...stage, args: ['-x'] }] }),
    tag({}, 'a document'),
  ];
  t.equal(new Set(tags).size, tags.length);
  t.equal(tag({ blocks: { changedAt: 7, versions: ['a', 'b'] } }), tags[0], 'the same bytes, made anew');
});

t.test('304: nothing runs and no block is opened', async (t) => {
  const { site, ask } = await place(t);
  const whole = await ask();
  t.strictSame([whole.headers['Last-Modified'], whole.context.notes.cache], [OLD_TIME, 'hit']);
  for (const block of site.date('', OLD)) spoil(block);
  const again = await ask(DAYS, { 'If-Modified-Since': OLD_TIME });
  t.match(again, { status: 304, text: '', context: { notes: { cache: 'hit' } } });
  t.strictSame(validators(again), validators(whole));
  t.notMatch(again.log.join('\n'), /damaged|reader:|Output file/);
});

/** Other bytes, of the same number and age. */
function spoil(block: string): void {
  const bytes = readFileSync(block);
  writeFileSync(block, bytes.fill(0x21, bytes.length - 40));
  utimesSync(block, new Date(OLD), new Date(OLD));
}

t.test('blocks of an older server', async (t) => {
  const { site, ask } = await place(t);
  const before = await ask();
  for (const block of site.date('intrinsic', OLD)) rmSync(join(dirname(block), `.${basename(block)}.json`));
  const after = await ask();
  t.equal(after.headers['Last-Modified'], OLD_TIME);
  t.not(after.headers.ETag, before.headers.ETag, 'of their bytes nothing is known but size and time');
  const { ETag = '' } = after.headers;
  t.equal((await ask(DAYS, { 'If-None-Match': ETag })).status, 304);
  site.date('intrinsic', '2020-01-02');
  t.equal((await ask(DAYS, { 'If-None-Match': ETag })).status, 200);
});

t.test('blocks that are looked at again', async (t) => {
  const { site, ask } = await place(t, 'T/Open', { CACHE_HOLDOFF: "'30000 d'" });
  t.strictSame(validators(await ask()), NONE, 'the hold-off is long');
  t.equal((await ask()).context.notes.cache, 'hit', 'though they serve');
  const conf = readFileSync(site.configurationFile, 'utf8').replace("'30000 d'", "'2 d'");
  writeFileSync(site.configurationFile, conf);
  const other = inProcess(t, site);
  const answer = await other.ask({ query: `server=dataset&dataset=T/Open&${DAYS}` });
  t.equal(answer.context.notes.cache, 'hit');
  t.strictSame(validators(answer), NONE, 'they were made for an hour');

  const late = await place(t);
  const definition = join(late.site.dsdfRoot, 'T/Open.dsdf');
  t.equal((await late.ask()).headers['Last-Modified'], OLD_TIME);
  writeFileSync(definition, `${readFileSync(definition, 'utf8')}cacheHoldoff = '30000 d'\n`);
  t.strictSame(validators(await late.ask()), NONE, 'made for good, with another hold-off now');
});

t.test('no data, not for good', async (t) => {
  const { site, ask } = await place(t);
  const day = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const range = `start_time=${day(30)}&end_time=${day(29)}`;
  site.writeProgram('hourly', `printf '[00]000025<stream version="2.2" />\\n'\n`);
  await site.fill('T/Open', day(30), day(29));
  site.date('', OLD);
  const none = await ask(range);
  t.match(none, { status: 200, context: { notes: { cache: 'hit' } } });
  t.match(none.text, /NoDataInInterval/i);
  t.strictSame(validators(none), NONE, 'they may come yet');
});

t.test('blocks outside of the valid range', async (t) => {
  const { ask, site } = await place(t);
  const write = (range: string): void => {
    const definition = join(site.dsdfRoot, 'T/Open.dsdf');
    const text = readFileSync(definition, 'utf8').replace(/validRange.*/, `validRange = '${range}'`);
    writeFileSync(definition, text);
    site.dateDefinition('T/Open', OLD);
  };
  write('2017-01-01 to 2017-01-02T12:00');
  t.strictSame(validators(await ask()), NONE, 'the last block has a part without data');
  t.not(validators(await ask('start_time=2017-01-01&end_time=2017-01-02'))[0], undefined);
  write('2017-01-01T12:00 to now');
  t.strictSame(validators(await ask()), NONE, 'so has the first');
});

t.test('the end of what is open', async (t) => {
  const { site } = await place(t, 'T/Aged');
  const { ask } = inProcess(t, site);
  const edge = yearBefore(new Date());
  const day = (days: number) => new Date(edge.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  await site.fill('T/Aged', day(-1), day(1));
  site.date('', OLD);
  const end = new Date(edge.getTime() - 60_000).toISOString().slice(0, 19);
  const query = `server=dataset&dataset=T/Aged&start_time=${day(-1)}&end_time=${end}&resolution=7200`;
  const Authorization = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const all = await ask({ query, headers: { Authorization } });
  // The bin may end in just this minute, or the next.
  const isCut = Math.floor((edge.getTime() + 60_000) / 7.2e6) === Math.floor((edge.getTime() - 60_000) / 7.2e6);
  const open = await ask({ query });
  t.match(all.headers, { 'Cache-Control': 'private' });
  t.match(open.headers, { 'Cache-Control': 'private', Vary: /Authorization/ });
  if (!isCut) return;
  t.strictSame(validators(open), NONE, 'the last bin is made of what is open');
  const { ETag = '' } = all.headers;
  t.equal((await ask({ query, headers: { 'If-None-Match': ETag, 'If-Modified-Since': FAR } })).status, 200);
});

t.test('a cache reader of the site', async (t) => {
  const { site, ask } = await place(t, 'T/Open', { D2S_CACHE_RDR: 'own_reader' });
  site.writeProgram('own_reader', `printf '[00]000025<stream version="2.2" />\\n'\n`);
  const whole = await ask();
  t.equal(whole.text, '[00]000025<stream version="2.2" />\n');
  t.equal(whole.headers['Last-Modified'], OLD_TIME);
  t.equal((await ask(DAYS, { 'If-Modified-Since': FAR })).status, 304);
  rmSync(site.date('intrinsic/2017/01/2017-01-01', OLD)[0] ?? '');
  t.strictSame(validators(await ask()), NONE);
});

t.test('damaged blocks', async (t) => {
  const { site, ask } = await place(t, 'T/Open', { WORK_QUEUE_BROKER: 'spool' });
  const { configuration } = inProcess(t, site).server;
  const [first = '', second = ''] = site.date('intrinsic', OLD);
  spoil(first);
  const mended = await ask();
  t.match(mended, { status: 200, isCut: false });
  t.match(mended.log.join('\n'), /a block of level 0 is damaged/);
  t.strictSame(validators(mended), NONE, 'the reader has made a part of it');

  rmSync(first);
  await site.fill('T/Open', '2017-01-01', '2017-01-02');
  site.date('', OLD);
  spoil(second);
  site.writeProgram('hourly', 'echo "tape broke" >&2\nexit 3\n');
  const waiting = async (): Promise<number> => {
    const broker = await openBroker(configuration);
    const count = (await broker?.count('todo')) ?? -1;
    await broker?.close();
    return count;
  };
  const before = await waiting();
  const broken = await ask('start_time=2017-01-01&end_time=2017-01-03T00:00:00');
  t.equal(broken.headers['Last-Modified'], OLD_TIME, 'when it began all was well');
  t.match(broken.text, /exception type="ServerError"/, 'the stream says what happened');
  t.equal(broken.isCut, true, 'and no cache takes it for whole');
  t.ok((await waiting()) > before, 'the block is made anew, though the answer failed');
});

t.test('blocks are as old as their appearance', async (t) => {
  const site = await layOutSettledSite();
  t.teardown(() => site.remove());
  const end = join(site.root, 'end');
  site.writeSource('T/Hours', "das2Stream = 1\nreader = 'slow'\ncacheLevel_00 = 'intrinsic | hourly'\n");
  // Half of the blocks are finished on the way.
  site.writeProgram('slow', `'${site.binPath}/hourly' "$@" | { head -c 600; sleep 0.5; touch '${end}'; cat; }\n`);
  await site.fill('T/Hours', '2017-01-01', '2017-01-02');
  const blocks = site.blocks('T/Hours');
  t.equal(blocks.length, 24, 'of one run');
  for (const block of blocks) t.ok(statSync(block).mtimeMs >= statSync(end).mtimeMs, basename(block));
});
