/** Kept citations as XML of DataCite, and deliveries by the address of their data: das2_srv_cite export ID, find ADDRESS. */
import t from 'tap';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { dataciteJson } from '../../../lib/cite/forms/datacite.js';
import type { dataciteXml } from '../../../lib/cite/forms/datacite-xml.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { parseXml, type XmlElement } from '../../../lib/stream/xml.js';
import { exportRecords, keyOfAddress } from '../../../lib/worker/cite/registered.js';
import { ASK, DAY, FIRST } from '../../routes/cite/requests.js';
import { citeSite } from '../../tools/cite-site.js';
import { FIXTURE_URL } from '../../tools/protocol-fixture.js';

const EVIL = {
  'C/Evil': `description = 'x'
citeTitle = 'Fields <b> & ]]> "quotes"'
das2Stream = 1
reader = 'show plain'
creator_01 = 'Doe, Jane | 0000-0002-1825-0097 | University of Example'
creator_02 = '@FGM Team | https://ror.org/012345678'
contributor_01 = 'Poe, E. | DataCurator'
publisher = 'Archive | https://ror.org/012345678'
pubYear = '2016'
version = '5'
license = 'CC0-1.0 https://creativecommons.org/publicdomain/zero/1.0/'
doi = '10.5072/juno'
subject = 'fields'
funding_01 = 'Agency | https://ror.org/012345678 | A-1'
acknowledgement = 'thanks'
`,
};

/** All elements of a name, wherever they stand. */
function all(root: XmlElement, name: string): XmlElement[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

t.test('a document says what the JSON form says', async (t) => {
  const site = citeSite(t, {}, EVIL);
  const made = await site.serve({ query: `server=citation&dataset=C/Evil&${DAY}&keep=1&format=json` });
  const { id, address: _address } = JSON.parse(made.text);
  const printed: string[] = [];
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const place = { configuration, root: site.citeRoot, json: false, print: (text: string) => void printed.push(text) };
  t.equal(exportRecords(place, [id]), 0);
  const root = parseXml(Buffer.from(printed.join('')));
  t.equal(root.name, 'resource');
  t.equal(root.attributes.get('xmlns'), 'http://datacite.org/schema/kernel-4');
  const textsOf = (name: string): string[] => all(root, name).map(({ text }) => text);
  t.same(textsOf('creatorName'), ['Doe, Jane', 'FGM Team']);
  t.same(textsOf('nameIdentifier'), ['https://orcid.org/0000-0002-1825-0097', 'https://ror.org/012345678']);
  t.equal(textsOf('title')[0], 'Fields <b> & ]]> "quotes"');
  t.same(textsOf('publisher'), ['Archive']);
  t.equal(all(root, 'publisher')[0]?.attributes.get('publisherIdentifierScheme'), 'ROR');
  t.same(textsOf('publicationYear'), ['2016']);
  t.same(textsOf('relatedIdentifier'), ['10.5072/juno']);
  t.same(textsOf('awardNumber'), ['A-1']);
  t.equal(all(root, 'contributor')[0]?.attributes.get('contributorType'), 'DataCurator');
  t.equal(all(root, 'rights')[0]?.attributes.get('rightsURI'), 'https://creativecommons.org/publicdomain/zero/1.0/');
  t.ok(textsOf('alternateIdentifier').includes(`sha256-d2c1:${FIRST}`));
  const record = new KeptCitations(site.citeRoot).record(id) as Parameters<typeof dataciteXml>[0];
  const names = Object.keys(dataciteJson(record)).map(
    (name) => ({ schemaVersion: 'resource', types: 'resourceType', identifiers: 'identifier' })[name] ?? name,
  );
  for (const name of names) t.ok(name === 'resource' || all(root, name).length > 0, name);
  new KeptCitations(site.citeRoot).note(id, { time: '2026-01-01T00:00:00.000Z', event: 'withdrawn', reason: 'x' });
  t.equal(exportRecords(place, [id]), 1, 'withdrawn');
  t.throws(() => exportRecords(place, ['nonsense']), { code: 'usage' });
});

t.test('the key of the data at an address', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const rk = site.entries()[0]?.rk;
  t.equal(await keyOfAddress(configuration, `${FIXTURE_URL}?${ASK}`), rk);
  t.equal(await keyOfAddress(configuration, `${FIXTURE_URL}/data/C/Plain?${DAY}&ascii=1`), rk);
  await t.rejects(keyOfAddress(configuration, 'http://other.example.org/x'), { code: 'illegalArgument' });
});
