/** Exports that a worker prepares: the test cases B41, B43 to B47 and B51 of browse-export 15. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { htmlFaults } from '../../tools/validate-html.js';
import { readZip } from '../read-zip.js';
import { exportSite, HEADER, SEL } from './export-site.js';

const HTML = { Accept: 'text/html' };

/** The key of a new form. */
async function keyOf(ask: ReturnType<typeof exportSite>['ask']): Promise<[string, string]> {
  const { text } = await ask({ path: '/request', query: 'format=json', form: SEL });
  return ['key', JSON.parse(text).key];
}

t.test('B41, B46: one form is one export, known at once', async (t) => {
  const { start, status, ask } = exportSite(t);
  const key = await keyOf(ask);
  const first = await start([key]);
  t.equal(first.status, 303);
  t.match(first.id, /^X\d{8}-[0-9a-z]{8}$/);
  const { code, json, headers } = await status(first.id);
  t.equal(code, 200);
  t.match(json, {
    id: first.id,
    state: 'queued',
    status: 2,
    items: 3,
    done: 0,
    position: 1,
    wait: 5,
    links: { self: `http://das.example.org/das/browse/export/${first.id}.json` },
  });
  t.equal(headers['Retry-After'], '5');
  t.equal((await start([key])).id, first.id, 'the same form again');
  t.not((await start()).id, first.id);
  for (const bad of ['../../x', '0123456789abcdef', `${key[1].slice(0, -1)}${key[1].endsWith('A') ? 'B' : 'A'}`]) {
    t.equal((await start([['key', bad]])).status, 403, bad);
  }
  const page = await ask({ path: '/request', form: SEL, headers: HTML });
  t.match(page.text, /name="key" value="[0-9a-f]{16}-[0-9a-z]+-[\w-]{43}"/);
  t.match(page.text, 'value="url-tar"');
  t.same(await htmlFaults(page.text), []);
  t.equal((await ask({ path: '/export/X20200101-aaaaaaaa.json' })).status, 404);
  t.equal((await ask({ path: '/export/X2020/../x' })).status, 404);
});

t.test('a form that is sent again makes up for a job that never reached the queue', async (t) => {
  const { start, status, work, stateRoot, ask } = exportSite(t);
  const key = await keyOf(ask);
  const { id } = await start([key]);
  for (const name of readdirSync(stateRoot))
    if (/spool|queue/.test(name)) rmSync(join(stateRoot, name), { recursive: true });
  t.equal((await status(id)).json.position, null, 'the job is lost');
  t.equal((await start([key])).id, id);
  t.match((await status(id)).json, { state: 'queued', position: 1 });
  t.equal((await start([key])).id, id);
  t.match((await status(id)).json, { state: 'queued', position: 1 }, 'once is enough');
  t.match(await work(), { code: 0 });
  t.equal((await status(id)).json.state, 'done');
});

t.test('B43: from queued to done', async (t) => {
  const { start, status, work, ask, stateRoot } = exportSite(t);
  const { id } = await start();
  const seen: [string, number][] = [];
  const folder = join(stateRoot, 'export', id.slice(1, 5), id);
  t.match(
    await work(undefined, () => {
      const json = JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'));
      seen.push([json.state, json.done]);
      if (existsSync(join(folder, 'files/data')))
        t.notMatch(spawnSync('find', [folder], { encoding: 'utf8' }).stdout, /\.part/);
    }),
    { code: 0, status: '3 of 3 items staged' },
  );
  t.same(
    seen.map(([state]) => state),
    ['running', 'running', 'running', 'running', 'done'],
  );
  t.same(
    seen.map(([, done]) => done),
    [0, 1, 2, 3, 3],
  );
  const { json } = await status(id);
  t.match(json, { state: 'done', status: 0, done: 3, errors: 0, wait: 0, bytes: 3 * (HEADER.length + 7) });
  t.ok(Date.parse(json.expires) - Date.parse(json.end) === 7 * 86_400_000);
  const found = JSON.parse((await ask({ path: '/find', query: 'start=2020-06-01&prog=Test&format=json' })).text);
  const size = HEADER.length + 7;
  t.match(
    found.records,
    [{ state: 'present', bytes: size }, { state: 'present' }, { state: 'present' }],
    'the inventory has learnt',
  );
  const page = await ask({ path: `/export/${id}`, headers: HTML });
  t.same(await htmlFaults(page.text), []);
  const path = /href="\/das\/browse\/export\/[^/]+\/(files\/[^"]+)"/.exec(page.text)?.[1] ?? '';
  const file = await ask({ path: `/export/${id}/${path}` });
  t.equal(file.text, `${HEADER}payload`);
  const sum = createHash('sha256').update(file.text).digest('base64');
  t.equal(file.headers['Repr-Digest'], `sha-256=:${sum}:`, 'files that do not change name their digest');
  t.equal((await ask({ path: `/export/${id}/files/../status.json` })).status, 404);
  t.equal((await ask({ path: `/export/${id}/files/status.json` })).status, 404);
  const archive = await ask({ path: `/export/${id}/archive`, query: 'packaging=tar.gz' });
  const out = join(stateRoot, 'out');
  mkdirSync(out);
  spawnSync('tar', ['-xzf', '-', '-C', out], { input: archive.bytes });
  const sums = spawnSync('sha256sum', ['--strict', '-c', 'manifest-sha256.txt'], {
    cwd: join(out, id),
    encoding: 'utf8',
  });
  t.equal(sums.status, 0);
  t.equal(sums.stdout.split('\n').length, 4);
  const fetch = await ask({ path: `/export/${id}/archive`, query: 'packaging=fetch' });
  t.match(fetch.headers['Content-Disposition'], `${id}.fetch.zip`);
  const bag = new Map(
    [...readZip(fetch.bytes)].map(([name, entry]) => [name.slice(id.length + 1), entry.content.toString()]),
  );
  t.notOk([...bag.keys()].some((name) => name.startsWith('data/')));
  const lines = bag.get('fetch.txt')?.trimEnd().split('\n') ?? [];
  t.equal(lines.length, 3);
  for (const line of lines) {
    const [, address = '', length, place = ''] =
      /^http:\/\/das\.example\.org\/das\/browse(\S+) (\d+) (data\/\S+)$/.exec(line) ?? [];
    const file = await ask({ path: address });
    t.equal(file.bytes.length, Number(length), line);
    const sum = createHash('sha256').update(file.bytes).digest('hex');
    t.match(bag.get('manifest-sha256.txt'), `${sum}  ${place}\n`);
  }
  t.match(bag.get('README.txt'), 'fetch.txt says where they are');
  t.equal((await ask({ path: `/export/${id}/archive`, query: 'packaging=rar' })).status, 400);
  const named = await ask({ path: `/export/${id}.tar.gz` });
  t.same(named.bytes, archive.bytes, 'the same by a name of its own');
  t.equal((await ask({ path: `/export/${id}.zip` })).headers['Content-Type'], 'application/zip');
  t.equal((await ask({ path: `/export/${id}.zip/files/x` })).status, 404);
  const list = await ask({ path: `/export/${id}`, query: 'format=csv' });
  t.equal(list.text, (await ask({ path: `/export/${id}/manifest` })).text, 'the status as CSV is the list of items');
  t.match((await ask({ path: `/export/${id}/manifest` })).text, /^"prog:Test,level:na,series:A\[7457\]",delivered,/m);
  t.match(
    (await ask({ path: `/export/${id}/script`, query: 'lang=wget' })).text,
    `/das/browse/export/${id}/files/data/Test`,
  );
});

t.test('B44: a worker that is killed behind the first item', async (t) => {
  const { start, status, work, runCount } = exportSite(t);
  const { id } = await start();
  t.equal(await work(1), undefined);
  t.match((await status(id)).json, { state: 'running', done: 1 });
  t.equal(runCount(), 1);
  await work();
  t.match((await status(id)).json, { state: 'done', done: 3 });
  t.equal(runCount(), 3, 'the first item is not read again');
});

t.test('three tries and no more; failing items', async (t) => {
  const { start, status, work, folder } = exportSite(t);
  const { id } = await start();
  for (let i = 0; i < 3; i++) await work(0);
  await work();
  t.match((await status(id)).json, { state: 'failed', status: 4 });
  folder.write('broken', '');
  const other = await start();
  t.match(await work(), { code: 1 });
  t.match((await status(other.id)).json, { state: 'done-with-errors', status: 0, errors: 3 });
});

t.test('B45: cancelling', async (t) => {
  const { start, status, work, ask, stateRoot } = exportSite(t);
  const { id } = await start();
  const cancel = (of: string, headers = {}) => ask({ path: `/export/${of}/cancel`, form: [], headers });
  t.equal((await cancel(id, { Origin: 'http://evil.example.org' })).status, 403);
  t.equal((await ask({ path: `/export/${id}/cancel` })).status, 405);
  await work(undefined, async (text) => {
    if (text.startsWith('1 ')) writeFileSync(join(stateRoot, 'export', id.slice(1, 5), id, 'cancel'), '');
  });
  t.match((await status(id)).json, { state: 'cancelled', status: 4 });
  t.notOk(existsSync(join(stateRoot, 'export', id.slice(1, 5), id, 'files')));
  t.equal((await ask({ path: `/export/${id}/archive` })).status, 410);
  const other = await start();
  t.equal((await cancel(other.id)).status, 303);
  t.match((await status(other.id)).json, { state: 'cancelled' });
  t.match(await work(), { status: 'was cancelled already' });
});

t.test('B47: expired exports, and repeating one', async (t) => {
  const { start, status, work, ask, stateRoot, content } = exportSite(t);
  const { id } = await start();
  await work();
  const folder = join(stateRoot, 'export', id.slice(1, 5), id);
  const file = join(folder, 'status.json');
  const json = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...json, end: Date.now() - 8 * 86_400_000 }));
  t.match(await status(id), { code: 410, json: { state: 'expired', status: 5 } });
  t.equal((await ask({ path: `/export/${id}/archive` })).status, 410);
  t.equal((await ask({ path: `/export/${id}/manifest` })).status, 200);
  writeFileSync(content, 'other payload');
  const repeated = await ask({ path: `/export/${id}/repeat`, form: [] });
  t.equal(repeated.status, 303);
  const again = (repeated.headers.Location ?? '').replace(/.*\//, '');
  await work();
  t.equal((await status(again)).json.changed.length, 3);
  writeFileSync(join(folder, 'files/keep'), '');
  const { ExportStore } = await import('../../../lib/browse/export/store.js');
  const store = new ExportStore(join(stateRoot, 'export'), 7);
  store.sweep(Date.now());
  t.notOk(existsSync(join(folder, 'files')), 'the sweep takes the data');
  t.ok(existsSync(join(folder, 'request.json')));
  t.ok(statSync(join(stateRoot, 'export', again.slice(1, 5), again, 'files')).isDirectory());
  store.sweep(Date.now() + 370 * 86_400_000);
  t.same(readdirSync(join(stateRoot, 'export', id.slice(1, 5))), []);
  const kept = await start();
  await work();
  const before = Date.parse((await status(kept.id)).json.expires);
  t.equal((await ask({ path: `/export/${kept.id}/extend`, form: [] })).status, 303);
  t.equal(Date.parse((await status(kept.id)).json.expires) - before, 7 * 86_400_000);
});

t.test('B51: without a queue', async (t) => {
  const { ask, start } = exportSite(t, 'WORK_QUEUE_BROKER = none\n');
  const { text } = await ask({ path: '/request', form: SEL, headers: HTML });
  t.notMatch(text, /value="url"|value="url-tar"/);
  t.match(text, 'no background worker');
  t.equal((await start()).status, 503);
  t.equal((await ask({ path: '/export', form: [...SEL, ['method', 'url_quick']] })).status, 200);
  t.match(JSON.parse((await ask({ path: '/health' })).text), { broker: { reachable: false } });
});

t.test('so many exports of one client', async (t) => {
  const { start } = exportSite(t);
  for (let i = 0; i < 10; i++) t.equal((await start()).status, 303);
  t.equal((await start()).status, 429);
});

t.test('two exports of one client are under way at a time', async (t) => {
  const { start, work, status, folder } = exportSite(t);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await start()).id);
  const broker = await openBroker(
    loadConfiguration({ file: join(folder.path, 'etc/das2server.conf'), environment: {} }),
  );
  await broker?.take('host-2-0', 0);
  await broker?.take('host-2-1', 0);
  await t.rejects(work(), { name: 'PutOff', message: /2 exports of the same address are under way/ });
  t.match((await status(ids[2] ?? '')).json, { state: 'queued', done: 0 });
  await broker?.giveBack('host-2-0');
  await broker?.close();
  t.match(await work(), { code: 0 }, 'the one that was given back has its turn');
});

t.test('limits of exports', async (t) => {
  const full = exportSite(t, 'EXPORT_MIN_FREE = 900000 TiB\n');
  const { id } = await full.start();
  t.match(await full.work(), { code: 13 });
  t.match((await full.status(id)).json, { state: 'refused', status: 4, message: /no space/ });
  const few = exportSite(t, 'EXPORT_MAX_ITEMS = 2\n');
  t.equal((await few.start()).status, 422);
  const small = exportSite(t, 'EXPORT_MAX_BYTES = 60\n');
  const one = await small.start();
  await small.work();
  t.match((await small.status(one.id)).json, { state: 'done-with-errors', done: 3, errors: 2 });
});

t.test('exports at an address of their own', async (t) => {
  const { ask, status, work } = exportSite(t, 'EXPORT_URL = https://exports.example.org/e/\n');
  const started = await ask({ path: '/export', form: [...SEL, ['method', 'url']] });
  const [, id = ''] = /^https:\/\/exports\.example\.org\/e\/(X[^/]+)$/.exec(started.headers.Location ?? '') ?? [];
  t.not(id, '');
  await work();
  const own = `https://exports.example.org/e/${id}`;
  t.match((await status(id)).json, { links: { self: `${own}.json`, archive: `${own}/archive`, html: own } });
  t.match((await ask({ path: `/export/${id}/script` })).text, `'${own}/files/data/Test/na/A/`);
  t.match((await ask({ path: `/export/${id}`, headers: HTML })).text, `href="${own}/archive"`);
  const { bytes } = await ask({ path: `/export/${id}/archive` });
  t.match(readZip(bytes).get(`${id}/README.txt`)?.content.toString(), own);
  t.match(
    readZip(bytes).get(`${id}/items.csv`)?.content.toString(),
    ',2020.06.01,2020-06-01T00:00:00Z,2020-06-02T00:00:00Z,',
  );
});

t.test('forms that somebody else may have made a browser send', async (t) => {
  const { ask, stateRoot } = exportSite(t);
  const key = await keyOf(ask);
  t.equal(statSync(join(stateRoot, 'form-key')).mode & 0o077, 0, 'nobody else reads the key');
  const form: [string, string][] = [...SEL, ['method', 'url_quick']];
  const old = { 'User-Agent': 'Mozilla/4.0' };
  t.equal((await ask({ path: '/export', form, headers: old })).status, 403, 'an old browser, and no key');
  t.equal((await ask({ path: '/export', form: [...form, key], headers: old })).status, 200);
  const known = { ...old, Origin: 'http://das.example.org', Host: 'das.example.org' };
  t.equal((await ask({ path: '/export', form, headers: known })).status, 200, 'one that says whence the form comes');
  t.equal((await ask({ path: '/export', form })).status, 200, 'a program');
  const then = Date.now() + 2 * 86_400_000;
  const later = t.intercept(Date, 'now', { value: () => then });
  t.equal((await ask({ path: '/export', form: [...form, key] })).status, 403, 'a key of the day before yesterday');
  later.restore();
  t.equal((await ask({ path: '/export', form: [...form, key] })).status, 200);
});

t.test('damaged files of exports', async (t) => {
  const { start, status, ask, stateRoot, work } = exportSite(t);
  const { id } = await start();
  const folder = join(stateRoot, 'export', id.slice(1, 5), id);
  const file = (name: string) => join(folder, name);
  const good = new Map(['request.json', 'status.json'].map((name) => [name, readFileSync(file(name), 'utf8')]));
  for (const [name, text] of good) {
    for (const bad of [
      '',
      'null',
      '[]',
      '{}',
      '"x"',
      text.slice(0, -5),
      text.replace(/:/, ':{"x":').replace(/\}$/, '}}'),
    ]) {
      writeFileSync(file(name), bad);
      t.equal((await ask({ path: `/export/${id}.json` })).status, 404, `${name}: ${bad}`);
    }
    writeFileSync(file(name), text);
  }
  const outside = [{ item: 'x', url: '', path: '../request.json', bytes: 9, sha256: 'x' }, null, { item: 5 }, 7];
  writeFileSync(file('items.json'), JSON.stringify(outside));
  t.equal((await ask({ path: `/export/${id}/files/../request.json` })).status, 404);
  t.equal((await ask({ path: `/export/${id}`, headers: HTML })).status, 200);
  t.same(
    [...readZip((await ask({ path: `/export/${id}/archive` })).bytes).keys()].filter((name) => name.includes('data')),
    [],
  );
  const request = JSON.parse(good.get('request.json') ?? '');
  writeFileSync(
    file('request.json'),
    JSON.stringify({ ...request, items: ['nonsense', ...request.items.slice(0, 1)] }),
  );
  t.match(await work(), { status: '1 of 2 items staged' });
  t.match((await status(id)).json, { state: 'done-with-errors', errors: 1 });
});

t.test('links below the folder of an export lead nowhere', async (t) => {
  const { start, status, stateRoot, work } = exportSite(t);
  const { id } = await start();
  const folder = join(stateRoot, 'export', id.slice(1, 5), id);
  const elsewhere = join(stateRoot, 'elsewhere');
  mkdirSync(elsewhere);
  mkdirSync(join(folder, 'files'));
  symlinkSync(elsewhere, join(folder, 'files/data'));
  t.match(await work(), { status: '0 of 3 items staged' });
  t.match((await status(id)).json, { errors: 3 });
  t.same(readdirSync(elsewhere), []);
});
