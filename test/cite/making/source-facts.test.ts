/** What a source says of itself outside of its definition: a record of SPASE, the version of its reader. Test case C56 of citation 16. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readChecked, writeChecked } from '../../../lib/cite/checked-file.js';
import { readSpase } from '../../../lib/cite/metadata/spase.js';
import { ASK, DAY } from '../../routes/cite/requests.js';
import { type CiteSite, citeSite } from '../../tools/cite-site.js';

const SPASE = {
  Spase: {
    Version: '2.4.1',
    NumericalData: {
      ResourceID: 'spase://EXAMPLE/NumericalData/Juno/FGM',
      ResourceHeader: {
        ResourceName: 'Fields of Jupiter',
        DOI: 'https://doi.org/10.5072/juno',
        PublicationInfo: {
          Authors: 'Doe, Jane; @Roe, Richard; and Poe, E. A.',
          PublicationDate: '2016-05-01T00:00:00',
          PublishedBy: 'Archive | of Example',
          LandingPageURL: 'https://example.org/juno',
        },
      },
      ObservedRegion: ['Jupiter.Magnetosphere', 'Heliosphere.Outer'],
      MeasurementType: 'MagneticField',
      InstrumentType: ['Magnetometer', 'Magnetograph'],
    },
  },
};

t.test('keywords of a record', async (t) => {
  t.same(Object.fromEntries(readSpase(JSON.stringify(SPASE)) ?? []), {
    spaseId: 'spase://EXAMPLE/NumericalData/Juno/FGM',
    citeTitle: 'Fields of Jupiter',
    doi: 'https://doi.org/10.5072/juno',
    creator_01: 'Doe, Jane',
    creator_02: 'Roe, Richard',
    creator_03: 'Poe, E. A.',
    pubYear: '2016',
    publisher: 'Archive of Example',
    landingPage: 'https://example.org/juno',
    region_01: 'Jupiter.Magnetosphere',
    region_02: 'Heliosphere.Outer',
    measurementType: 'MagneticField',
    instrumentType: 'Magnetometer; Magnetograph',
  });
  for (const text of ['', '{', '[]', '{"Spase":{}}', '{"Spase":{"Person":{}}}', '7'])
    t.equal(readSpase(text), undefined, text);
  const value = fc.jsonValue();
  const record = fc.record({ ResourceID: value, ResourceHeader: value, ObservedRegion: value, MeasurementType: value });
  fc.assert(
    fc.property(fc.oneof(record, value), (data) => {
      const found = readSpase(JSON.stringify({ Spase: { NumericalData: data } }));
      return found === undefined || [...found.values()].every((text) => !/[\n|]/.test(text));
    }),
  );
});

const PLAIN = "das2Stream = 1\nreader = 'show plain'\nvalidRange = '2017-01-01 to 2018-01-01'\n";

async function dataset(site: CiteSite, id: string) {
  const query = `server=citation&dataset=${id}&${DAY}&compute=0&format=json`;
  return JSON.parse((await site.serve({ query })).text).dataset;
}

t.test('a record fills what the definition does not say, before folders do', async (t) => {
  const site = citeSite(
    t,
    {},
    {
      'S/Spase': `description = 'x'\npubYear = '2001'\nspaseFile = 'record.json'\n${PLAIN}`,
      'S/Lost': `description = 'x'\nspaseFile = '../nothing.json'\n${PLAIN}`,
      'S/_dirinfo_': "description = 'Folder'\npublisher = 'Folder Press'\nlicense = 'MIT'\n",
    },
  );
  const file = join(site.dsdfRoot, 'S/record.json');
  writeFileSync(file, JSON.stringify(SPASE));
  t.match(await dataset(site, 'S/Spase'), {
    title: 'Fields of Jupiter',
    creators: [{ family: 'Doe' }, { family: 'Roe' }, { family: 'Poe' }],
    year: '2001',
    publisher: { name: 'Archive of Example' },
    doi: '10.5072/juno',
    license: { id: 'MIT' },
    origins: { creator: 'spase', pubYear: 'source', publisher: 'spase', license: 'folder' },
  });
  writeFileSync(file, JSON.stringify(SPASE).replace('Fields of Jupiter', 'Another name, and a longer one'));
  t.match(await dataset(site, 'S/Spase'), { title: 'Another name, and a longer one' }, 'read when it has changed');
  t.match(await dataset(site, 'S/Lost'), { title: 'x', publisher: { name: 'Folder Press' } });
});

t.test('C56: the version of the reader is a part of the fingerprint', async (t) => {
  const plain = `description = 'x'\n${PLAIN}`;
  const site = citeSite(
    t,
    {},
    {
      'R/One': `${plain}readerVersion = 'reader-version'\n`,
      'R/Fails': `${plain}readerVersion = 'false'\n`,
      'R/Hangs': `${plain}readerVersion = 'yes'\n`,
    },
  );
  const versionOf = async (id: string): Promise<string> => {
    const { text } = await site.serve({ query: `server=hash&dataset=${id}&${DAY}` });
    return JSON.parse(text).dsver;
  };
  const fails = await versionOf('R/Fails');
  t.match(fails, /^[0-9a-f]{8}$/);
  t.match(await versionOf('R/Hangs'), /^[0-9a-f]{8}$/, 'who writes without end is ended');
  site.writeProgram('reader-version', `echo run >> '${site.root}/runs'\necho 'reader 1.0'\n`);
  const first = await versionOf('R/One');
  await site.serve({ query: ASK.replace('C/Plain', 'R/One') });
  t.equal(site.entries().at(-1)?.dsver, first, 'the log has it');
  site.writeProgram('reader-version', "echo 'reader 2.0'\n");
  t.equal(await versionOf('R/One'), first, 'it is not run each time');
  const [kept = ''] = readdirSync(join(site.citeRoot, 'readers')).filter((name) =>
    readFileSync(join(site.citeRoot, 'readers', name), 'utf8').includes('R/One'),
  );
  const file = join(site.citeRoot, 'readers', kept);
  const saidAt = (time: number): void => writeChecked(file, { ...(readChecked(file)?.[0] as object), time });
  saidAt(Date.now() - 11 * 60_000);
  const second = await versionOf('R/One');
  t.not(second, first, 'another reader');
  saidAt(0);
  site.writeProgram('reader-version', 'exit 1\n');
  t.equal(await versionOf('R/One'), second, 'one that fails counts with what it said last');
  t.notOk(site.entries().some(({ dsver }) => dsver === undefined));
});

t.test('a server that is busy does not forget which reader there is', async (t) => {
  const plain = `description = 'x'\n${PLAIN}`;
  const site = citeSite(
    t,
    { MAX_PIPELINES: '1', PIPELINE_WAIT: '0' },
    { 'R/One': `${plain}readerVersion = 'reader-version'\n`, 'R/Slow': plain.replace('show plain', 'slow') },
  );
  site.writeProgram('reader-version', "echo 'reader 1.0'\n");
  site.writeProgram('slow', `cat '${site.root}/plain.d2s'\nwhile [ ! -e '${site.root}/go' ]; do sleep 0.05; done\n`);
  const versionOf = async (): Promise<string> =>
    JSON.parse((await site.serve({ query: `server=hash&dataset=R/One&${DAY}` })).text).dsver;
  const first = await versionOf();
  const [name = ''] = readdirSync(join(site.citeRoot, 'readers'));
  const file = join(site.citeRoot, 'readers', name);
  const [kept] = readChecked(file) ?? [];
  writeChecked(file, { ...(kept as object), time: 0 });
  let meanwhile: Promise<string> | undefined;
  await site.serve({
    query: ASK.replace('C/Plain', 'R/Slow'),
    during: () => {
      meanwhile ??= versionOf().finally(() => writeFileSync(join(site.root, 'go'), ''));
    },
  });
  t.equal(await meanwhile, first);
});
