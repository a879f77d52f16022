/** Pages of results: parts of a result, names in words only, short addresses (browse-export 7, 11). */
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { LISTING, mdiDefinition, mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html,application/xhtml+xml' };
const find = (query: string) => ({ path: '/find', query });

t.test('parts of a result: sizes of pages, groups that go on elsewhere', async (t) => {
  const { ask } = mdiSite(t);
  const page = (await ask({ ...find(`${LISTING}&limit=10`), headers: HTML })).text;
  t.match(page, /9 Oct 1999 TAI: 25 records, 725 MiB/, 'the box is for the whole group');
  t.equal((page.match(/name="sel"/g) ?? []).length, 10);
  t.match(page, /format=csv">CSV/);
  t.notMatch(page, /limit=10&amp;format=csv/);
  t.notMatch(page, 'on a page', 'nothing to choose');
  const long = (await ask({ ...find('start=1999-10-09&stop=%2B5d&show=missing&limit=50'), headers: HTML })).text;
  t.match(long, /limit=50" aria-current="true">50 on a page/);
  t.match(long, /limit=1000">1000 on a page/);
  t.match(long, />200 on a page/);
  t.same(await htmlFaults(long), []);
});

t.test('short addresses', async (t) => {
  const { ask, folder } = mdiSite(t);
  const page = await ask({ ...find(LISTING), headers: HTML });
  const form = /<form class="short"[\s\S]*?<\/form>/.exec(page.text)?.[0] ?? '';
  const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
    ([, key = '', value = '']): [string, string] => [key, value],
  );
  const kept = await ask({ path: '/q', form: fields });
  t.equal(kept.status, 303);
  const [, name = ''] =
    /^http:\/\/das\.example\.org\/das\/browse\/q\/([0-9a-f]{16})$/.exec(kept.headers.Location ?? '') ?? [];
  t.not(name, '');
  t.equal((await ask({ path: '/q', form: fields })).headers.Location, kept.headers.Location, 'one name');
  t.match((await ask({ path: `/q/${name}`, headers: HTML })).text, '25 datasets in 5 series between 9 Oct 1999 00:00');
  const json = JSON.parse((await ask({ path: `/q/${name}`, query: 'format=json&limit=3' })).text);
  t.equal(json.count, 25);
  t.equal(json.records.length, 3);
  t.match(json.next, '/das/browse/find?start=', 'what follows is asked for as usual');
  for (const bad of ['0123456789abcdef', '..', 'x', '0123456789abcde/', '%2e%2e'])
    t.equal((await ask({ path: `/q/${bad}` })).status, 404, bad);
  t.equal((await ask({ path: '/q' })).status, 405);
  t.equal(
    (
      await ask({
        path: '/q',
        form: [
          ['start', 'x'],
          ['start', 'y'],
        ],
      })
    ).status,
    400,
  );
  t.equal((await ask({ path: '/q', form: [] })).status, 400);
  t.equal((await ask({ path: '/q', form: fields, headers: { Origin: 'http://evil.example.org' } })).status, 403);
  const { createHash } = await import('node:crypto');
  const other = createHash('sha256').update('start=1999').digest('hex');
  for (let i = 0; i < 200; i++) folder.write(`state/queries/${other.slice(0, 2)}/${i}`, '');
  t.equal((await ask({ path: '/q', form: [['start', '1999']] })).status, 503, 'no room');
});

t.test('names of series in words only', async (t) => {
  const { ask } = mdiSite(t, {
    sources: { 'MDI/words': mdiDefinition('words_01h', '1hr', "browseLabel = 'In words'\ninstrumentType = Imager\n") },
  });
  const { text } = await ask({ ...find('start=1999-10-09&stop=%2B1h&raw=off'), headers: HTML });
  t.match(text, 'In words</td>');
  t.notMatch(text, '<small>words_01h</small>');
  t.match(text, /raw=off" aria-current="true">in words</);
  t.match(text, /raw=off&amp;order=series/, 'other choices keep it');
  const form = (await ask({ ...find('raw=off&edge=0'), headers: HTML })).text;
  for (const field of ['raw" value="off', 'edge" value="0']) t.match(form, `type="hidden" name="${field}"`);
  const both = (await ask({ ...find('start=1999-10-09&stop=%2B1h'), headers: HTML })).text;
  t.match(both, 'In words <small>words_01h</small>');
  const { text: list } = await ask(find('start=1999-10-09&stop=%2B1h&series=imager&format=csv'));
  t.equal(list.split('\r\n').length, 3, 'found by the kind of instrument');
  t.match(list, 'words_01h');
});
