/** Record numbers and times for people and programs: `when`, and the table of leap seconds past its date (B60; browse-export 3.2, 11). */
import t from 'tap';
import { mdiSite } from '../mdi-site.js';

t.test('B60: the table of leap seconds past its date', async (t) => {
  const { json, ask, folder } = mdiSite(t, { settings: 'LEAP_SECONDS_FILE = leap.list\n' });
  folder.write('etc/leap.list', '#@ 3124137600\n2272060800 10\n2287785600 11\n2303683200 12\n');
  const late = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1999-10-09' })) as {
    start: unknown;
  };
  t.match(late.start, { provisional: true });
  const early = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1998-10-09' })) as {
    start: Record<string, unknown>;
  };
  t.notOk(early.start.provisional);
  const old = (await json({ path: '/when', query: 'block=1day&epoch=1993.01.01_TAI&t=1960-10-09' })) as {
    start: Record<string, unknown>;
  };
  t.ok(old.start.approximate);
  const { readdirSync, readFileSync } = await import('node:fs');
  const logs = readdirSync(`${folder.path}/log`)
    .map((name) => readFileSync(`${folder.path}/log/${name}`, 'utf8'))
    .join('');
  t.equal(logs.split('the table of leap seconds is known up to 1999-01-01 only').length - 1, 1, 'one warning a day');
  folder.write('etc/leap.list', 'nonsense');
  t.equal((await ask({ path: '/when', query: 'format=json&t=1999' })).status, 500);
});

t.test('translating', async (t) => {
  const { json, ask } = mdiSite(t);
  const query = 'block=1hr&epoch=1993.01.01_00:00:00_TAI';
  t.match(await json({ path: '/when', query: `${query}&t=1999-10-09T00:00:00Z` }), {
    rec: 59328,
    label: '1999.10.09_00',
    start: { tai: '1999-10-09T00:00:00' },
  });
  t.match(await json({ path: '/when', query: `${query}&rec=59333` }), {
    label: '1999.10.09_05',
    start: { utc: '1999-10-09T04:59:28Z' },
    stop: { utc: '1999-10-09T05:59:28Z' },
  });
  t.equal(
    (await ask({ path: '/when', query: `${query}&rec=0&format=text` })).text,
    '0\t1993.01.01_00\t1992-12-31T23:59:33Z\t1993-01-01T00:59:33Z\t1993-01-01T00:00:00\t1993-01-01T01:00:00\n',
  );
  for (const [bad, field] of [
    ['t=1999&rec=1', 'rec'],
    ['', 't'],
    ['rec=x', 'rec'],
    ['rec=9999999999&block=1year', 'rec'],
    ['t=x', 't'],
    ['t=1999&block=2hr', 'block'],
    ['t=1999&epoch=x', 'epoch'],
    ['t=1999&scale=x', 'scale'],
    ['t=1999&block=1month&epoch=1993.01.01_TAI', 'block'],
  ]) {
    const { status, text } = await ask({ path: '/when', query: `${bad}&format=json` });
    t.equal(status, 400, bad as string);
    t.equal(JSON.parse(text).error.field, field, bad as string);
  }
});
