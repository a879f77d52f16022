/** Requests that a cache level fits and that are answered live all the same, and why (server-internals 2.5). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildLevels } from '../../lib/cache/builder/levels.js';
import { cacheLevelsOf } from '../../lib/source/source.js';
import { ask, cacheSite, content, range, type TestSite } from '../cache/site.js';

const MINUTES = "cacheLevel_00 = '1 min | hourly'";
const HOUR = 'start_time=2017-03-01T05:00&end_time=2017-03-01T06:00&resolution=60';

async function fill(site: TestSite): Promise<void> {
  const source = site.source();
  const { levels } = cacheLevelsOf(source);
  const hour = range('2017-03-01T05:00', '2017-03-01T06:00');
  await buildLevels({ source, levels, range: hour, configuration: site.configuration });
}

/** How the cache served a request, what it says of that in the log, and the records. */
async function told(site: TestSite, query: string) {
  const lines: string[] = [];
  const log = { line: (text: string) => void lines.push(text), text() {}, close() {} };
  const { bytes, cache } = await ask(site, query, undefined, log);
  return { cache, why: lines.filter((line) => line.startsWith('Cache: not used')), records: content(bytes).records };
}

t.test('commands that hold text of the request', async (t) => {
  const site = cacheSite(t, [MINUTES, "reader = 'STEP=$(step,7) test_reader'"]);
  await fill(site);
  t.match(await told(site, HOUR), { cache: 'hit', why: [] });
  const other = await told(site, `${HOUR}&step=600`);
  t.match(other, { cache: 'off', why: ['Cache: not used: its commands hold text of the request'] });
  t.equal(other.records.length, 6, 'what was asked for, not what is kept');
});

t.test('a cache reader that is not ours, and data that open with age', async (t) => {
  const lines = [MINUTES, "cacheReader = 'own_cache_reader'"];
  const site = cacheSite(t, lines);
  site.program(
    'own_cache_reader',
    `#!/bin/sh\ntouch "$(dirname "$0")/used"\nprintf '[00]000025<stream version="2.2" />\\n'\n`,
  );
  await fill(site);
  site.define([...lines, "readAccess = 'AGE:1y'"]);
  t.match(await told(site, HOUR), {
    cache: 'off',
    why: ['Cache: not used: its cache reader knows of no access by age'],
  });
  t.notOk(existsSync(join(site.folder, 'bin/used')));
  site.define(lines);
  t.match(await told(site, HOUR), { cache: 'hit' });
  t.ok(existsSync(join(site.folder, 'bin/used')));
});
