/** das2_srv_cite keep and verify: citations that are kept from the command line, and looked at again later. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { citationId } from '../../../lib/cite/citation/id.js';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { keepCitations, verifyCitations } from '../../../lib/worker/cite/kept.js';
import { CITE, DAY, FIRST, SECOND } from '../../routes/cite/requests.js';
import { type CiteSite, citeSite, hours } from '../../tools/cite-site.js';
import { FIXTURE_URL } from '../../tools/protocol-fixture.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

const ask = (id: string): { query: string } => ({ query: `server=dataset&dataset=C/${id}&${DAY}` });

/** The commands on a site, with what they print. */
function commands(site: CiteSite) {
  const printed: string[] = [];
  const place = () => ({
    configuration: loadConfiguration({ file: site.configurationFile, environment: {} }),
    root: site.citeRoot,
    print: (text: string) => void printed.push(text),
  });
  const text = (): string => printed.splice(0).join('');
  return {
    async keep(...words: string[]) {
      return { status: await keepCitations({ ...place(), json: false }, words), text: text() };
    },
    async verify(ids: string[] = [], most = 20) {
      const status = await verifyCitations({ ...place(), json: true }, { ids, most });
      return { status, results: JSON.parse(text()) as { id: string; result: string; reason?: string }[] };
    },
  };
}

t.test('a citation is kept by its id, or by the key of a request', async (t) => {
  const site = citeSite(t);
  const { keep } = commands(site);
  await site.serve(ask('Plain'));
  const [{ rk } = { rk: '' }] = site.entries();
  const id = citationId(rk, FIRST);
  t.match(await keep(id), { status: 1, text: `${id}: no citation with this id was made here\n` });
  t.match(await keep(rk), { status: 0, text: `${FIXTURE_URL}/cite/${id}\n` });
  t.match(await keep(id, rk), { status: 0, text: /^\S+ was kept already\n\S+ was kept already\n$/ });
  t.match(new KeptCitations(site.citeRoot).record(id), {
    id,
    rk,
    dataAddress: `${FIXTURE_URL}?server=dataset&dataset=C/Plain&start_time=2017-01-01T00:00:00&end_time=2017-01-02T00:00:00`,
    state: { digest: `sha256-d2c1:${FIRST}`, count: 1 },
  });
  const { status, text } = await site.serve({ path: `/cite/${id}`, query: 'format=json' });
  t.equal(status, 200);
  t.match(JSON.parse(text), { id });
});

t.test('what this account cannot see is not taken for nothing', async (t) => {
  const site = citeSite(t);
  const programs = temporaryFolder(t);
  const [program = '', ...before] = await toolCommand(programs, 'srv_cite', 'das2_srv_cite');
  await site.serve({ query: `${CITE}&keep=1` });
  // For root every door is open: somebody else asks.
  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  for (const folder of [programs.path, site.root]) spawnSync('chmod', ['-R', 'a+rX', folder]);
  const run = (what: string) =>
    spawnSync(program, [...before, '--config', site.configurationFile, what], {
      ...other,
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    });
  chmodSync(site.citeRoot, 0o700 & ('uid' in other ? 0o777 : 0));
  t.teardown(() => chmodSync(site.citeRoot, 0o700));
  for (const what of ['verify', 'probe', 'check', 'compact']) {
    t.match(run(what), { status: 17, stdout: '', stderr: /CITE_ROOT: \S+ cannot use .*chmod -R g\+rwX/ }, what);
  }
  t.match(run('lint'), { stdout: /C\/Plain/ }, 'it needs none of it');
});

t.test('what cannot be kept, and why', async (t) => {
  const site = citeSite(t, {}, { 'C/Not': "description = 'x'\ndas2Stream = 1\nreader = 'show plain'\ncitable = 0\n" });
  const { keep } = commands(site);
  t.match(await keep('rubbish', 'ab'.repeat(32)), {
    status: 1,
    text: /^rubbish: no citation .*\n(ab)+: the log has no/,
  });
  await site.serve(ask('Not'));
  t.match(await keep(site.entries()[0]?.rk ?? ''), { status: 1, text: /does not want/ });
  await site.serve(ask('Plain'));
  site.setStream('plain', hours(100));
  await site.serve(ask('Plain'));
  const rk = site.entries().at(-1)?.rk ?? '';
  t.match(await keep(rk), { status: 1, text: /several states/ });
  // The page of the choice hands out the ids.
  const { text } = await site.serve({ query: `server=citation&dataset=C/Plain&${DAY}&hash=${FIRST}&format=json` });
  t.match(await keep((JSON.parse(text) as { id: string }).id), { status: 0 });
  const other = citeSite(t, { SERVER_URL: undefined });
  await t.rejects(commands(other).keep(rk), { code: 'configuration', message: /SERVER_URL/ });
  t.same(new KeptCitations(site.citeRoot).list(), [citationId(rk, FIRST)]);
});

t.test('kept citations are compared with data that are read now, the longest unseen first', async (t) => {
  const site = citeSite(t, {}, { 'C/Second': "description = 'x'\ndas2Stream = 1\nreader = 'show other'\n" });
  const { keep, verify } = commands(site);
  t.match(await verify(), { status: 0, results: [] });
  for (const id of ['Plain', 'Second']) await site.serve(ask(id));
  const [plain, second] = site.entries().map(({ rk, d2c1 }) => citationId(rk, d2c1 ?? '')) as [string, string];
  await keep(...site.entries().map(({ rk }) => rk));
  const { status, results } = await verify();
  t.equal(status, 0);
  t.same(new Set(results.map(({ id }) => id)), new Set([plain, second]));
  t.ok(results.every(({ result }) => result === 'unchanged'));
  t.equal(
    site.entries().filter(({ format }) => format === 'none').length,
    2,
    'the data were read, whatever the log said',
  );
  const kept = new KeptCitations(site.citeRoot);
  t.match(kept.events(plain), [{ event: 'verified', result: 'unchanged', basis: 'recomputed', digest: FIRST }]);

  site.setStream('plain', hours(100));
  t.match(await verify([plain]), { status: 1, results: [{ id: plain, result: 'changed' }] });
  t.match(kept.events(plain).at(-1), { result: 'changed', digest: SECOND });
  t.match(await verify([], 1), { results: [{ id: second }] }, 'nobody has looked at it for longer');

  kept.note(plain, { time: new Date().toISOString(), event: 'withdrawn', reason: 'x' });
  t.match((await verify()).results, [{ id: second }], 'what was withdrawn is left alone');
  site.writeSource('C/Second', 'rename = C/Third\ndas2Stream = 1\n');
  site.writeSource('C/Third', "description = 'x'\ndas2Stream = 1\nreader = 'show other'\n");
  t.match(await verify([second]), { status: 0, results: [{ result: 'unchanged' }] }, 'old names are followed');
  site.writeSource('C/Third', 'rename = C/Nowhere\ndas2Stream = 1\n');
  t.match(await verify([second]), { status: 1, results: [{ result: 'gone' }] });
});

t.test('names that are none are no kept citations', (t) => {
  const site = citeSite(t);
  const kept = new KeptCitations(site.citeRoot);
  const id = citationId('ab'.repeat(32), FIRST);
  kept.keep(id, {});
  for (const name of ['x.json', `${id}.events`, `${id}.json.1.new`]) {
    writeFileSync(join(site.citeRoot, 'kept', id.slice(0, 2), name), '');
  }
  writeFileSync(join(site.citeRoot, 'kept/file'), '');
  t.same(kept.list(), [id]);
  t.end();
});
