/**
 * Answers from the cache that were given before: their rows have the digests of then, and nothing that has changed has an old one.
 *
 * Whether an answer was known is told by the request log; that its digests are right, by hashing the bytes once more.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { buildLevels } from '../../../lib/cache/builder/levels.js';
import { recallRow, rememberRow } from '../../../lib/cite/log/known-answers.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { cacheLevelsOf } from '../../../lib/source/source.js';
import { sourceOf } from '../../../lib/source/source-definitions.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { range } from '../../cache/site.js';
import { record } from '../../tools/build-stream.js';
import { type CiteSite, citeSite, digestOf, hours, type ServeOptions } from '../../tools/cite-site.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { sha256 } from '../digest/vectors.js';

const DEFINITION =
  "description = 'A field'\ndas2Stream = 1\nreader = 'show plain'\nvalidRange = '2017-01-01 to 2017-02-01'\n" +
  "hapi = yes\nreducer = 'das2_bin_avgsec'\ncacheLevel_00 = 'intrinsic | daily'\n";
const QUERY = 'server=dataset&dataset=K/Cached&start_time=2017-01-01&end_time=2017-01-02';
const TYPES = ['little_endian_real8', 'little_endian_real4', 'little_endian_real8'];
const DAY_2017 = (Date.UTC(2017, 0, 1) - Date.UTC(2000, 0, 1)) * 1000;

interface KnownSite extends CiteSite {
  /** Makes the blocks anew. */
  build(): Promise<void>;
  /** Asks, checks the digests of the entry against the bytes, and tells whether they were known. */
  ask(request?: ServeOptions): Promise<boolean>;
  /** The file of the block. */
  readonly block: string;
  /** The file that remembers the answer. */
  memory(): string;
}

async function knownSite(t: Test, definition = DEFINITION): Promise<KnownSite> {
  const site = citeSite(t, { CACHE_ROOT: '../cache' }, { 'K/Cached': definition });
  const cacheRoot = join(dirname(dirname(site.configurationFile)), 'cache');
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const build = async (): Promise<void> => {
    rmSync(cacheRoot, { recursive: true, force: true });
    mkdirSync(cacheRoot);
    const source = sourceOf(new SourceTree(configuration), 'K/Cached');
    const { levels } = cacheLevelsOf(source);
    await buildLevels({ source, levels, range: range('2017-01-01', '2017-01-02'), configuration });
  };
  await build();
  const lines = (): number =>
    readdirSync(site.logPath)
      .map((name) => readFileSync(join(site.logPath, name), 'utf8'))
      .join('')
      .split('ok, as given before').length;
  const names = readdirSync(cacheRoot, { recursive: true, encoding: 'utf8' });
  return {
    ...site,
    build,
    block: join(cacheRoot, names.find((name) => name.endsWith('.d2s')) ?? ''),
    memory: () => join(site.citeRoot, 'known', readdirSync(join(site.citeRoot, 'known'))[0] ?? ''),
    async ask(request = { query: QUERY }) {
      const before = lines();
      const { bytes, status } = await site.serve(request);
      t.equal(status, 200);
      const entry = site.entries().at(-1);
      t.match(entry, { state: 'ok', raw: sha256(bytes), bytes: bytes.length });
      if (entry?.format === 'd2s') t.equal(entry.d2c1, digestOf(bytes));
      return lines() > before;
    },
  };
}

t.test('an answer that is given again has the row of before, with another time', async (t) => {
  const site = await knownSite(t);
  t.equal(await site.ask(), false);
  t.equal(await site.ask(), true);
  t.equal(await site.ask(), true);
  const [first, second, third] = site.entries();
  t.equal(first?.via, 'cache:intrinsic');
  t.same({ ...second, time: '' }, { ...first, time: '' });
  t.ok((third?.time ?? '') > (first?.time ?? '~') || third?.time === first?.time);
  t.equal(new Set(site.entries().map(({ rk }) => rk)).size, 1);
});

t.test('other forms of the answer, and tables, are known as well, each with its own bytes', async (t) => {
  const site = await knownSite(t);
  const hapi = { path: '/hapi/data', query: 'id=K/Cached&time.min=2017-01-01&time.max=2017-01-02' };
  for (const form of [{ query: `${QUERY}&ascii=1` }, { query: `${QUERY}&resolution=7200` }, hapi]) {
    t.equal(await site.ask(form), false, form.query);
    t.equal(await site.ask(form), true, form.query);
  }
  t.equal(await site.ask(), false, 'one request has one place');
  t.equal(await site.ask({ ...hapi, query: `${hapi.query}&include=header` }), false);
  t.equal(await site.ask({ ...hapi, query: `${hapi.query}&include=header` }), true);
});

t.test('what has changed is hashed again', async (t) => {
  const site = await knownSite(t);
  await site.ask();
  site.setStream('plain', hours(5));
  await site.build();
  t.equal(await site.ask(), false, 'other data');
  t.equal(await site.ask(), true);
  t.not(site.entries()[0]?.d2c1, site.entries().at(-1)?.d2c1);
  utimesSync(site.block, new Date(), new Date(Date.now() - 5000));
  t.equal(await site.ask(), false, 'a block of another time, whatever is in it');
  const { dsver } = site.entries().at(-1) ?? {};
  site.writeSource('K/Cached', `${DEFINITION}summary = 'More is said'\n`);
  t.equal(await site.ask(), false, 'another definition');
  t.not(site.entries().at(-1)?.dsver, dsver);
  const file = join(site.dsdfRoot, 'K/Cached.dsdf');
  const { atime, mtime } = statSync(file);
  site.writeSource('K/Cached', `${DEFINITION}summary = 'More is SAID'\n`);
  utimesSync(file, atime, mtime);
  await site.ask();
  site.writeSource('K/Cached', `${DEFINITION}summary = 'MORE is said'\n`);
  utimesSync(file, atime, mtime);
  t.equal(await site.ask(), false, 'another definition with the time of the one before');
});

t.test('a block that is damaged or replaced while it is sent is not taken for the one that is known', async (t) => {
  const site = await knownSite(t);
  await site.ask();
  const later = { query: QUERY, during: () => utimesSync(site.block, new Date(), new Date(Date.now() - 5000)) };
  t.equal(await site.ask(later), false);
  t.equal(await site.ask(), false, 'nor is it remembered');
  const bytes = readFileSync(site.block);
  const { atime, mtime } = { atime: new Date(), mtime: new Date(Date.now() - 9000) };
  utimesSync(site.block, atime, mtime);
  await site.ask();
  t.equal(await site.ask(), true);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  writeFileSync(site.block, bytes);
  utimesSync(site.block, atime, mtime);
  t.equal(await site.ask(), false, 'its bytes are not those of its checksum: the reader is asked');
});

t.test('a long answer that is known is not held, and one that turns out to be another has no digest', async (t) => {
  const rows = Array.from({ length: 8640 }, (_, at) => record(1, TYPES, [DAY_2017 + at * 10e6, at, at, at]));
  const site = await knownSite(t);
  site.setStream('plain', Buffer.concat([hours(0, 0), ...rows]));
  await site.build();
  t.equal(await site.ask(), false);
  t.equal(await site.ask(), true);
  const { bytes } = await site.serve({ query: QUERY });
  let isDone = false;
  const during = (count: number): void => {
    if (count < bytes.length || isDone) return;
    isDone = true;
    utimesSync(site.block, new Date(), new Date(Date.now() - 5000));
  };
  await site.serve({ query: QUERY, during });
  t.ok(isDone);
  // Whatever was decided while it went: an entry never has a digest that nobody has proved.
  const last = site.entries().at(-1);
  if (last?.state === 'ok') t.equal(last.d2c1, digestOf(bytes));
  else t.match(last, { state: 'unhashed', reason: 'its blocks have changed', d2c1: undefined, raw: undefined });
  t.equal(await site.ask(), false);
});

t.test('a client that leaves gets no digest, however well the answer is known', async (t) => {
  const site = await knownSite(t);
  await site.ask();
  await site.serve({ query: QUERY, leavesAt: 10 });
  t.match(site.entries().at(-1), { state: 'aborted', d2c1: undefined, raw: undefined });
});

t.test('programs of the site may change unseen: what they make is always hashed', async (t) => {
  const site = await knownSite(t, DEFINITION.replace('das2_bin_avgsec', 'reduce'));
  site.writeProgram('reduce', 'exec cat\n');
  for (let i = 0; i < 2; i++) t.equal(await site.ask({ query: `${QUERY}&resolution=7200` }), false);
});

t.test('memory that is damaged or hostile says nothing', async (t) => {
  const site = await knownSite(t);
  await site.ask();
  const file = site.memory();
  const text = readFileSync(file, 'utf8');
  const { d2c1 = '' } = site.entries()[0] ?? {};
  const replaced = (content: string): (() => void) => {
    return () => writeFileSync(file, content);
  };
  const removed = (): void => rmSync(file, { recursive: true, force: true });
  const cases: Readonly<Record<string, () => void>> = {
    empty: replaced(''),
    'cut in the row': () => truncateSync(file, text.length - 20),
    'cut in the identity': () => truncateSync(file, 100),
    'another digest': replaced(text.replace(d2c1, '1'.repeat(64))),
    'more behind it': () => appendFileSync(file, 'x'),
    rubbish: replaced('\0'.repeat(text.length)),
    'the identity of another': replaced(text.replace('"K/Cached', '"K/Cachet').replace('2017-01-01', '2017-01-02')),
    'a row of another length': () => {
      const at = text.indexOf('\n');
      const fields = text.slice(at + 1 + 16).split('\t');
      fields[8] = String(Number(fields[8]) + 1);
      rememberRow(site.citeRoot, site.entries()[0]?.rk ?? '', text.slice(0, at), fields.join('\t'));
    },
    'too long': replaced(text + ' '.repeat(20_000)),
    'a folder': () => {
      removed();
      mkdirSync(file);
    },
    'a pipe': () => {
      removed();
      execFileSync('mkfifo', [file]);
    },
    'a link to nothing': () => {
      removed();
      symlinkSync('/nowhere/at/all', file);
    },
  };
  for (const [name, spoil] of Object.entries(cases)) {
    removed();
    writeFileSync(file, text);
    t.equal(await site.ask(), true, 'what is whole is believed');
    spoil();
    t.equal(await site.ask(), false, name);
    t.equal(site.entries().at(-1)?.d2c1, d2c1, name);
  }
});

t.test('there is one place for each three digits of a key, and long ones are not remembered', (t) => {
  const { path } = temporaryFolder(t);
  const key = (digits: string): string => digits.padEnd(64, '0');
  rememberRow(path, key('abc1'), 'one', 'row one\n');
  rememberRow(path, key('abc2'), 'two', 'row two\n');
  t.equal(recallRow(path, key('abc1'), 'one'), undefined);
  t.equal(recallRow(path, key('abc2'), 'two'), 'row two\n');
  t.equal(recallRow(path, key('abc2'), 'tw'), undefined);
  t.equal(recallRow(path, key('abc2'), 'two\n'), undefined);
  rememberRow(path, key('abd'), 'x'.repeat(17_000), 'row\n');
  t.same(readdirSync(join(path, 'known')), ['abc']);
  writeFileSync(join(path, 'known/abe.new'), '');
  rememberRow(path, key('abe'), 'one', 'row\n');
  t.notOk(existsSync(join(path, 'known/abe')), 'somebody else is writing it');
  utimesSync(join(path, 'known/abe.new'), new Date(), new Date(Date.now() - 3600e3));
  rememberRow(path, key('abe'), 'one', 'row\n');
  rememberRow(path, key('abe'), 'one', 'row\n');
  t.equal(recallRow(path, key('abe'), 'one'), 'row\n', 'nobody writes it any more');
  rememberRow('/proc/nowhere', key('abf'), 'one', 'row\n');
  t.end();
});
