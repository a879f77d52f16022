/** The page with the files of a record: pictures, ticks, and what the request says of files (browse-export 10). */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { htmlFaults } from '../../tools/validate-html.js';
import { mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html' };
const LIST = '/file/cam/na/sky/7457';
const ITEM = 'prog:cam,level:na,series:sky[7457]';
const NAMES = ['1200', '1230', '1300', '1330'].map((time) => `sky_20200601_${time}.fits`);

/** A site with a record of four images, two of which have small pictures, and one of small pictures. */
function site(t: Test) {
  const { path } = temporaryFolder(t);
  for (const [i, name] of NAMES.entries()) {
    mkdirSync(join(path, 'archive/2020.06.01/thumbnails'), { recursive: true });
    writeFileSync(join(path, 'archive/2020.06.01', name), 'x'.repeat(1000 * (i + 1)));
  }
  const small = join(path, 'archive/2020.06.01/thumbnails');
  writeFileSync(join(small, 'sky_20200601_1200.png'), 'first');
  writeFileSync(join(small, `${NAMES[1]}.jpg`), 'second');
  writeFileSync(join(small, 'sky_20200601_1300.html'), '<script>');
  writeFileSync(join(path, 'secret.png'), 'secret');
  symlinkSync(join(path, 'secret.png'), join(small, 'sky_20200601_1330.png'));
  mkdirSync(join(path, 'archive/2020.06.02'));
  for (const name of ['a.png', 'b.gif']) writeFileSync(join(path, 'archive/2020.06.02', name), name);
  return mdiSite(t, {
    withoutMdi: true,
    sources: {
      'cam/sky': `description = 'Sky'\nreader = 'false'\ndas2Stream = 1\nvalidRange = '2020-06-01 to 2020-06-03'\nbrowseKind = files\nrecordPath = '${path}/archive/$(LABEL)'\n`,
    },
  });
}

const boxes = (text: string): string[] =>
  [...text.matchAll(/name="sel" value="[^"]*\{([^}]*)\}" aria-label="[^"]*"( checked)?/g)].flatMap(([, word, isOn]) =>
    isOn === undefined ? [] : [word ?? ''],
  );

t.test('small pictures', async (t) => {
  const { ask, json } = site(t);
  const { files } = (await json({ path: LIST })) as { files: { name: string; time?: string; thumbnail?: string }[] };
  t.same(
    files.map(({ name }) => name),
    NAMES,
    'the folder of pictures is none of them',
  );
  t.same(
    files.map(({ thumbnail }) => thumbnail?.replace(/.*\//, '')),
    [NAMES[0], NAMES[1], undefined, undefined],
    'what leads out of the archive, or is no picture, is none',
  );
  t.equal(files[1]?.time, '12:30:00');
  const first = await ask({ path: `${LIST}/thumbnails/${NAMES[0]}` });
  t.equal(first.text, 'first');
  t.equal(first.headers['Content-Type'], 'image/png');
  t.match(first.headers['Content-Security-Policy'], 'sandbox');
  t.equal((await ask({ path: `${LIST}/thumbnails/0001` })).text, 'second');
  for (const bad of [
    'thumbnails/0002',
    'thumbnails/0003',
    'thumbnails/..',
    'thumbnails/none',
    'other/0000',
    'thumbnails/0000/x',
  ])
    t.equal((await ask({ path: `${LIST}/${bad}` })).status, 404, bad);
  const sheet = (await ask({ path: `${LIST}`, query: 'view=pictures', headers: HTML })).text;
  t.same(await htmlFaults(sheet), []);
  t.match(sheet, `src="/das/browse${LIST}/thumbnails/${NAMES[0]}"`);
  t.match(sheet, 'no picture');
  t.match((await ask({ path: LIST, headers: HTML })).text, '<table>', 'a table where few have pictures');
  const own = await ask({ path: '/file/cam/na/sky/7458', headers: HTML });
  t.same(await htmlFaults(own.text), []);
  t.match(own.text, 'class="sheet"', 'small pictures are their own');
  t.equal((await ask({ path: '/file/cam/na/sky/7458/thumbnails/b.gif' })).text, 'b.gif');
  t.match((await ask({ path: LIST, query: 'format=csv' })).text, 'item,name,bytes,changed,url,time,thumbnail\r\n');
});

t.test('ticks without a script', async (t) => {
  const { ask } = site(t);
  const ticked = async (query: string) => {
    const { text, status } = await ask({ path: LIST, query, headers: HTML });
    t.same(await htmlFaults(text), [], query);
    return { status, text, words: boxes(text) };
  };
  t.same((await ticked('')).words, []);
  t.equal((await ticked('every=1')).words.length, 4);
  t.same((await ticked('every=2&view=pictures')).words, [NAMES[0], NAMES[2]]);
  t.same((await ticked('near=12:40')).words, [NAMES[1]]);
  t.equal((await ticked('ends=hour')).words.length, 4);
  const bad = await ticked('near=noon&view=table');
  t.equal(bad.status, 400);
  t.match(bad.text, /href="#field-near"/);
  t.match(bad.text, 'value="noon"', 'what was typed stays');
  t.notMatch((await ask({ path: '/file/cam/na/sky/7458', headers: HTML })).text, 'field-near', 'no times, no field');
});

t.test('a request tells how many files it means, and offers the whole record for more than half of it', async (t) => {
  const { ask } = site(t);
  const request = async (...items: string[]) => {
    const { text } = await ask({
      path: '/request',
      form: items.map((item): [string, string] => ['sel', item]),
      headers: HTML,
    });
    t.same(await htmlFaults(text), []);
    return text;
  };
  t.match(await request(ITEM), '4 files of 1 record of files');
  const half = await request(`${ITEM}{0000}`, `${ITEM}{0001}`);
  t.match(half, '2 files of 1 record of files');
  t.notMatch(half, 'Take the whole record');
  const most = await request(`${ITEM}{0000}`, `${ITEM}{0001,0002}`, 'prog:cam,level:na,series:sky[7458]');
  t.match(most, '5 files of 2 records of files');
  t.match(most, 'You have chosen 3 of 4 files (5.9 KiB) of Sky, 1 Jun 2020 UTC. The whole record has 9.8 KiB.');
  const offer = /<form class="remark"[\s\S]*?<\/form>/.exec(most)?.[0] ?? '';
  const fields = [...offer.matchAll(/name="sel" value="([^"]*)"/g)].map(([, value]) => value);
  t.same(fields, ['prog:cam,level:na,series:sky[7458]', ITEM], 'the parts make way for the whole');
  t.notMatch(await request(ITEM, `${ITEM}{0000,0001,0002}`), 'Take the whole record', 'it is there already');
});
