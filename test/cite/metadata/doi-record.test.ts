/** Records of DOIs as registries send them, and as nobody should. */
import fc from 'fast-check';
import t from 'tap';
import { readDoiRecord } from '../../../lib/cite/metadata/doi-record.js';
import { DATACITE } from '../doi/doi-servers.js';

t.test('records of registries', async (t) => {
  t.match(readDoiRecord(JSON.stringify(DATACITE)), {
    creators: [
      {
        name: 'Doe, Jane',
        family: 'Doe',
        given: 'Jane',
        isOrganization: false,
        orcid: '0000-0002-1825-0097',
        affiliation: 'University of Example',
      },
      { name: 'FGM Team', isOrganization: true },
    ],
    publisher: { name: 'Example Archive', ror: 'https://ror.org/012345678' },
    year: '2016',
    title: 'Fields of Jupiter',
    version: '5',
    license: { id: 'cc0-1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  });
  t.equal(readDoiRecord(JSON.stringify(DATACITE))?.creators.length, 2);
  const csl = {
    title: ['Fields'],
    author: [{ family: 'Roe', given: 'R.' }, { literal: 'A Team' }, 7],
    issued: { 'date-parts': [[2020, 5]] },
    publisher: 'P',
    license: [{ URL: 'javascript:alert(1)' }],
  };
  t.match(readDoiRecord(JSON.stringify(csl)), {
    title: 'Fields',
    creators: [
      { family: 'Roe', given: 'R.' },
      { name: 'A Team', isOrganization: true },
    ],
    year: '2020',
    publisher: { name: 'P' },
    license: undefined,
  });
  for (const text of ['', 'x', '[]', '{}', 'null', '{"title":{}}', '"', '{"publisher":"P"}'])
    t.equal(readDoiRecord(text), undefined, text);
  t.equal(readDoiRecord(`${'{"title":"x","a":'.padEnd(20)}${'['.repeat(100_000)}`), undefined, 'nested deeply');
  t.ok(readDoiRecord(`{"title":"${'['.repeat(100)}"}`), 'brackets in text are none');
});

t.test('whatever is sent, reading it does not fail', async () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const record = readDoiRecord(text);
      return record === undefined || Array.isArray(record.creators);
    }),
  );
  const odd = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.array(
      fc.dictionary(fc.constantFrom('name', 'title', 'family', 'date-parts', 'nameIdentifiers'), fc.jsonValue()),
    ),
  );
  const names = [
    'creators',
    'titles',
    'title',
    'author',
    'publisher',
    'publicationYear',
    'issued',
    'rightsList',
    'license',
  ];
  fc.assert(
    fc.property(fc.record(Object.fromEntries(names.map((name) => [name, odd])), { requiredKeys: [] }), (value) => {
      const record = readDoiRecord(JSON.stringify(value));
      return record === undefined || !/[\n\r\0]/.test(record.title ?? '');
    }),
  );
});
