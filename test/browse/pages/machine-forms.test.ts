/** Answers for programs: the naming table, the health, addresses, scripts and manifests (browse-export 9.2, 11, 13). */
import t from 'tap';
import { LISTING, mdiSite } from '../mdi-site.js';

const find = (query: string) => ({ path: '/find', query });

t.test('the naming table and the health of the program', async (t) => {
  const { ask, json } = mdiSite(t);
  const one = await ask({ path: '/names', query: 'prog=mdi&level=lev1.5&block=1day' });
  t.equal(
    one.text,
    ['fd_M_01d', 'fd_V_6h_01d', 'loi64_V_01d']
      .map((name) => `mdi^lev1.5^${name}^TS_EQ^t_obs^1993.01.01_00:00:00_TAI\n`)
      .join(''),
  );
  t.match(one.headers['Content-Type'], 'text/plain');
  t.equal((await ask({ path: '/names', query: 'prog=mdi' })).text.split('\n').length, 7);
  t.match(await json({ path: '/names', query: 'block=6hr' }), {
    triads: [{ series: 'vw_V_06h', epoch: 'TS_EQ t_obs 1993.01.01_00:00:00_TAI' }],
  });
  t.match(
    (await ask({ path: '/names', query: 'format=csv' })).text,
    'mdi,lev1.5,fd_M_01d,TS_EQ t_obs 1993.01.01_00:00:00_TAI,1day,MDI fd_M_01d\r\n',
  );
  t.equal((await ask({ path: '/names', query: 'prog=../x' })).status, 400);
  const health = await ask({ path: '/health' });
  t.equal(health.status, 200);
  const value = JSON.parse(health.text);
  t.match(value, {
    status: 'ok',
    names: { series: 6, complaints: 0 },
    broker: { kind: 'spool' },
    settings: { BROWSE_MAX_BLOCKS: 20000 },
  });
  t.match(value.settings, {
    BROWSE_INV: 'set',
    STAGE_CMD: 'not set',
    EXPORT_URL: 'http://das.example.org/das/browse/export',
  });
  t.notMatch(health.text, /das2-test-|\/tmp\//, 'names no paths');
  const other = mdiSite(t, { settings: 'STAGE_CMD = /opt/stage now\nEXPORT_URL = https://x.example.org/e\n' });
  const { text } = await other.ask({ path: '/health' });
  t.match(JSON.parse(text).settings, { STAGE_CMD: 'set', EXPORT_URL: 'https://x.example.org/e' });
  t.notMatch(text, '/opt/stage');
});

t.test('the age of inventories is that of the newest', async (t) => {
  const { ask, stateRoot } = mdiSite(t);
  const { utimesSync, readdirSync } = await import('node:fs');
  const root = `${stateRoot}/inventory/mdi/lev1.5`;
  const ago = (seconds: number) => Date.now() / 1000 - seconds;
  const series = readdirSync(root);
  for (const [i, name] of series.entries()) utimesSync(`${root}/${name}/1999.inv`, 1, ago(7200 + 1000 * i));
  const { inventory, settings, freeBytes } = JSON.parse((await ask({ path: '/health' })).text);
  t.ok(inventory.ageSeconds >= 7199 && inventory.ageSeconds < 8200, String(inventory.ageSeconds));
  t.match(settings, { EXPORT_KEEP_DAYS: 7, EXPORT_MAX_ITEMS: { archive: 500, export: 5000 } });
  t.ok(freeBytes > 0);
  const bare = mdiSite(t, { withoutMdi: true });
  t.equal(JSON.parse((await bare.ask({ path: '/health' })).text).inventory.ageSeconds, null);
});

t.test('addresses, scripts, manifests', async (t) => {
  const { ask } = mdiSite(t);
  const url =
    'http://das.example.org/das/server?server=dataset&dataset=MDI/vw_V_06h&start_time=1999-10-09T05:59:28&end_time=1999-10-09T11:59:28';
  t.match((await ask(find(`${LISTING}&format=urls`))).text, `${url}\n`);
  t.match(
    (await ask(find(`${LISTING}&format=curl`))).text,
    `curl -fsS -o 'vw_V_06h_1999.10.09.25_9889.d2s' '${url}'\n`,
  );
  const sel: [string, string][] = [['sel', 'prog:mdi,level:lev1.5,series:vw_V_06h[9889-9890]']];
  t.equal((await ask({ path: '/export', form: [...sel, ['data', 'd2t']] })).text.split('\n')[0], `${url}&ascii=1`);
  for (const language of ['curl', 'wget', 'python', 'idl', 'matlab', 'julia']) {
    const { text, headers } = await ask({ path: '/export', form: [...sel, ['method', 'script'], ['lang', language]] });
    t.match(text, url, language);
    t.match(headers['Content-Disposition'], /^attachment; filename="fetch\.\w+"$/);
  }
  t.equal(
    (await ask({ path: '/export', form: [...sel, ['method', 'manifest']] })).text,
    'prog:mdi,level:lev1.5,series:vw_V_06h[9889]\nprog:mdi,level:lev1.5,series:vw_V_06h[9890]\n',
  );
  t.match(
    (await ask({ path: '/export', form: [...sel, ['method', 'manifest'], ['list', 'csv']] })).text,
    '1999-10-09T05:59:28Z',
  );
  t.equal((await ask({ path: '/export', form: [...sel, ['method', 'pigeon']] })).status, 400);
});
