/** Ids and forms of citations: the worked example of the reference, and hostile text. Test cases C31 to C33, C52 of citation 16. */
import fc from 'fast-check';
import t from 'tap';
import type { Citation } from '../../../lib/cite/citation/citation.js';
import { citationId, readCitationId } from '../../../lib/cite/citation/id.js';
import { dataciteJson } from '../../../lib/cite/forms/datacite.js';
import { fullJson, jsonLd } from '../../../lib/cite/forms/record-formats.js';
import { bibtex, cslJson, ris } from '../../../lib/cite/forms/reference-formats.js';
import { TEXT_STYLES, textCitation } from '../../../lib/cite/forms/text-styles.js';
import { datasetMetadata } from '../../../lib/cite/metadata/metadata.js';
import { doiOf } from '../../../lib/cite/metadata/values.js';
import { canonicalRequest, requestKey } from '../../../lib/cite/request-key.js';
import { parseTime } from '../../../lib/stream/time.js';
import { DIGEST_A } from '../digest/vectors.js';

const REQUEST = canonicalRequest({
  dataset: 'juno/fgm/MagComponentsSCSE',
  begin: parseTime('2014-04-08'),
  end: parseTime('2014-04-08T01:00'),
  resolution: undefined,
  interval: undefined,
  params: '',
});
const RK = requestKey(REQUEST);
const TITLE = 'Magnetic field components in spacecraft solar ecliptic frame';
const KEYWORDS = {
  description: 'Not this one',
  citeTitle: TITLE,
  creator_01: 'Doe, Jane | 0000-0000-0000-0000',
  creator_02: 'Roe, Richard',
  creator_03: '@Example FGM Team',
  publisher: 'University of Example',
  pubYear: '2016',
  version: '502',
  doi: 'https://doi.org/10.5072/juno-fgm-se',
  license: 'CC0-1.0 https://creativecommons.org/publicdomain/zero/1.0/',
  spaseId: 'spase://EXAMPLE/NumericalData/Juno/FGM/SE',
  region_01: 'Jupiter.Magnetosphere',
};
const BASE = 'https://das.example.org/das/server';

function citation(keywords: Readonly<Record<string, string>> = KEYWORDS, more: Partial<Citation> = {}): Citation {
  return {
    id: citationId(RK, DIGEST_A),
    address: `${BASE}/cite/b6ks4dr57vm68q0n-h`,
    dataAddress: `${BASE}?server=dataset&dataset=juno/fgm/MagComponentsSCSE&start_time=2014-04-08T00:00:00&end_time=2014-04-08T01:00:00`,
    request: REQUEST,
    rk: RK,
    metadata: datasetMetadata({
      id: REQUEST.dataset,
      source: new Map(Object.entries(keywords)),
      folders: [],
      siteName: 'A Site',
    }),
    state: {
      digest: `sha256-d2c1:${DIGEST_A}`,
      time: '2026-11-20T09:30:12.000Z',
      first: '2026-11-20T09:30:12.000Z',
      count: 1,
      deliveries: 1,
      packets: 2,
      via: 'live',
      open: false,
      raws: {},
    },
    warnings: [],
    madeAt: '2026-11-20T10:00:00.000Z',
    server: { name: 'A Site', software: 'das2srv' },
    ...more,
  };
}

t.test('C52: the id of the reference, and its check character', async (t) => {
  t.equal(citationId(RK, DIGEST_A), 'b6ks4dr57vm68q0n-h');
  t.equal(readCitationId('B6KS4DR57VM68Q0N-H'), 'b6ks4dr57vm68q0n-h');
  t.equal(readCitationId('b6ks4dr57vm68qon-h'), 'b6ks4dr57vm68q0n-h', 'an o is a 0');
  for (const wrong of [
    'b6ks4dr57vm68q0m-h',
    'b6ks4dr57vm68q0n-j',
    '6bks4dr57vm68q0n-h',
    'b6ks4dr57vm68q0n',
    '',
    'x-h',
  ]) {
    t.equal(readCitationId(wrong), undefined, wrong);
  }
  fc.assert(
    fc.property(fc.string(), fc.nat({ max: 15 }), fc.nat({ max: 31 }), (text, place, digit) => {
      const id = citationId(RK, text);
      const other = '0123456789abcdefghjkmnpqrstvwxyz'[digit] ?? '0';
      const changed = id.slice(0, place) + other + id.slice(place + 1);
      return readCitationId(id) === id && (changed === id || readCitationId(changed) === undefined);
    }),
  );
});

t.test('C31: the worked example of the reference', async (t) => {
  t.equal(
    textCitation(citation(), 'default'),
    'Doe, J., Roe, R., & Example FGM Team (2016). Magnetic field components in spacecraft solar ecliptic frame (Version 502) ' +
      '[Data set]. University of Example. https://doi.org/10.5072/juno-fgm-se. Subset: 2014-04-08T00:00:00 to ' +
      '2014-04-08T01:00:00 UTC, native resolution, all parameters. State of 2026-11-20T09:30:12Z, sha256-d2c1 ' +
      '08671c44daeb30942d2f. https://das.example.org/das/server/cite/b6ks4dr57vm68q0n-h',
  );
  t.equal(
    bibtex(citation()),
    `@misc{das2_b6ks4dr57vm68q0n,
  author    = {Doe, Jane and Roe, Richard and {Example FGM Team}},
  title     = {{${TITLE}}},
  year      = {2016},
  publisher = {University of Example},
  version   = {502},
  doi       = {10.5072/juno-fgm-se},
  url       = {${BASE}/cite/b6ks4dr57vm68q0n-h},
  urldate   = {2026-11-20},
  note      = {Data set; subset 2014-04-08T00:00:00/2014-04-08T01:00:00, native resolution; sha256-d2c1:${DIGEST_A}}
}
`,
  );
  t.equal(
    ris(citation()).replaceAll('\r\n', '\n'),
    `TY  - DATA
AU  - Doe, Jane
AU  - Roe, Richard
AU  - Example FGM Team
TI  - ${TITLE}
PY  - 2016
PB  - University of Example
ET  - 502
DO  - 10.5072/juno-fgm-se
UR  - ${BASE}/cite/b6ks4dr57vm68q0n-h
Y2  - 2026/11/20
N1  - Subset 2014-04-08T00:00:00/2014-04-08T01:00:00, native resolution
N1  - sha256-d2c1:${DIGEST_A}
ER  - ${''}
`,
  );
  t.match(cslJson(citation()), {
    id: 'das2_b6ks4dr57vm68q0n',
    type: 'dataset',
    author: [{ family: 'Doe', given: 'Jane' }, { family: 'Roe', given: 'Richard' }, { literal: 'Example FGM Team' }],
    issued: { 'date-parts': [[2016]] },
    accessed: { 'date-parts': [[2026, 11, 20]] },
    DOI: '10.5072/juno-fgm-se',
    dimensions: '2014-04-08T00:00:00/2014-04-08T01:00:00',
    note: `sha256-d2c1:${DIGEST_A}`,
  });
  const datacite = dataciteJson(citation()) as Record<string, unknown>;
  t.match(datacite, {
    identifiers: [{ identifier: `${BASE}/cite/b6ks4dr57vm68q0n-h`, identifierType: 'URL' }],
    creators: [
      {
        name: 'Doe, Jane',
        nameType: 'Personal',
        nameIdentifiers: [{ nameIdentifier: 'https://orcid.org/0000-0000-0000-0000' }],
      },
      { name: 'Roe, Richard' },
      { name: 'Example FGM Team', nameType: 'Organizational' },
    ],
    titles: [
      { title: TITLE },
      { title: '2014-04-08T00:00:00 to 2014-04-08T01:00:00, native resolution', titleType: 'Subtitle' },
    ],
    publisher: { name: 'University of Example' },
    publicationYear: 2016,
    dates: [
      { date: '2014-04-08T00:00:00Z/2014-04-08T01:00:00Z', dateType: 'Collected' },
      { date: '2026-11-20T09:30:12Z', dateType: 'Valid', dateInformation: 'content digest observed' },
    ],
    subjects: [{ subject: 'Jupiter.Magnetosphere', subjectScheme: 'SPASE ObservedRegion' }],
    relatedIdentifiers: [
      { relatedIdentifier: '10.5072/juno-fgm-se', relatedIdentifierType: 'DOI', relationType: 'IsPartOf' },
    ],
    alternateIdentifiers: [{ alternateIdentifier: `sha256-d2c1:${DIGEST_A}` }, { alternateIdentifierType: 'SPASE' }],
    sizes: ['2 packets'],
    rightsList: [
      {
        rights: 'CC0-1.0',
        rightsUri: 'https://creativecommons.org/publicdomain/zero/1.0/',
        rightsIdentifierScheme: 'SPDX',
      },
    ],
  });
  t.match(jsonLd(citation()), {
    '@type': 'Dataset',
    temporalCoverage: '2014-04-08T00:00:00Z/2014-04-08T01:00:00Z',
    creator: [{ '@type': 'Person', name: 'Jane Doe' }, { name: 'Richard Roe' }, { '@type': 'Organization' }],
    isPartOf: { '@id': 'https://doi.org/10.5072/juno-fgm-se' },
    identifier: [{ propertyID: 'sha256-d2c1', value: DIGEST_A }],
    distribution: [{ contentUrl: citation().dataAddress }],
  });
  const versions = 'https://das.example.org/das/server/versions/X';
  t.match(fullJson(citation(), versions), {
    id: 'b6ks4dr57vm68q0n-h',
    rk: RK,
    state: { packets: 2 },
    links: { versions },
  });
});

t.test('all styles, with and without creators', async (t) => {
  for (const style of TEXT_STYLES) {
    const text = textCitation(citation(), style) ?? '';
    for (const part of [
      'Doe',
      'Example FGM Team',
      '2016',
      TITLE,
      'University of Example',
      '10.5072/juno-fgm-se',
      'Subset: ',
    ]) {
      t.match(text, part, `${style}: ${part}`);
    }
    t.notMatch(text, /undefined|\.\.|,,| {2}|\n/, style);
    const bare = textCitation(citation({ description: 'A field' }), style) ?? '';
    t.match(bare, /^“?A field/, `${style}: the title goes first`);
    t.notMatch(bare, /undefined|\.\.|,,| {2}|\n/, bare);
    t.match(bare, /n\.d\./);
    t.notMatch(bare, /\)\. \[/, 'what it is stands with the title');
  }
  t.equal(textCitation(citation(), 'nope'), undefined);
  t.equal(textCitation(citation(), 'constructor'), undefined);
  t.match(textCitation(citation({ ...KEYWORDS, citeAs: 'Cite us so' }), 'apa'), /^Cite us so\. Subset: /);
});

t.test('C32: hostile text', async (t) => {
  const evil = citation({
    ...KEYWORDS,
    creator_01: "O'Neil {x} & Söhne % _",
    citeTitle: 'a</script>\nTY  - BOOK\r\n}} \\input{x} ~^#$',
    publisher: 'p\u0000q\u2028r',
  });
  const tex = bibtex(evil);
  t.match(tex, "author    = {O'Neil \\{x\\} \\& Söhne \\% \\_ and");
  t.match(tex, '\\textbackslash{}input\\{x\\} \\textasciitilde{}\\textasciicircum{}\\#\\$');
  t.equal(tex.split('\n').length, 12, 'no line of its own');
  const record = ris(evil);
  t.equal(record.match(/^TY {2}- /gm)?.length, 1);
  t.notMatch(record, /[\0\u2028]/);
  for (const json of [jsonLd(evil), dataciteJson(evil), cslJson(evil)])
    t.doesNotThrow(() => JSON.parse(JSON.stringify(json)));
  t.notMatch(textCitation(evil, 'default'), /[\0-\x1f\u2028]/);
});

t.test('names that lists of authors could take for several', async (t) => {
  const made = bibtex(
    citation({
      ...KEYWORDS,
      creator_01: 'Research and Development',
      creator_02: 'a, b, c, d',
      creator_03: 'Anderson, And',
    }),
  );
  t.match(made, 'author    = {{Research and Development} and {a, b, c, d} and Anderson, And}');
});

t.test('ids of people and organisations are told by their scheme', async (t) => {
  const made = citation({
    ...KEYWORDS,
    creator_01: 'Doe, Jane | 0000-0000-0000-0000 | University of Example | https://ror.org/036jqmy94',
    creator_03: '@Example FGM Team | https://ror.org/012345678',
    contributor_01: 'Poe, Edgar | DataCurator | 0000-0002-1825-0097',
    contributor_02: 'A Place | HostingInstitution | https://ror.org/036jqmy94',
    contributor_03: 'Roe, R. | DataCollector | 4711',
    publisher: 'University of Example | https://ror.org/036jqmy94',
  });
  const university = {
    affiliationIdentifier: 'https://ror.org/036jqmy94',
    affiliationIdentifierScheme: 'ROR',
    schemeUri: 'https://ror.org',
  };
  const orcid = { nameIdentifierScheme: 'ORCID', schemeUri: 'https://orcid.org' };
  const ror = { nameIdentifierScheme: 'ROR', schemeUri: 'https://ror.org' };
  t.match(dataciteJson(made), {
    creators: [
      { affiliation: [{ name: 'University of Example', ...university }] },
      {},
      { nameIdentifiers: [{ nameIdentifier: 'https://ror.org/012345678', ...ror }] },
    ],
    contributors: [
      { nameIdentifiers: [{ nameIdentifier: 'https://orcid.org/0000-0002-1825-0097', ...orcid }] },
      { nameIdentifiers: [{ nameIdentifier: 'https://ror.org/036jqmy94', ...ror }] },
      { nameIdentifiers: [{ nameIdentifier: '4711', nameIdentifierScheme: 'other' }] },
    ],
    publisher: { publisherIdentifier: 'https://ror.org/036jqmy94' },
  });
  t.match(jsonLd(made), {
    creator: [
      { affiliation: { '@type': 'Organization', name: 'University of Example', '@id': 'https://ror.org/036jqmy94' } },
      { affiliation: undefined },
      { '@id': 'https://ror.org/012345678' },
    ],
    publisher: { '@id': 'https://ror.org/036jqmy94' },
  });
});

t.test('terms of use have an address', async (t) => {
  const addressOf = (license: string): unknown =>
    (jsonLd(citation({ ...KEYWORDS, license })) as { license?: unknown }).license;
  t.equal(addressOf('CC-BY-NC-SA-3.0'), 'https://creativecommons.org/licenses/by-nc-sa/3.0/');
  t.equal(addressOf('CC BY 4.0'), 'https://creativecommons.org/licenses/by/4.0/');
  t.equal(addressOf('CC0'), 'https://creativecommons.org/publicdomain/zero/1.0/');
  t.equal(addressOf('MIT'), 'https://spdx.org/licenses/MIT.html');
  t.equal(addressOf('MIT | https://example.org/mit'), 'https://example.org/mit');
  t.equal(addressOf('ask us first'), undefined, 'words are no id');
});

t.test('dates that are none are left out of records', async (t) => {
  const made = dataciteJson(citation({ ...KEYWORDS, change_01: 'no date', change_02: '2016-05-01: recalibrated' }));
  const { dates } = made as { dates: { dateType: string }[] };
  t.same(
    dates.filter(({ dateType }) => dateType === 'Updated'),
    [{ date: '2016-05-01', dateType: 'Updated', dateInformation: 'recalibrated' }],
  );
});

t.test('C33: what is missing is told and not made up', async (t) => {
  const { metadata } = citation({
    description: 'D',
    techContact: 'A Person <a@x.org>',
    validRange: '1999-01-01 to now',
  });
  t.same(metadata.missing, ['creator', 'publisher', 'year']);
  t.same(metadata.creators, []);
  t.equal(metadata.publisher.name, 'A Site');
  const everything = JSON.stringify([
    dataciteJson(citation({ description: 'D' })),
    jsonLd(citation({ description: 'D' })),
  ]);
  t.notMatch(everything, /Person|1999/);
});

t.test('C34: the nearest folder wins', async (t) => {
  const near = new Map([
    ['publisher', 'Near'],
    ['creator_01', '@Near Team'],
  ]);
  const far = new Map([
    ['publisher', 'Far'],
    ['pubYear', '2001'],
    ['creator_01', '@A'],
    ['creator_02', '@B'],
  ]);
  const { publisher, year, creators, origins } = datasetMetadata({
    id: 'a/b/c',
    source: new Map(),
    folders: [near, far],
    sitePublisher: 'Site',
    siteName: 'x',
  });
  t.equal(publisher.name, 'Near');
  t.equal(year, '2001');
  t.same(
    creators.map(({ name }) => name),
    ['Near Team'],
  );
  t.equal(origins.publisher, 'folder');
});

t.test('C38: what is a DOI', async (t) => {
  t.equal(doiOf('doi:10.5072/a-b'), '10.5072/a-b');
  for (const wrong of ['10.1/../../x', '10.5072/../x', 'http://evil/', '10.5072/a b', '', undefined])
    t.equal(doiOf(wrong), undefined);
});

t.test('a state without data says so', async (t) => {
  const state = { ...citation().state, packets: 0 } as NonNullable<Citation['state']>;
  t.match(textCitation(citation(KEYWORDS, { state }), 'default'), 'no data in this interval');
  t.match(bibtex(citation(KEYWORDS, { state })), 'no data in this interval');
});

t.test('who has one creator need not number it', async (t) => {
  const facts = (source: Record<string, string>) =>
    datasetMetadata({ id: 'A', source: new Map(Object.entries(source)), folders: [], siteName: 'S' });
  t.match(facts({ creator: 'Doe, Jane' }).creators, [{ family: 'Doe' }]);
  t.match(facts({ creator_02: 'B, B', creator: 'A, A', creator_01: 'C, C' }).creators, [
    { family: 'A' },
    { family: 'C' },
    { family: 'B' },
  ]);
});
