/** The das2.3 documents: catalog, directories, source definitions, aliases (server-protocol 6). */
import t from 'tap';
import { inProcessSite } from '../tools/in-process.js';

const RICH = `description = 'Rich source'
summary = 'All about it'
das2Stream = 1
reader = 'rdr --secret'
techContact = 'A Person <a@x.org>, B <b@x.org>'
sciContact = 'C Only'
validRange = '2010-01-01 to 2012-06-01T12:00'
exampleRange_00 = '2011-01-01 to 2011-01-02 | A day'
exampleParams_00 = 'lo'
param_00 = 'lo | Low band'
param_01 = 'hi | High \\| highest band | opt'
item_00 = 'Bx | Field | nT'
data_01 = 'By'
readAccess = 'AGE:1y | GROUP:g'
`;

t.test('catalog', async (t) => {
  const site = inProcessSite(t, {
    sources: { 'Examples/Rich': RICH, 'Plain/NoDesc/Deep': 'reader = x\n', '__proto__/x': 'reader = x\n' },
  });
  const { text, headers } = await site.ask({ path: '/catalog' });
  t.equal(headers['Content-Type'], 'application/json; charset=utf-8');
  const root = JSON.parse(text);
  t.match(root, { type: 'Catalog', name: 'TST', title: 'Test Site', separator: '/' });
  t.same(root.catalog.Examples.catalog.Random, {
    type: 'HttpStreamSrc',
    name: 'Random',
    title: 'Random walk (test)',
    urls: ['http://das.example.org/das/server/source/Examples/Random.json'],
  });
  t.match(root.catalog.Examples, {
    type: 'Catalog',
    urls: ['http://das.example.org/das/server/source/Examples/index.json'],
  });
  t.same(Object.keys(root.catalog.Plain.catalog), ['NoDesc', 'NoDesc/'], 'a source and a folder of one name');
  t.ok(root.catalog.Plain.catalog['NoDesc/'].catalog.Deep);
  t.equal(root.catalog.Void, undefined);
  t.equal(root.catalog.Examples.catalog.Hid, undefined);
  t.equal(root.catalog.Examples.catalog.Old, undefined);
  t.equal(Object.hasOwn(root.catalog, '__proto__'), true);
  t.ok(everyEntry(root), 'every entry has type, name and urls');
});

function everyEntry(entry: { type?: unknown; name?: unknown; urls?: unknown; catalog?: object }): boolean {
  return (
    typeof entry.type === 'string' &&
    typeof entry.name === 'string' &&
    Array.isArray(entry.urls) &&
    Object.values(entry.catalog ?? {}).every(everyEntry)
  );
}

t.test('one level', async (t) => {
  const site = inProcessSite(t, { settings: { SKIP_LOWCASE: 'true' }, sources: { 'low/x': 'reader = x\n' } });
  const level = async (path: string) => JSON.parse((await site.ask({ path })).text);
  const all = inProcessSite(t, { sources: { 'low/x': 'reader = x\n' } });
  const shown = Object.keys(JSON.parse((await all.ask({ path: '/source/' })).text).catalog);
  t.same(shown, ['Examples', 'Plain', 'low']);
  const root = await level('/source/');
  t.same(Object.keys(root.catalog), ['Examples', 'Plain'], 'low is left out');
  t.equal(root.catalog.Examples.catalog, undefined);
  const folder = await level('/source/Examples/');
  t.match(folder, { name: 'Examples', title: 'Example data sources' });
  t.same(folder, await level('/source/Examples/index.json'));
  t.equal((await site.ask({ path: '/source/Nope/' })).status, 404);
  t.match((await site.ask({ path: '/source/Nope/' })).text, /^\{"error":\{"type":"NoSuchDataSource"/);
  t.equal((await site.ask({ path: '/source/Void/' })).status, 404);
  t.equal((await site.ask({ path: '/source/Examples/Random/' })).status, 404);
});

t.test('source definition', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Rich': RICH } });
  const { text, status } = await site.ask({ path: '/source/Examples/Rich.json' });
  t.equal(status, 200);
  t.equal((await site.ask({ path: '/source/Examples/Rich' })).text, text);
  const source = JSON.parse(text);
  t.match(source, { type: 'HttpStreamSrc', name: 'Rich', title: 'Rich source', description: 'All about it' });
  t.same(source.contacts, [
    { type: 'technical', name: 'A Person', email: 'a@x.org' },
    { type: 'technical', name: 'B', email: 'b@x.org' },
    { type: 'scientific', name: 'C Only' },
  ]);
  t.same(source.protocol.base_urls, ['http://das.example.org/das/server?server=dataset&dataset=Examples/Rich']);
  t.match(source.protocol.authentication, { required: true, realm: '/das/server/Examples/Rich' });
  t.same(source.protocol.http_params.params.flags, {
    '00': { value: 'lo', title: 'Low band' },
    '01': { value: 'hi', title: 'High | highest band' },
  });
  t.same(source.protocol.examples, {
    example_00: {
      title: 'A day',
      http_params: {
        start_time: '2011-01-01T00:00:00',
        end_time: '2011-01-02T00:00:00',
        resolution: '43.2',
        params: 'lo',
      },
    },
  });
  t.same(source.interface.coordinates.time.valid_range, ['2010-01-01T00:00:00', '2012-06-01T12:00:00']);
  t.same(
    source.interface.coordinates.time.minimum.set,
    { param: 'start_time', range: source.interface.coordinates.time.valid_range },
    'where das2py looks for what a bound may be',
  );
  for (const [name, parameter] of Object.entries<{ title?: unknown }>(source.protocol.http_params)) {
    t.type(parameter.title, 'string', `${name}: das2py prints a title for each`);
  }
  t.same(source.interface.data, { Bx: { name: 'Bx', title: 'Field', units: { value: 'nT' } }, By: { name: 'By' } });
  t.same(source.interface.options['01'].set, { param: 'params', flag: '01', value: true });
  t.notMatch(text, /secret|reader|readAccess|GROUP/);
  const orbit = JSON.parse((await site.ask({ path: '/source/Examples/Orbit.json' })).text);
  t.match(orbit.protocol.http_params, { interval: { required: true } });
  t.equal(orbit.protocol.http_params.resolution, undefined);
});

t.test('moved and missing sources', async (t) => {
  const site = inProcessSite(t);
  const old = await site.ask({ path: '/source/Examples/Old.json' });
  t.equal(old.headers.Location, 'http://das.example.org/das/server/source/Examples/Random.json');
  const far = await site.ask({ path: '/source/Examples/Far' });
  t.equal(far.headers.Location, 'http://far.example.org/das/server?server=dsdf&dataset=Examples/Far');
  for (const path of [
    '/source/Examples/Nope',
    '/source/Examples/Nope.json',
    '/source/Examples/_dirinfo_',
    '/source/.json',
    '/source/%2e%2e/x',
  ]) {
    t.equal((await site.ask({ path })).status, 404, path);
  }
  t.equal((await site.ask({ path: '/source/Examples/Hid' })).status, 200);
});

t.test('aliases', async (t) => {
  const site = inProcessSite(t);
  const plain = await site.ask({ query: 'server=dsdf&dataset=Examples/Random' });
  const alias = await site.ask({ path: '/source/Examples/Random/das2.d2t' });
  t.equal(alias.text, plain.text);
  t.match((await site.ask({ path: '/source/Examples/Nope/das2.d2t' })).text, '[xx]', 'das2 framing');
  const query = 'start_time=2017-01-01&end_time=2017-01-02';
  const data = await site.ask({ path: '/source/Examples/Range/das2', query, method: 'HEAD' });
  t.equal(data.status, 200);
  t.match(data.headers['Content-Disposition'], 'Range_2017-01-01_2017-01-02.d2s');
  const old = await site.ask({ path: '/source/Examples/Old/das2', query });
  t.equal(old.headers.Location, `http://das.example.org/das/server/source/Examples/Random/das2?${query}`);
});
