/** Records of files: the test cases B49 and B50 of browse-export 15, archives, single files, access, and mail at the end, through the real programs. */
import { symlinkSync } from 'node:fs';
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { readZip } from '../read-zip.js';
import { DAY, filesSite, ITEM } from './files-site.js';

const HTML = { Accept: 'text/html' };

t.test('B49: one member of a record is one file of the export, and the archive stays as it is', async (t) => {
  const { exported, get, archive } = await filesSite(t);
  const before = archive();
  const { id, status } = await exported([`${ITEM(DAY)}{img_20200601T1204_0003}`]);
  t.match(status, { state: 'done', items: 1, done: 1, errors: 0, bytes: 32_000 });
  const manifest = await (await get(`/export/${id}/manifest`)).text();
  const path = 'data/cam/lev1/images/2020.06.01_7457/img_20200601T1204_0003.fits';
  t.match(manifest, `,delivered,32000,`);
  t.match(manifest, path);
  t.equal(manifest.split('\r\n').length, 3, 'a heading, one file, a line end');
  const file = await get(`/export/${id}/files/${path}`);
  t.equal(file.headers.get('content-type'), 'application/octet-stream');
  t.equal(await file.text(), 'image 3 '.repeat(4000));
  t.equal((await get(`/export/${id}/files/../../../etc/das2server.conf`)).status, 404);
  t.same(archive(), before);
});

t.test('B50: what is off line is brought back once for two parts of it', async (t) => {
  const { exported, lines, at } = await filesSite(t);
  const { status } = await exported([`${ITEM(DAY + 1)}{0000}`, `${ITEM(DAY + 1)}{frame_0002}`]);
  t.match(status, { state: 'done', items: 2, done: 2, bytes: 14 });
  t.same(lines('staged'), [`now cam lev1 images ${DAY + 1} ${at('archive/images/2020.06.02')}`]);
});

t.test('what cannot be brought back fails, and the rest does not', async (t) => {
  const { exported, put, get, lines } = await filesSite(t);
  put('broken', '');
  const { id, status, log } = await exported([ITEM(DAY), `${ITEM(DAY + 1)}{0000}`, ITEM(DAY + 1)]);
  t.match(status, { state: 'done-with-errors', items: 3, done: 3, errors: 2 });
  t.equal(lines('staged').length, 1, 'not tried again for each part');
  t.match(await (await get(`/export/${id}/manifest`)).text(), 'off line and could not be brought back');
  t.match(log, 'STAGE_CMD for cam:lev1:images[7458]: status 4');
});

t.test('an archive of a record of files, and of what is off line', async (t) => {
  const { post, get } = await filesSite(t);
  const form: [string, string][] = [
    ['sel', ITEM(DAY)],
    ['sel', ITEM(DAY + 1)],
    ['method', 'stream'],
  ];
  const refused = await post('/export', form);
  t.equal(refused.status, 400, 'the record that is off line has to be left out knowingly');
  t.match(await refused.text(), 'confirm');
  const answer = await post('/export', [...form, ['confirm', 'on']]);
  t.equal(answer.status, 200);
  const files = [...readZip(Buffer.from(await answer.arrayBuffer()))];
  const data = files.filter(([name]) => name.includes('/data/')).map(([name]) => name.replace(/^[^/]+\//, ''));
  t.same(
    data,
    ['1159_0000', '1201_0001', '1202_0002', '1204_0003'].map(
      (name) => `data/cam/lev1/images/2020.06.01_7457/img_20200601T${name}.fits`,
    ),
  );
  const items = files.find(([name]) => name.endsWith('/items.csv'))?.[1].content.toString() ?? '';
  t.match(items, '"prog:cam,level:lev1,series:images[7457]{img_20200601T1159_0000.fits}"');
  const page = await (await post('/request', form)).text();
  t.match(page, /1 of them is off line/);
  t.match(page, /value="url" checked/, 'the way that brings it back');
  const some = await (await post('/request', [['sel', `${ITEM(DAY)}{0,1}`]])).text();
  t.match(some, /value="stream" checked/);
  t.match(some, '0.023 MiB', 'the size of two files');
  const find = await (await get('/find?start=2020-06-01&stop=%2B1d&prog=cam', HTML)).text();
  t.match(find, '/das/browse/file/cam/lev1/images/7457"');
});

t.test('parts: positions, names, slices, and what is none', async (t) => {
  const { post } = await filesSite(t);
  const urls = async (item: string, more: readonly [string, string][] = []) => {
    const answer = await post('/export', [['sel', item], ['method', 'url_quick'], ...more]);
    return {
      status: answer.status,
      names: (await answer.text())
        .trim()
        .split('\n')
        .map((url) => url.replace(/.*_/, '')),
    };
  };
  t.same((await urls(`${ITEM(DAY)}{0002,0}`)).names, ['0000.fits', '0002.fits']);
  t.same((await urls(`${ITEM(DAY)}{12:01-12:03}`)).names, ['0001.fits', '0002.fits']);
  t.same((await urls(ITEM(DAY))).names.length, 4);
  for (const bad of ['{}', '{..%2F}', '{12:03-12:01}', '{a b}', '{12:01-25:00}', '{$(x)}'])
    t.equal((await urls(`${ITEM(DAY)}${bad}`)).status, 400, bad);
  t.equal((await urls('prog:cam,level:lev1,series:images[7457-7458]{1}')).status, 400, 'a part of several records');
});

t.test('the list of files, one file, and what does not exist', async (t) => {
  const { get, at } = await filesSite(t);
  symlinkSync(at('outside/secret.fits'), at('archive/images/2020.06.01/link.fits'));
  const page = await (await get(`/file/cam/lev1/images/${DAY}`, HTML)).text();
  t.same(await htmlFaults(page), []);
  t.match(page, /<h1>4 files of Images images<\/h1>/);
  t.notMatch(page, at(''));
  t.notMatch(page, 'link.fits', 'a link out of the archive is not there');
  const ticked = await (await get(`/file/cam/lev1/images/${DAY}?every=2`, HTML)).text();
  t.equal(ticked.match(/ checked/g)?.length, 2);
  const json = (await (await get(`/file/cam/lev1/images/${DAY}?format=json`)).json()) as { files: unknown[] };
  t.match(json.files[1], { name: 'img_20200601T1201_0001.fits', bytes: 16_000 });
  const file = await get(`/file/cam/lev1/images/${DAY}/img_20200601T1201_0001.fits`);
  t.equal(await file.text(), 'image 1 '.repeat(2000));
  t.match(file.headers.get('content-disposition'), 'attachment; filename="img_20200601T1201_0001.fits"');
  for (const path of [
    `/file/cam/lev1/images/${DAY}/link.fits`,
    `/file/cam/lev1/images/${DAY}/.hidden`,
    `/file/cam/lev1/images/${DAY}/..%2F..%2F..%2Foutside%2Fsecret.fits`,
    '/file/cam/lev1/images/99999999999',
    '/file/cam/lev1/images/x',
    '/file/cam/lev1/none/1',
    '/file/cam/lev1/..%2Fimages/1',
  ])
    t.equal((await get(path)).status, 404, path);
});

t.test('files of a source with a rule of access', async (t) => {
  const { get, exported, post } = await filesSite(t);
  const answer = await get(`/file/cam/lev1/closed/${DAY}/a.fits`);
  t.equal(answer.status, 401);
  t.match(answer.headers.get('www-authenticate'), 'staff');
  t.equal(
    (
      await post('/export', [
        ['sel', ITEM(DAY, 'closed')],
        ['method', 'stream'],
      ])
    ).status,
    400,
  );
  const { status, id } = await exported([ITEM(DAY), ITEM(DAY, 'closed')], [['confirm', 'on']]);
  t.match(status, { state: 'done', items: 1, errors: 0 });
  t.notMatch(await (await get(`/export/${id}/manifest`)).text(), 'closed');
});

t.test('what is found as a list of addresses, and as a script for curl', async (t) => {
  const { get, url } = await filesSite(t);
  const find = async (format: string) =>
    (await get(`/find?prog=cam&start=2020-06-01&stop=2020-06-03&format=${format}`)).text();
  const addresses = (await find('urls')).trim().split('\n');
  const names = ['1159_0000', '1201_0001', '1202_0002', '1204_0003'].map((name) => `img_20200601T${name}.fits`);
  t.strictSame(
    addresses,
    names.map((name) => url(`/file/cam/lev1/images/${DAY}/${name}`)),
    'no names behind a sign-in, nothing that is off line',
  );
  t.strictSame((await find('curl')).trim().split('\n'), [
    '#!/bin/sh',
    'set -e',
    ...names.map((name, i) => `curl -fsS -o 'images_2020.06.01_${DAY}_${name}' '${addresses[i]}'`),
  ]);
});

t.test('mail at the end: one message, and the address is forgotten', async (t) => {
  const { exported, lines, post, at } = await filesSite(t);
  const { id } = await exported([ITEM(DAY)], [['mail', 'someone+x@example.org']]);
  const mail = lines('mails');
  t.equal(mail[0], '-x someone+x@example.org');
  t.equal(mail[1], 'To: someone+x@example.org');
  t.equal(mail[2], `Subject: Export ${id}: done`);
  t.ok(mail.some((line) => line.endsWith(`/das/browse/export/${id}`)));
  const { spawnSync } = await import('node:child_process');
  t.equal(spawnSync('grep', ['-rl', 'example.org', at('state'), at('log')], { encoding: 'utf8' }).stdout, '');
  for (const bad of ['-oQ/tmp@example.org', 'a@b\nBcc: c@d', 'a b@example.org', '$(id)@example.org', 'nobody']) {
    const answer = await post('/export', [
      ['sel', ITEM(DAY)],
      ['method', 'url'],
      ['mail', bad],
    ]);
    t.equal(answer.status, 400, bad);
  }
});

t.test('a site without these programs', async (t) => {
  const { post } = await filesSite(t, 'STAGE_CMD =\nMAIL_CMD =\n');
  const job: [string, string][] = [
    ['sel', ITEM(DAY + 1)],
    ['method', 'url'],
  ];
  t.equal((await post('/export', job)).status, 400);
  const page = await (await post('/request', job)).text();
  t.match(page, 'brings nothing back by itself');
  t.notMatch(page, 'field-mail');
  t.equal(
    (
      await post('/export', [
        ['sel', ITEM(DAY)],
        ['method', 'url'],
        ['mail', 'a@example.org'],
      ])
    ).status,
    400,
  );
});
