/** Files whose names are no plain words: each is delivered under a name of its own, and as what it is. */
import t, { type Test } from 'tap';
import { mdiSite } from '../mdi-site.js';
import { readZip } from '../read-zip.js';

const DAY = 'prog:cam,level:na,series:sky[7457]';

function site(t: Test, names: readonly string[]) {
  const made = mdiSite(t, { withoutMdi: true, settings: 'EXPORT_MIN_FREE = 0\n' });
  made.folder.write(
    'datasets/cam/sky.dsdf',
    `description = 'Sky'\nreader = 'false'\ndas2Stream = 1\nbrowseKind = files\nbrowseBlock = 1day\n` +
      `validRange = '2020-06-01 to 2020-06-04'\nrecordPath = '${made.folder.path}/archive/$(LABEL)'\n`,
  );
  for (const name of names) made.folder.write(`archive/2020.06.01/${name}`, `content of ${name}`);
  return made;
}

const delivered = async (t: Test, names: readonly string[], sel: readonly string[]) => {
  const { bytes } = await site(t, names).ask({
    path: '/export',
    form: [['method', 'stream'], ...sel.map((item): [string, string] => ['sel', item])],
  });
  return [...readZip(bytes)]
    .map(([name, { content }]) => [name.replace(/^[^/]*\//, ''), content.toString()] as const)
    .filter(([name]) => name.startsWith('data/'));
};

t.test('two names that are alike in plain letters', async (t) => {
  const names = ['a b.fits', 'a_b.fits', 'a+b.fits', 'ä.fits'];
  const files = await delivered(t, names, [DAY]);
  t.equal(new Set(files.map(([name]) => name)).size, 4);
  t.ok(files.every(([name]) => /^[A-Za-z0-9._/-]+$/.test(name)));
  t.same(new Set(files.map(([, content]) => content)), new Set(names.map((name) => `content of ${name}`)));
  t.match(files.find(([, content]) => content === 'content of a_b.fits')?.[0], /\/a_b\.fits$/, 'a plain name stays');
});

t.test('a file that goes by its position is not taken for one of that name', async (t) => {
  const made = site(t, ['0001.fits', 'sky é.fits', '0002']);
  const list = JSON.parse((await made.ask({ path: '/file/cam/na/sky/7457', query: 'format=json' })).text);
  for (const { name, item, url } of list.files) {
    const { pathname } = new URL(url);
    const { text } = await made.ask({ path: pathname.slice(pathname.indexOf('/file/')) });
    t.equal(text, `content of ${name}`, url);
    const { bytes } = await made.ask({
      path: '/export',
      form: [
        ['method', 'stream'],
        ['sel', item],
      ],
    });
    const files = [...readZip(bytes)].filter(([path]) => path.includes('/data/'));
    t.same(
      files.map(([, { content }]) => content.toString()),
      [`content of ${name}`],
      item,
    );
  }
});

t.test('files have no planes', async (t) => {
  const { ask } = site(t, ['sky_20200601T120100.fits']);
  const fault = async (form: [string, string][]) => {
    const { status, text } = await ask({ path: '/export', form });
    t.equal(status, 400);
    return text;
  };
  t.match(await fault([['sel', `${DAY}{12:00-13:00,x}`]]), /has no planes/);
  t.match(
    await fault([
      ['sel', DAY],
      ['planes~cam:na:sky', 'x'],
    ]),
    /has files, and no planes/,
  );
  t.notMatch((await ask({ path: '/request', form: [['sel', DAY]] })).text, /planes/);
});

t.test('more names of files than an item can have are refused by the door for DRMS clients', async (t) => {
  const { ask } = site(t, ['a.fits']);
  const names = Array.from({ length: 900 }, () => 'a').join(',');
  for (const method of ['url_quick', 'url']) {
    const query = new URLSearchParams({ op: 'exp_request', ds: `cam.sky[2020.06.01]{${names}}`, method }).toString();
    t.match(JSON.parse((await ask({ path: '/drms/jsoc_fetch', query })).text), { status: 4, error: /names/ });
  }
});

t.test('a small picture with the whole name of a file goes before one with its stem', async (t) => {
  const picture = (name: string) => `thumbnails/${name}`;
  const made = site(t, ['a.fits', 'a.jp2', 'b.fits', picture('a.png'), picture('a.fits.png'), picture('a.jp2.txt')]);
  const small = async (name: string) => made.ask({ path: `/file/cam/na/sky/7457/thumbnails/${name}` });
  t.equal((await small('a.fits')).text, 'content of thumbnails/a.fits.png');
  t.equal((await small('a.jp2')).text, 'content of thumbnails/a.png', 'what is no picture is none');
  t.equal((await small('b.fits')).status, 404);
});
