/** The page of a series and its other forms: views, gaps, CSV, JSON-LD (browse-export 8, 11). */
import t from 'tap';
import { htmlFaults } from '../../tools/validate-html.js';
import { mdiDefinition, mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html' };
const path = '/series/mdi/lev1.5/gaps_01d';
const MORE =
  "validRange = '1999-10-01 to 1999-11-01'\nexampleRange_00 = '1999-10-09 to 1999-10-10'\nhapi = 1\nsummary = 'More </script> words'\n" +
  "browseLabel = 'With gaps'\nobservable = 'x | =Something'\nitem_00 = 'v | Velocity | m/s'\ncreator_00 = 'Ada Lovelace'\n";

t.test('views, gaps and forms of a series', async (t) => {
  const { ask, folder } = mdiSite(t, {
    withoutMdi: true,
    sources: { 'MDI/gaps': mdiDefinition('gaps_01d', '1day', MORE) },
    settings: 'ENABLE_HAPI_SUBSYS = true\nCITE_ENABLE = true\nSERVER_ID = test\n',
  });
  // Days of 1999-10-09 and later: there, three missing, there, nobody has looked, one missing.
  const states = ['present^100', 'absent', 'absent', 'absent', 'present^300', '', 'absent'];
  const lines = states.map((state, i) => (state === '' ? '' : `${2472 + i}^${state}\n`)).join('');
  folder.write('state/inventory/mdi/lev1.5/gaps_01d/1999.inv', lines);
  const { text } = await ask({ path, headers: HTML });
  t.same(await htmlFaults(text), []);
  t.match(text, '<li>1999.10.10 to 1999.10.12: 3 records</li>');
  t.match(text, '<li>1999.10.15</li>');
  t.match(text, '2 of 365');
  t.match(text, '<meter min="0" max="365" value="2">1 %</meter> 1 %');
  t.match(text, 'server=citation&amp;dataset=MDI/gaps&amp;start_time=1999-10-09');
  t.match(text, '/das/server/hapi/info?id=MDI/gaps');
  t.notMatch(text, 'More </script>');
  const linked = await ask({ path, headers: { Accept: 'application/ld+json' } });
  t.equal(linked.headers['Content-Type'], 'application/ld+json');
  const document = JSON.parse(linked.text);
  t.match(document, {
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': `http://das.example.org/das/browse${path}`,
    name: 'With gaps',
    description: 'More </script> words (records of 1 day)',
    identifier: 'mdi:lev1.5:gaps_01d',
    temporalCoverage: /^1999-10-01T00:00:00(\.0+)?Z\/1999-11-01T00:00:00(\.0+)?Z$/,
    variableMeasured: ['Velocity'],
    creator: [{ '@type': 'Person', name: 'Ada Lovelace' }],
    distribution: [{ contentUrl: 'http://das.example.org/das/server?server=dataset&dataset=MDI/gaps' }],
  });
  const inPage = /<script type="application\/ld\+json">(.*?)<\/script>/.exec(text)?.[1] ?? '';
  t.same(JSON.parse(inPage), document, 'the page has the same');
  const csv = await ask({ path, query: 'format=csv' });
  t.match(csv.headers['Content-Type'], 'text/csv');
  t.match(csv.text, 'name,value\r\nSeries,mdi:lev1.5:gaps_01d\r\n');
  t.match(csv.text, "Observable,'=Something\r\n");
  t.match(csv.text, '1999,2 of 365\r\n');
  t.match((await ask({ path, query: 'format=text' })).text, /^mdi:lev1\.5:gaps_01d\n/);
});

t.test('a share says nothing that is not so', async (t) => {
  const { ask, folder } = mdiSite(t, { withoutMdi: true, sources: { 'MDI/gaps': mdiDefinition('gaps_01d', '1day') } });
  const shareOf = async (present: number) => {
    const lines = Array.from({ length: 365 }, (_one, i) => `${2191 + i}^${i < present ? 'present' : 'absent'}\n`);
    folder.write('state/inventory/mdi/lev1.5/gaps_01d/1999.inv', lines.join(''));
    return / of 365<\/td><td><meter[^>]*>([^<]*)</.exec((await ask({ path, headers: HTML })).text)?.[1];
  };
  t.equal(await shareOf(1), 'under 1 %');
  t.equal(await shareOf(364), 'over 99 %');
  t.equal(await shareOf(365), '100 %');
});

t.test('many gaps: the longest, and how many there are', async (t) => {
  const { ask, folder } = mdiSite(t, { withoutMdi: true, sources: { 'MDI/gaps': mdiDefinition('gaps_01d', '1day') } });
  const runs = Array.from({ length: 12 }, (_one, i) => i + 1);
  const lines = runs.flatMap((length, i) => Array.from({ length }, (_day, day) => `${2200 + 14 * i + day}^absent\n`));
  folder.write('state/inventory/mdi/lev1.5/gaps_01d/1999.inv', lines.join(''));
  const { text } = await ask({ path, headers: HTML });
  t.match(text, 'The 10 longest of 12:');
  t.equal(text.split(': 12 records</li>').length, 2);
  t.notMatch(text, ': 2 records</li>');
  t.notMatch(text, 'How to cite', 'citations are off');
});

t.test('what is not there for everybody', async (t) => {
  const { ask, folder } = mdiSite(t, {
    withoutMdi: true,
    sources: { 'MDI/gaps': mdiDefinition('gaps_01d', '1day', 'readAccess = USER:somebody\n') },
    settings: 'USER_PASSWD = passwd\nUSER_GROUP = group\n',
  });
  folder.write('etc/passwd', '');
  folder.write('etc/group', '');
  folder.write('state/inventory/mdi/lev1.5/gaps_01d/1999.inv', '2472^absent\n2473^present\n');
  for (const query of ['', 'format=csv', 'format=json', 'format=text'])
    t.notMatch((await ask({ path, query })).text, /Known gaps|of 365|present/, query);
});
