/** Archives that are made while they are sent: the test cases B42 and B48 of browse-export 15, limits, and the two forms. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { mdiSite } from '../mdi-site.js';
import { readZip } from '../read-zip.js';

const HEADER = '[00]000025<stream version="2.2" />\n';
const OTHER = '<exception message="tray > 2 is empty" type="ServerError"></exception>\n';
const EXCEPTION = '<exception type="ServerError" message="out of &lt;paper&gt;" />\n';

/** A site with three sources: one that works, one that fails as `how` says, one that works. */
function site(t: Test, how: string, settings = '') {
  const source = (reader: string) =>
    `description = 'x'\nreader = ${reader}\nreducer = not_reducible\ndas2Stream = 1\nvalidRange = '2020-01-01 to 2021-01-01'\n`;
  const made = mdiSite(t, {
    withoutMdi: true,
    sources: { 'Test/A': source('good'), 'Test/B': source('bad'), 'Test/C': source('good') },
    settings: `BIN_PATH = ../bin\nEXPORT_MIN_FREE = 0\n${settings}`,
  });
  const program = (name: string, script: string): void =>
    chmodSync(made.folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  program(
    'good',
    `printf '%s' '${HEADER}'; printf '[xx]%06d%s' 10 "begin $1" | cut -c1-20; head -c 300000 /dev/zero | tr '\\0' 'z'`,
  );
  program('bad', how);
  return made;
}

const ALL: [string, string][] = [
  ['all', 'on'],
  ['start', '2020-06-01'],
  ['stop', '2020-06-02'],
  ['prog', 'Test'],
  ['method', 'stream'],
];

/** Contents of a ZIP archive by name. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  return new Map([...readZip(bytes)].map(([name, { content }]) => [name, content]));
}

for (const [what, how, reason] of [
  ['at once', 'echo "no tape" >&2; exit 3', /no tape/],
  ['in the end', `printf '%s' '${HEADER}'; head -c 100000 /dev/zero; exit 3`, /fail|status 3/],
  ['within a packet, and says nothing', `printf '%s[01]0' '${HEADER}'`, /failed before its end/],
  ['with an exception', `printf '%s[xx]%06d%s' '${HEADER}' ${EXCEPTION.length} '${EXCEPTION}'`, /out of <paper>/],
  ['with another one', `printf '%s[XX]%06d%s' '${HEADER}' ${OTHER.length} '${OTHER}'`, /tray > 2 is empty/],
] as const) {
  t.test(`B42: the second of three readers fails ${what}`, async (t) => {
    const { ask, folder } = site(t, how);
    const { status, headers, bytes } = await ask({ path: '/export', form: ALL });
    t.equal(status, 200);
    const id = /filename="(X\d{8}-[0-9a-z]{8})\.zip"/.exec(headers['Content-Disposition'] ?? '')?.[1] ?? '';
    const files = unzip(bytes);
    const data = [...files.keys()].filter((name) => name.includes('/data/'));
    t.same(
      data,
      ['A', 'C'].map((name) => `${id}/data/Test/na/${name}/2020.06.01_7457.d2s`),
    );
    t.ok(data.every((name) => (files.get(name)?.length ?? 0) > 300_000));
    const items = files.get(`${id}/items.csv`)?.toString().split('\r\n') ?? [];
    t.equal(items.length, 5);
    t.match(items[2], /^"prog:Test,level:na,series:B\[7457\]",.*,failed,/);
    t.match(items[2], reason);
    t.match(
      files.get(`${id}/README.txt`)?.toString(),
      'http://das.example.org/das/browse/request?all=on&start=2020-06-01&stop=2020-06-02&prog=Test&method=stream\n',
    );
    t.match(files.get(`${id}/README.txt`)?.toString(), /Not delivered:\n {2}prog:Test,level:na,series:B\[7457\]: /);
    const logs = readdirSync(join(folder.path, 'log')).map((name) =>
      readFileSync(join(folder.path, 'log', name), 'utf8'),
    );
    t.match(logs.join(''), `Export ${id}: prog:Test,level:na,series:B[7457] failed`);
    t.same(readdirSync(join(folder.path, 'state/export/parts')), [], 'no part is left');
  });
}

t.test('B48: a bag that check sum programs verify', async (t) => {
  const { ask, folder } = site(t, 'exec good "$@"');
  const { bytes, headers } = await ask({ path: '/export', form: [...ALL, ['packaging', 'tar.gz']] });
  t.equal(headers['Content-Type'], 'application/gzip');
  const archive = folder.write('bag.tar.gz', bytes);
  const where = join(folder.path, 'out');
  mkdirSync(where);
  t.equal(spawnSync('tar', ['-xzf', archive, '-C', where]).status, 0);
  const [id = ''] = readdirSync(where);
  const bag = join(where, id);
  const verify = (manifest: string) =>
    spawnSync('sha256sum', ['--strict', '-c', manifest], { cwd: bag, encoding: 'utf8' });
  t.equal(verify('manifest-sha256.txt').status, 0);
  t.equal(verify('tagmanifest-sha256.txt').status, 0);
  t.equal(readFileSync(join(bag, 'manifest-sha256.txt'), 'utf8').split('\n').length, 4);
  const info = readFileSync(join(bag, 'bag-info.txt'), 'utf8');
  t.match(info, /Payload-Oxum: \d+\.3\n/);
  t.match(readFileSync(join(bag, 'bagit.txt'), 'utf8'), 'BagIt-Version: 1.0\n');
  const names = spawnSync('tar', ['-tzf', archive], { encoding: 'utf8' }).stdout;
  t.notMatch(names, /[: ]|\.\./);
  writeFileSync(join(bag, 'data/Test/na/A/2020.06.01_7457.d2s'), 'changed');
  t.not(verify('manifest-sha256.txt').status, 0);
});

t.test('limits', async (t) => {
  const { ask } = site(t, 'exec good "$@"', 'EXPORT_MAX_ITEMS = 2\n');
  const many = await ask({ path: '/export', form: ALL, headers: { Accept: 'application/json' } });
  t.equal(many.status, 422);
  t.match(JSON.parse(many.text).error.message, /an archive may have 2 items .*: make 2 requests of at most 2 items/);
  const small = site(t, 'exec good "$@"', 'EXPORT_MAX_BYTES = 400 kB\n');
  const { bytes } = await small.ask({ path: '/export', form: ALL });
  const files = unzip(bytes);
  t.equal(
    [...files.keys()].filter((name) => name.includes('/data/')).length,
    1,
    'what is left is not enough for a second one',
  );
  t.match(
    [...files].find(([name]) => name.endsWith('items.csv'))?.[1].toString(),
    'larger than what is left of the export',
  );
  const full = site(t, 'exec good "$@"', 'EXPORT_MIN_FREE = 999999 TiB\n'.replace('999999 TiB', '900000 TiB'));
  t.equal((await full.ask({ path: '/export', form: ALL })).status, 503);
  t.notOk(existsSync(join(full.stateRoot, 'export/x')));
});

t.test('known sizes count before anything is fetched, and no setting makes archives larger than 2 GiB', async (t) => {
  const { ask, folder } = site(t, 'exec good "$@"', 'EXPORT_MAX_BYTES = 50 GiB\nWORK_QUEUE_BROKER = spool\n');
  for (const series of ['A', 'B'])
    folder.write(`state/inventory/Test/na/${series}/2020.inv`, '7457^present^1600000000\n');
  const sel = ['A', 'B'].map((series): [string, string] => ['sel', `prog:Test,level:na,series:${series}[7457]`]);
  const archive = await ask({ path: '/export', form: [...sel, ['method', 'stream']] });
  t.equal(archive.status, 422);
  t.match(archive.text, 'an archive may have 500 items and 2.0 GiB: make 2 requests of at most 1 item');
  t.equal((await ask({ path: '/export', form: [...sel, ['method', 'url']] })).status, 303, 'a worker has more');
});

t.test('citations in a bag, of exactly what lies in it', async (t) => {
  const { ask, folder, json } = site(t, 'exec good "$@"', 'CITE_ENABLE = true\n');
  folder.write(
    'content',
    `[00]000025<stream version="2.2" />\n[01]000096${'<packet><x type="time24" units="us2000"/><y type="ascii10" units="V" name="a"/></packet>'.padEnd(95)}\n:01:2020-06-01T00:00:00.000 1.000e+00\n`,
  );
  chmodSync(folder.write('bin/good', `#!/bin/sh\ncat ${join(folder.path, 'content')}\n`), 0o755);
  const files = unzip((await ask({ path: '/export', form: ALL })).bytes);
  const text = (name: string): string => [...files].find(([path]) => path.endsWith(`/${name}`))?.[1].toString() ?? '';
  t.equal(text('CITATION.txt').match(/sha256-d2c1 [0-9a-f]{20}/g)?.length, 3);
  t.equal(text('citations.bib').match(/^@misc\{/gm)?.length, 3);
  t.equal(JSON.parse(text('citations.csl.json')).length, 3);
  t.match(text('items.csv'), /,[0-9a-f]{64},sha256-d2c1:[0-9a-f]{64},delivered,/);
  t.match(text('README.txt'), 'To cite them: CITATION.txt, citations.bib, citations.csl.json.');
  t.match(text('tagmanifest-sha256.txt'), /[0-9a-f]{64} {2}CITATION\.txt/);
  const { records } = await json({ path: '/find', query: 'start=2020-06-01&prog=Test' });
  const { links } = (records as { links: Record<string, string> }[])[0] ?? {};
  t.equal(links?.cite, links?.data?.replace('server=dataset', 'server=citation'));
  const page = await ask({ path: '/find', query: 'start=2020-06-01&prog=Test', headers: { Accept: 'text/html' } });
  t.match(page.text, /server=citation&amp;dataset=Test\/A[^"]*" aria-label="cite A, /);
  const off = site(t, 'exec good "$@"', 'CITE_ENABLE = false\n');
  const without = unzip((await off.ask({ path: '/export', form: ALL })).bytes);
  t.notOk([...without.keys()].some((name) => /cit/i.test(name)));
  t.notMatch(
    (await off.ask({ path: '/find', query: 'start=2020-06-01&prog=Test&format=json' })).text,
    'server=citation',
  );
});

t.test('a long archive holds no more than a short one', async (t) => {
  const { ask } = site(t, 'exit 3');
  const few = await ask({ path: '/export', form: ALL });
  const many = await ask({
    path: '/export',
    form: [...ALL.filter(([name]) => name !== 'stop'), ['stop', '2020-06-06']],
  });
  t.equal(unzip(many.bytes).size - unzip(few.bytes).size, 8);
  t.equal(many.watchers, few.watchers, 'the client is not asked once a record to tell when it goes');
});
