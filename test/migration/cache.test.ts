/**
 * The cache of the older server is used as it is: its blocks are hit, also from Redis-less sites and through `das2_cache_rdr`; what it
 * never could use does no harm; our own blocks lie where it looks for them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CgiProgram, type CgiResponse, sendCgi } from '../tools/cgi-driver.js';
import { readStream } from '../tools/read-stream.js';
import { BIN, fillOldCache, layOutOldSite, OLD_BLOCKS, type OldSite, SURVEY } from './old-site.js';

const program: CgiProgram = { command: [join(BIN, 'das2_srvcgi_main')], remove: () => {} };

interface CachedSite {
  readonly site: OldSite;
  /** Asks for data of the survey; `cache` is what the access record says. */
  ask(begin: string, end: string, more?: string): Promise<{ answer: CgiResponse; cache: string }>;
}

function cachedSite(t: Test, settings: readonly string[] = []): CachedSite {
  const site = layOutOldSite(t, { settings: ['WORK_QUEUE_BROKER = spool', ...settings] });
  fillOldCache(site);
  return {
    site,
    async ask(begin, end, more = '') {
      const query = `server=dataset&dataset=${SURVEY}&start_time=${begin}&end_time=${end}${more}`;
      const answer = await sendCgi(program, site, { query });
      const log = readdirSync(site.logPath).find((name) => name.startsWith('das2.access_')) ?? '';
      const last = readFileSync(join(site.logPath, log), 'utf8').trimEnd().split('\n').at(-1) ?? '';
      return { answer, cache: JSON.parse(last).cache };
    },
  };
}

/** Values of the records, in order. */
function values(answer: CgiResponse): number[] {
  return readStream(answer.body).flatMap((packet) =>
    packet.kind === 'data' ? [Number(Buffer.from(packet.bytes).toString('latin1').trim().split(/\s+/)[1])] : [],
  );
}

if (!existsSync(join(BIN, 'das2_srvcgi_main'))) {
  t.pass('skipped', { skip: 'the programs are not built (scripts/build)' });
} else {
  t.test('old blocks are hits', async (t) => {
    const { site, ask } = cachedSite(t);
    // What level answers, with how many records; the gain of old blocks is 7, the seconds of a minute are 0 to 59 in steps.
    for (const [what, end, more, count, first] of [
      ['intrinsic', '1979-03-01T02:00', '', 720, 0],
      ['intrinsic, reduced', '1979-03-01T02:00', '&resolution=10', 720, 0],
      ['60 s', '1979-03-02', '&resolution=60', 1440, 7 * 2.5],
      ['60 s, in a part of the day', '1979-03-01T06:00', '&resolution=120', 360, 7 * 2.5],
      ['other parameters', '1979-03-02', '&params=high%20KEEP-SPIKES&resolution=600', 144, 700 * 29.5],
    ] as const) {
      const { answer, cache } = await ask('1979-03-01', end, more);
      t.equal(answer.status, 200, what);
      t.equal(cache, 'hit', what);
      const found = values(answer);
      t.equal(found.length, count, what);
      t.equal(found[0], first, `${what}: values of the block, not of a run`);
    }
    t.same(site.calls(), [], 'no reader has run');
    const month = await ask('1979-03-01', '1979-04-01', '&resolution=3600');
    t.equal(month.cache, 'hit');
    t.equal(values(month.answer).length, 744);
    const files = readdirSync(join(site.cacheRoot, 'data', SURVEY), { recursive: true, encoding: 'utf8' });
    t.equal(
      files.filter((name) => /\.(d2s|json)$/.test(name)).length,
      OLD_BLOCKS.length,
      'the web account leaves the cache alone',
    );
  });

  t.test('what cannot be used is made anew, and asked for', async (t) => {
    const { site, ask } = cachedSite(t);
    const block = join(site.cacheRoot, 'data', SURVEY, '_noparam/bin-60s/1979/03/1979-03-01_bin-60s.d2s');
    writeFileSync(block, '');
    // The finer level would stand in.
    rmSync(join(site.cacheRoot, 'data', SURVEY, '_noparam/intrinsic'), { recursive: true });
    const { answer, cache } = await ask('1979-03-01', '1979-03-02', '&resolution=60');
    t.equal(cache, 'miss', 'an empty file is no block');
    t.equal(values(answer)[0], 2 * 2.5, 'the reader of today has run');
    t.match(site.run('das2_srv_todo', '-t').output, /Voyager\/1\/PWS\/Survey 1979-03-01 +1979-03-02 +1\b/);
    t.equal(site.run('das2_srv_arbiter', '--once', '--log-level', 'error').status, 0);
    t.match(readFileSync(block, 'latin1'), /^\[00\]/, 'at the same place');
    const again = await ask('1979-03-01', '1979-03-02', '&resolution=60');
    t.equal(again.cache, 'hit');
    t.same(values(again.answer), values(answer), 'the same records');
    // The command that the older server runs for a hit.
    const read = site.run(
      'das2_cache_rdr',
      join(site.dsdfRoot, `${SURVEY}.dsdf`),
      join(site.cacheRoot, 'data', SURVEY),
      '_noparam',
      '1979-03-01',
      '1979-03-02',
      '6.00000e+01',
    );
    t.equal(read.status, 0);
    t.equal(read.output, again.answer.body.toString('latin1'));
    const other = await ask('1979-03-01', '1979-03-02', '&params=KEEP-SPIKES%20high&resolution=600');
    t.equal(other.cache, 'off', 'words in another order are other parameters');
    site.writeSource(SURVEY, `${readFileSync(join(site.dsdfRoot, `${SURVEY}.dsdf`), 'utf8')}\nparamOrder = any\n`);
    t.equal((await ask('1979-03-01', '1979-03-02', '&params=KEEP-SPIKES%20high&resolution=600')).cache, 'hit');
  });

  t.test('blocks of other programs can be left out', async (t) => {
    const { ask } = cachedSite(t, ['CACHE_TRUST_FOREIGN = false']);
    const { answer, cache } = await ask('1979-03-01', '1979-03-02', '&resolution=60');
    t.equal(cache, 'miss');
    t.equal(values(answer)[0], 2 * 2.5);
  });

  t.test('leftovers of the old cache do no harm', async (t) => {
    const { site, ask } = cachedSite(t);
    const tree = join(site.cacheRoot, 'data', SURVEY);
    for (const file of [
      `../Survey.dsdf/_noparam/intrinsic/1979/03/01/1979-03-01T00_intrinsic.d2s`,
      '_noparam/bin-0s/1979/03/01/1979-03-01T00_bin-0s.d2s',
      '_noparam/intrinsic/1979/03/01/1979-03-01T05_intrinsic.d2s.tmp',
      '../../../../../hapi/Voyager/1/PWS/Survey.json',
      '/nothing',
    ]) {
      mkdirSync(join(tree, file, '..'), { recursive: true });
      writeFileSync(join(tree, file), 'old');
    }
    t.equal((await ask('1979-03-01', '1979-03-02')).cache, 'hit');
    const status = site.run('das2_srv_cache', 'status');
    t.equal(status.status, 0, status.output);
    t.match(status.output, SURVEY);
    const collect = site.run('das2_srv_cache', 'gc', '--dry-run');
    t.equal(collect.status, 0, collect.output);
    t.match(collect.output, /bin-0s/, 'gc names the folder of the old fractions of a second');
    t.equal((await ask('1979-03-01', '1979-03-02')).cache, 'hit');
  });
}
