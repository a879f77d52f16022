import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { descriptionAttributes } from '../../lib/source/definition/description.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import {
  cacheLevelsOf,
  exampleRangesOf,
  makeSource,
  readerOf,
  realmOf,
  type Source,
  validRangeOf,
} from '../../lib/source/source.js';

function configured(text: string): Configuration {
  return new Configuration(text, { file: '/s/etc/das2server.conf', prefix: '/s' });
}

function source(text: string, configuration = '', request?: Record<string, string>): Source {
  return makeSource(parseDsdf(text), {
    id: 'A/B',
    file: '/d/A/B.dsdf',
    configuration: configured(configuration),
    request: request && new Map(Object.entries(request)),
  });
}

t.test('kind of stream, reader, up-converter', async (t) => {
  const das2 = source('reader = r\ndas2Stream = 1');
  t.same([das2.kind, das2.reader?.text, das2.readerArguments], ['das2', 'r', []]);
  const das1 = source('reader = r\ndas2Stream = 0');
  t.same([das1.kind, das1.reader?.text, das1.readerArguments], ['das1', 'das2_from_das1', ['/d/A/B.dsdf']]);
  t.equal(source('reader = r', 'DAS1_TO_DAS2 = up -x').reader?.text, 'up -x');
  t.equal(source('reader = r\nqstream = true').kind, 'qstream');
  t.equal(source('reader = r\nqstream = Yes\ndas2Stream = on').kind, 'qstream');
  t.throws(() => readerOf(source('das2Stream = 1')), { code: 'sourceDefinition' });
  t.throws(() => readerOf(source('description = x')), { code: 'sourceDefinition' });
  t.throws(() => readerOf(source("reader = ''\ndas2Stream = 1")), { code: 'sourceDefinition' });
});

t.test('interval', async (t) => {
  const table: [string, boolean][] = [
    ['das2Stream = 1', false],
    ['das2Stream = 1\nrequiresInterval = 1', true],
    ['das2Stream = 1\nrequiresInterval = 0', false],
    ['das2Stream = 1\nitems = 2\nform = x_multi_y', false],
    ['items = 2\nform = x_multi_y', true],
    ['form = x_multi_y', false],
    ['items = 2\nform = x_tagged_y_scan', false],
    ['items = 2\nform = x_multi_y\nrequiresInterval = 0', false],
  ];
  for (const [text, expected] of table) t.equal(source(text).requiresInterval, expected, text);
});

t.test('reducer and cache reader', async (t) => {
  const reducer = (text: string, configuration = ''): string => {
    const found = source(text, configuration).reducer;
    return found.kind === 'command' ? found.command.text : found.kind;
  };
  t.equal(reducer('das2Stream = 1'), 'das2_bin_avgsec');
  t.equal(reducer('das2Stream = 1', 'D2S_REDUCER = red'), 'red');
  t.equal(reducer('form = x'), 'das2_bin_avgsec', 'das1');
  t.equal(reducer('qstream = 1', 'D2S_REDUCER = red'), 'none');
  t.equal(reducer('qstream = 1', 'QDS_REDUCER = qred'), 'qred');
  t.equal(reducer('das2Stream = 1\nreducer = own -x', 'D2S_REDUCER = red'), 'own -x');
  for (const word of ['not_reducible', 'not_reducable', 'pre_reduced']) {
    t.equal(reducer(`das2Stream = 1\nreducer = '${word}'`), 'notReducible', word);
  }
  t.equal(reducer('das2Stream = 1\nreducer = Not_Reducible'), 'Not_Reducible', 'exact, lower case');
  t.equal(reducer('das2Stream = 1\nrequiresInterval = 1\nreducer = own'), 'notReducible');
  t.equal(source('das2Stream = 1').cacheReader?.text, 'das2_cache_rdr');
  t.equal(source('qstream = 1').cacheReader, undefined);
  t.equal(source('qstream = 1', 'QDS_CACHE_RDR = q').cacheReader?.text, 'q');
  t.equal(source('qstream = 1\ncacheReader = own').cacheReader?.text, 'own');
});

t.test('access and realm', async (t) => {
  t.equal(source('a = 1').readAccess, undefined);
  t.equal(source('readAccess =').readAccess, undefined);
  t.equal(source('groupAccess = g').readAccess, 'GROUP:g');
  t.equal(source("readAccess = 'USER:u'\ngroupAccess = g").readAccess, 'USER:u');
  t.equal(realmOf(source('a = 1'), '/das/server'), '/das/server/A/B');
  t.equal(realmOf(source('a = 1', 'SECURITY_REALM = Site'), '/das/server'), 'Site');
  t.equal(realmOf(source('securityRealm = Own', 'SECURITY_REALM = Site'), '/das/server'), 'Own');
});

t.test('redirects and flags', async (t) => {
  t.same(source('a = 1').redirect, {});
  t.same(source("server = 'far | http://far/das/server'\nrename = ' New/One '").redirect, {
    server: 'http://far/das/server',
    rename: 'New/One',
  });
  for (const [value, hidden] of [
    ['1', true],
    ['0', false],
    ['no', false],
    ['FALSE', false],
    ['', true],
    ['x', true],
  ] as const) {
    t.equal(source(`hidden = ${value}`).hidden, hidden, `hidden = ${value}`);
  }
  t.equal(source('dropParams = TRUE').dropParams, true);
  t.equal(source('dropParams = 2').dropParams, false);
  t.equal(source('paramOrder = Any').paramOrderAny, true);
  t.equal(source('paramCharset = UTF-8').paramCharsetUtf8, true);
  t.equal(source('').outputByName, false);
  t.equal(source('outputByName = 1').outputByName, true);
});

t.test('macros reach the commands', async (t) => {
  const made = source(
    `reader = 'rdr $(PARAMS,all)'\ndas2Stream = 1\ndropParams = 1\nsummary = 'for $(PARAMS,none)'`,
    '',
    {
      params: 'q',
    },
  );
  t.same(made.reader, { text: `rdr \${DAS2_ARG_1}`, environment: { DAS2_ARG_1: 'q' } });
  t.equal(made.entries.get('summary'), 'for q');
  t.throws(() => source('das2Stream = 1\nreader = r\nsummary = $(NOPE)'), { code: 'sourceDefinition' });
  t.throws(() => source('das2Stream = 1\nreader = $(NOPE)'), { code: 'sourceDefinition' });
});

t.test('ranges, examples, levels', async (t) => {
  const heard: string[] = [];
  const made = source(
    `das2Stream = 1\nvalidRange = 'x'\nexampleRange_00 = '2017-01-01 to 2017-01-02'\ncacheLevel_00 = '1 s | daily'`,
  );
  t.equal(
    validRangeOf(made, 0, (line) => heard.push(line)),
    undefined,
  );
  t.match(heard[0], /^A\/B: validRange/);
  t.equal(exampleRangesOf(made).length, 1);
  t.equal(cacheLevelsOf(made).levels.length, 1);
  t.equal(
    cacheLevelsOf(source(`qstream = 1\ncacheLevel_00 = '1 s | daily'`)).errors.length,
    1,
    'nothing could make the bins',
  );
  t.equal(validRangeOf(source('a = 1'), 0), undefined);
});

t.test('description for clients', async (t) => {
  const attributes = (text: string, request?: Record<string, string>): [string, string][] =>
    Array.from(
      descriptionAttributes(parseDsdf(text), {
        id: 'X',
        file: '/d/X.dsdf',
        configuration: configured('SERVER_ID = tst'),
        request: request && new Map(Object.entries(request)),
      }),
    );
  t.same(
    attributes(
      `description = 'Random walk (test)'\nreader = 'stub_rdr fixed'\nreducer = 'not_reducible'\ndas2Stream = True\n` +
        `techContact = 'A Person <a@x.org>'\ndescription = 'Second'`,
    ),
    [
      ['description', 'Second'],
      ['das2Stream', '1'],
      ['techContact', 'A Person <a@x.org>'],
    ],
  );
  const hidden = [
    'reader',
    'readerCmd',
    'readerTrans_00',
    'readerVersion',
    'reducer',
    'reducerCmd',
    'compressor',
    'compressorX',
    'readAccess',
    'groupAccess',
    'hapi',
    'hapi_timeStampLocation',
    'subSource_00',
    'exampleQuery_00',
    'paramValInfo_00',
    'cacheReader',
    'coverageReducer',
    'substitutions',
    'hidden',
    'dropParams',
    'recordPath',
    'recordInventory',
    'spaseFile',
  ];
  t.same(attributes(`das2Stream = 1\n${hidden.map((key) => `${key} = x\n`).join('')}server = s\nsecurityRealm = r`), [
    ['das2Stream', '1'],
    ['server', 's'],
    ['securityRealm', 'r'],
  ]);
  t.same(attributes('qstream = yes\nrequiresInterval = 2\ndas2Stream = 0'), [
    ['qstream', '1'],
    ['requiresInterval', '0'],
    ['das2Stream', '0'],
  ]);
  t.same(
    attributes('label(0) = a\nlabel(01) = b\nform = x_multi_y\nitems = 2\na.b-c = 1\n1x = 2\nx:y = 3\nother(1) = 4'),
    [
      ['label', 'a'],
      ['plane_1.label', 'b'],
      ['form', 'x_multi_y'],
      ['items', '2'],
      ['a.b-c', '1'],
      ['das2Stream', '1'],
      ['requiresInterval', '1'],
    ],
  );
  t.same(
    attributes('das2Stream = 0\nlabel = old\nlabel(0) = a'),
    [
      ['das2Stream', '1'],
      ['label', 'a'],
    ],
    'no attribute twice',
  );
  t.same(attributes(`das2Stream = 1\nsummary = 'a\tb\u0007c\uffff (d)'`)[1], ['summary', 'a bc (d)']);
  t.same(attributes('das2Stream = 1\nreader = rdr $(PARAMS)\nsummary = on $(SERVER_ID)')[1], ['summary', 'on tst']);
  t.throws(() => attributes('das2Stream = 1\nsummary = $(NOPE)'), { code: 'sourceDefinition' });
});
