/** The form of browse: counts of its choices, entry pages of the site, all faults at once (browse-export 6, 12). */
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html,application/xhtml+xml' };
const find = (query: string) => ({ path: '/find', query });

t.test('the form: counts of choices, presets, nicknames', async (t) => {
  const { ask, json, folder } = mdiSite(t);
  folder.write('etc/browse-groups.ini', '[velocity]\nlabel = Velocities\nseries = fd_V_*\n');
  folder.write('etc/browse-pages.ini', '[magnetic]\ntitle = Magnetic maps\nobs = magnetic\nhide = obs\n');
  const page = (await ask({ headers: HTML })).text;
  t.match(page, 'Doppler <span class="count">(5 series)</span>');
  t.match(page, 'Magnetic field <span class="count">(1 series)</span>');
  t.match(page, 'Velocities <span class="count">(2 series)</span>');
  t.match(
    (await ask({ path: '/find', query: 'obs=magnetic', headers: HTML })).text,
    'Velocities <span class="count">(0 series)</span>',
    'what the other fields leave',
  );
  const preset = (await ask({ path: '/p/magnetic', headers: HTML })).text;
  t.match(preset, '<h1>Magnetic maps</h1>');
  t.match(preset, '<input type="hidden" name="obs" value="magnetic">');
  t.notMatch(preset, 'type="checkbox" id="obs-');
  t.equal((await json(find('nick=velocity&start=1999.10.09_TAI'))).count, 3);
  const form = (await json({})).form as { fields: { name: string; choices?: { key: string; count: number }[] }[] };
  t.match(form.fields.find(({ name }) => name === 'obs')?.choices, [
    { key: 'doppler', count: 5 },
    { key: 'magnetic', count: 1 },
  ]);
  t.match((await ask({ headers: { Accept: 'text/plain' } })).text, 'obs=doppler\t5\tDoppler');
});

t.test('a page hides whatever field it is told to, and says how many series it searches', async (t) => {
  const { ask, folder } = mdiSite(t);
  folder.write(
    'etc/browse-pages.ini',
    '[tai]\nprog = mdi\nobs = doppler\nblock = 1hr\nscale = TAI\nshow = known\nstop = +6h\nhide = obs, scale, show, stop, start\n',
  );
  const { text } = await ask({ path: '/p/tai', headers: HTML });
  t.same(await htmlFaults(text), []);
  for (const [name, value] of [
    ['obs', 'doppler'],
    ['scale', 'TAI'],
    ['show', 'known'],
    ['stop', '+6h'],
  ] as const) {
    t.equal(text.split(`name="${name}"`).length, 2, `${name} is sent once`);
    t.match(text, `<input type="hidden" name="${name}" value="${value}">`);
  }
  t.match(text, 'id="field-start" name="start" type="text"', 'the start is always asked for');
  t.match(text, 'all 5 series of this page are searched', 'a choice that people can undo counts for nothing');
});

t.test('all faults of a question at once, each beside its field', async (t) => {
  const { ask } = mdiSite(t);
  const query = 'start=x&stop=1999-13-01&scale=GPS&obs=a%20b&obs=doppler&order=size&edge=z&series=fd_*';
  const { status, text } = await ask({ ...find(query), headers: HTML });
  t.equal(status, 400);
  t.same(await htmlFaults(text), []);
  t.match(text, '6 things are not right');
  for (const field of ['start', 'stop', 'scale', 'obs', 'order']) {
    t.match(text, `href="#field-${field}"`, field);
    t.match(text, `class="fault" id="fault-${field}"`, field);
  }
  t.match(text, /edge: |neither auto nor a number/);
  t.match(text, 'id="obs-doppler" name="obs" value="doppler" checked', 'what is right stays');
  t.match(text, 'value="1999-13-01"');
  t.match(text, 'value="fd_*"');
  const one = await ask({ ...find('start=x&stop=1999-10-09'), headers: HTML });
  t.match(one.text, 'One thing is not right');
  t.notMatch(one.text, 'id="fault-stop"');
  const hidden = await ask({ ...find('start=1999-10-09&level=a%20b'), headers: HTML });
  t.match(hidden.text, 'href="#field-level"', 'a field that has one choice only is shown then');
});

t.test('a page with preset text fields', async (t) => {
  const { ask, folder } = mdiSite(t);
  folder.write('etc/browse-pages.ini', '[two]\nseries = fd_V_01h, vw_*\nblock = 1hr, 6hr\nstop = +6h\n');
  const { text } = await ask({ path: '/p/two', headers: HTML });
  t.match(text, 'name="series" type="text" value="fd_V_01h, vw_*"');
  t.match(text, 'name="stop" type="text" value="+6h"');
  for (const block of ['1hr', '6hr']) t.match(text, `id="block-${block}" name="block" value="${block}" checked`);
});
