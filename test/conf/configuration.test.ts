import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Configuration, loadConfiguration } from '../../lib/conf/configuration.js';
import { errorDetail } from '../../lib/conf/configuration-error.js';
import { SETTING_MEANINGS } from '../../lib/conf/setting-meanings.js';
import { setting, settingKeys } from '../../lib/conf/settings.js';
import { Das2Error } from '../../lib/error.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const PLACE = { file: '/site/etc/das2server.conf', prefix: '/site' };

function read(text: string): Configuration {
  return new Configuration(text, PLACE);
}

/** The detail of the configuration error that something must throw. */
function fault(t: Test, act: () => unknown): string {
  try {
    act();
  } catch (error) {
    t.ok(error instanceof Das2Error && error.code === 'configuration', 'a configuration error');
    t.notMatch((error as Error).message, '/', 'no path in the message for clients');
    return errorDetail(error);
  }
  t.fail('nothing was thrown');
  return '';
}

t.test('values', async (t) => {
  const table: [line: string, value: string | undefined][] = [
    ['X = "a&#45;b"', 'a&#45;b'],
    ['X = a #b', 'a'],
    ['X = a#b', 'a#b'],
    ['X = "a # b" # c', 'a # b'],
    ['X=\'a "b" c\'', 'a "b" c'],
    ['X = #nothing', undefined],
    ['X =', undefined],
    ['X = ""', undefined],
    ['  X\t=\t a b  ', 'a b'],
    ['X = a=b', 'a=b'],
    ['X = it\'s "so"', 'it\'s "so"'],
    ['X = a\r', 'a'],
    ['\ufeffX = a', 'a'],
    ['# X = a', undefined],
    ['X = " a "', ' a '],
    ['X = a\t# tab', 'a'],
  ];
  for (const [line, value] of table) t.equal(read(line).raw('X'), value, JSON.stringify(line));
  t.equal(read('x = a').raw('X'), undefined, 'keys are case-sensitive');
  t.equal(read('UNKNOWN_KEY = 5').raw('UNKNOWN_KEY'), '5', 'unknown keys are kept');
});

t.test('faults name file and line, outside nothing is told', async (t) => {
  const table: [text: string, line: string, reason: RegExp][] = [
    ['A = 1\n= v', 'das2server.conf:2', /no key/],
    ['A = 1\n\nnovalue', 'das2server.conf:3', /no '='/],
    ['A = "open', 'das2server.conf:1', /never closed/],
    ['A = "a" b', 'das2server.conf:1', /comment may follow/],
    ['IGNORE_REDIRECT = maybe', 'das2server.conf:1', /neither true nor false/],
    ['\nMAX_PIPELINES = 1.5', 'das2server.conf:2', /whole number/],
    ['MAX_PIPELINES = 1234567890123456', 'das2server.conf:1', /whole number/],
    ['MAX_PIPELINES = -1', 'das2server.conf:1', /whole number/],
    ['IDLE_TIMEOUT = 5 parsecs', 'das2server.conf:1', /duration/],
    ['MAX_OUTPUT_BYTES = huge', 'das2server.conf:1', /size/],
    ['PNG_MAKER_MODE = both', 'das2server.conf:1', /one of file, filter/],
    ['TEST_FROM = 10.0.0.1 example.org', 'das2server.conf:1', /example.org/],
    ['A = \0', 'das2server.conf', /not a text file/],
  ];
  for (const [text, line, reason] of table) {
    const detail = fault(t, () => read(text));
    t.match(detail, line);
    t.match(detail, reason);
  }
});

t.test('warnings', async (t) => {
  const heard: string[] = [];
  const configuration = new Configuration(
    'SITE_NAME = a\nSITE_NAME = b\nSERVER_ID =\nHANDLE_DSDF = mod\nTASK_CACHE = mod\nSITE_IDENTITY = c\nDSID_ROOT = x\n',
    { ...PLACE, warn: (line) => heard.push(line) },
  );
  t.same(heard, configuration.warnings);
  t.equal(configuration.text('SITE_NAME'), 'b', 'the last line wins');
  t.match(heard.join('\n'), /:2: SITE_NAME was already set in line 1/);
  t.match(heard.join('\n'), /:3: SERVER_ID has no value/);
  t.match(heard.join('\n'), /:4: HANDLE_DSDF has no effect/);
  t.match(heard.join('\n'), /:5: TASK_CACHE has no effect/);
  t.match(heard.join('\n'), /:6: SITE_IDENTITY is another name of SITE_NAME/);
  t.equal(heard.length, 5);
});

t.test('getters and defaults', async (t) => {
  const none = read('');
  t.equal(none.text('SITE_NAME'), undefined);
  t.equal(none.text('D2S_REDUCER'), 'das2_bin_avgsec');
  t.equal(none.text('QDS_REDUCER'), undefined);
  t.equal(none.flag('IGNORE_REDIRECT'), false);
  t.equal(none.flag('ACCESS_LOG'), true);
  t.equal(none.integer('MAX_PIPELINES'), undefined);
  t.equal(none.integer('CACHE_MAX_BLOCKS'), 2000);
  t.equal(none.seconds('CACHE_HOLDOFF'), 172800);
  t.equal(none.seconds('FIRST_BYTE_TIMEOUT'), 300);
  t.equal(none.bytes('MAX_OUTPUT_BYTES'), undefined);
  t.equal(none.bytes('EXPORT_MIN_FREE'), 5 * 1024 ** 3);
  t.equal(none.path('RESOURCE_PATH'), '/site/static');
  t.equal(none.path('STATE_ROOT'), '/site/state');
  t.equal(none.path('WORK_QUEUE_DIR'), '/site/state/queue');
  t.equal(none.path('BROWSE_GROUPS'), '/site/etc/browse-groups.ini');
  t.same(none.paths('BIN_PATH'), []);
  t.equal(none.addresses('VIEW_LOG_ALLOW').contains('127.0.0.1'), true);
  t.equal(none.addresses('TEST_FROM').contains('127.0.0.1'), false);
  fault(t, () => none.requiredPath('DSDF_ROOT'));

  const some = read(
    [
      'RESOURCE_ROOT = /r',
      'SITE_IDENTITY = My Site',
      'SITE_PATHURI = tag:x',
      'INGNORE_REDIRECT = Yes',
      'STATE_ROOT = /var/das2',
      'DSDF_ROOT = ../datasets',
      'BIN_PATH = /a: /b :relative:',
      'PASS_ENV =  A  B ',
      'MAX_OUTPUT_BYTES = none',
      'IDLE_TIMEOUT = 90',
      'HAPI_MAX_SPAN = 2d',
      'EXPORT_MAX_BYTES = 1.5 GB',
      'ACCESS_LOG = OFF',
      'WORK_QUEUE_CONN = redis://:secret@h/0',
      'MY_PASSWORD = secret',
    ].join('\n'),
  );
  t.equal(some.path('RESOURCE_PATH'), '/r');
  t.equal(some.text('SITE_NAME'), 'My Site');
  t.equal(some.text('SITE_PATH_URI'), 'tag:x');
  t.equal(some.flag('IGNORE_REDIRECT'), true);
  t.equal(some.path('WORK_QUEUE_DIR'), '/var/das2/queue');
  t.equal(some.requiredPath('DSDF_ROOT'), '/site/datasets');
  t.same(some.paths('BIN_PATH'), ['/a', '/b', '/site/etc/relative']);
  t.same(some.words('PASS_ENV'), ['A', 'B']);
  t.equal(some.bytes('MAX_OUTPUT_BYTES'), undefined);
  t.equal(some.seconds('IDLE_TIMEOUT'), 90);
  t.equal(some.seconds('HAPI_MAX_SPAN'), 172800);
  t.equal(some.bytes('EXPORT_MAX_BYTES'), 1.5e9);
  t.equal(some.flag('ACCESS_LOG'), false);
  t.notMatch(JSON.stringify(some.shownEntries()), 'secret');
  t.equal(some.has('STATE_ROOT'), true);
  t.equal(none.has('STATE_ROOT'), false);
  t.not(some.fingerprint(), none.fingerprint());
  t.equal(read('A = 1').fingerprint(), read('\nA = 1 # x').fingerprint(), 'comments do not change the fingerprint');
});

t.test('every row of the table can be read by its getter', async (t) => {
  const configuration = read('');
  for (const key of settingKeys()) {
    const row = setting(key);
    t.ok(SETTING_MEANINGS[key]?.meaning.endsWith('.'), `${key} has a meaning in lib/conf/setting-meanings.ts`);
    if (row.default !== undefined) new Configuration(`${key} = ${row.default}`, PLACE);
    if (row.kind === 'choice' && row.default !== undefined) t.ok(row.values?.includes(row.default), key);
  }
  t.ok(configuration);
});

t.test('a file of old: ISO-8859-1, with a warning', async (t) => {
  const folder = temporaryFolder(t);
  const file = folder.write('das2server.conf', Buffer.from('SITE_NAME = Universit\u00e4t\n', 'latin1'));
  const configuration = loadConfiguration({ file, environment: {} });
  t.equal(configuration.text('SITE_NAME'), 'Universit\u00e4t');
  t.strictSame(configuration.warnings, [`${file}: not UTF-8; read as ISO-8859-1`]);
});

t.test('where the file is', async (t) => {
  const folder = temporaryFolder(t);
  const installed = folder.write('site/etc/das2server.conf', 'SITE_NAME = installed');
  const named = folder.write('other/my.conf', 'SITE_NAME = named');
  const given = folder.write('third/etc/das2server.conf', 'SITE_NAME = given');
  const executable = folder.write('site/bin/das2srv', '');
  mkdirSync(join(folder.path, 'links'));
  symlinkSync(executable, join(folder.path, 'links', 'das2_srvcgi_main'));

  const byPlace = loadConfiguration({ environment: {}, executable: join(folder.path, 'links', 'das2_srvcgi_main') });
  t.equal(byPlace.text('SITE_NAME'), 'installed', 'beside the executable, links resolved');
  t.equal(byPlace.file, installed);
  t.equal(byPlace.prefix, join(folder.path, 'site'));
  const environment = { DAS2_SERVER_CONF: named };
  const byEnvironment = loadConfiguration({ environment, executable });
  t.equal(byEnvironment.text('SITE_NAME'), 'named');
  t.equal(
    byEnvironment.prefix,
    join(folder.path, 'site'),
    'a file outside of an etc folder says nothing about the tree',
  );
  const byOption = loadConfiguration({ file: given, environment, executable });
  t.equal(byOption.text('SITE_NAME'), 'given');
  t.equal(byOption.prefix, join(folder.path, 'third'), 'a file in an etc folder belongs to the tree around it');

  const missing = join(folder.path, 'new', 'etc', 'das2server.conf');
  t.match(
    fault(t, () => loadConfiguration({ file: missing })),
    /is missing; say where it is with --config or DAS2_SERVER_CONF$/,
  );
  folder.write('new/etc/das2server.conf.example', '');
  t.match(
    fault(t, () => loadConfiguration({ file: missing })),
    /copy .*das2server\.conf\.example/,
  );
  t.match(
    fault(t, () => loadConfiguration({ file: folder.path })),
    /cannot be read \(EISDIR\)/,
  );
  t.notOk(existsSync(missing));
});

t.test('random text gives a configuration or a configuration error', async (t) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('A = "', "X = 'a' #", '=', ' = ', 'B', 'IGNORE_REDIRECT = ', '\ufeff', '#', 'A="a"b'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        read(lines.join('\n'));
      } catch (error) {
        return error instanceof Das2Error && error.code === 'configuration';
      }
      return true;
    }),
  );
  t.pass();
});
