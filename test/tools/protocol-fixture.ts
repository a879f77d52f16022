/**
 * The site that the conformance cases of server-protocol 12.2 are written for: the DSDF tree, stub programs, configuration,
 * accounts, peers and static files of 12.1, laid out in a fresh temporary folder.
 *
 *   const site = layOutProtocolFixture({ settings: { IGNORE_REDIRECT: 'true' }, sources: { 'Examples/Bad': 'no equals' } });
 *   ... start a program with DAS2_SERVER_CONF=site.configurationFile ...
 *   site.remove();
 *
 * Account `u` with password `p` is the only member of group `g`. All folders can be read by any account, so that a web
 * server may run as another user; `state`, `log` are the only ones it has to write (see `settings`).
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ProtocolFixtureOptions {
  /** Settings added to or put in place of those of the fixture; `undefined` leaves one out. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** Further definitions: id (without `.dsdf`) to file content. */
  readonly sources?: Readonly<Record<string, string>>;
}

export interface ProtocolFixture {
  /** Top of the tree; has etc, bin, static, datasets, log and state below. */
  readonly root: string;
  readonly configurationFile: string;
  readonly dsdfRoot: string;
  readonly binPath: string;
  readonly resourcePath: string;
  readonly logPath: string;
  readonly stateRoot: string;
  readonly passwdFile: string;
  readonly groupFile: string;
  /** Writes or replaces a definition. */
  writeSource(id: string, content: string): void;
  /** Writes or replaces a stub program (a shell script without its first line). */
  writeProgram(name: string, script: string): void;
  remove(): void;
}

/** The own URL of the site: `SERVER_URL` of its configuration. */
export const FIXTURE_URL = 'http://das.example.org/das/server';

/** The stream header packet that the stub readers begin with. */
export const STUB_HEADER = '[00]000025<stream version="2.2" />\n';

/** The packet by which a stub program tells its arguments. */
export function stubComment(source: 'rdr' | 'red' | 'txt', ...args: string[]): string {
  const body = `<comment type="log:info" source="${source}" value="${args.join('|')}" />\n`;
  return `[xx]${String(Buffer.byteLength(body)).padStart(6, '0')}${body}`;
}

/** A PNG of one transparent pixel. */
export const LOGO_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

export const STYLE_SHEET = 'body { font-family: sans-serif; }\n';

const SOURCES: Readonly<Record<string, string>> = {
  'Examples/_dirinfo_': `description = 'Example data sources'\n`,
  'Examples/Broken': `description = 'Always fails'\nreader = stub_fail\ndas2Stream = 1\n`,
  'Examples/Far': `description = 'Far away'\nserver = 'http://far.example.org/das/server'\ndas2Stream = 1\n`,
  'Examples/Half': `description = 'Fails late'\nreader = stub_late\ndas2Stream = 1\n`,
  'Examples/Hid': `description = 'x'\nhidden = 1\nreader = stub_rdr\ndas2Stream = 1\n`,
  'Examples/Old': `rename = 'Examples/Random'\ndas2Stream = 1\n`,
  'Examples/Orbit':
    `description = 'Orbit'\nreader = stub_rdr\ndas2Stream = 1\nrequiresInterval = 1\n` +
    `exampleRange_00 = '2017-01-01 to 2017-01-02'\nexampleInterval_00 = 60\n`,
  'Examples/Qs': `description = 'Q stream'\nqstream = true\nreader = stub_fail\n`,
  'Examples/Quiet': `description = 'No output'\nreader = stub_none\ndas2Stream = 1\n`,
  'Examples/Random':
    `description = 'Random walk (test)'\nreader = 'stub_rdr fixed'\nreducer = 'not_reducible'\ndas2Stream = 1\n` +
    `techContact = 'A Person <a@x.org>'\nexampleRange_00 = '2017-01-01 to 2017-03-01 UTC | Demo'\n`,
  'Examples/Range': `description = 'Ranged'\nreader = stub_rdr\nvalidRange = '2017-01-01 to 2018-01-01'\ndas2Stream = 1\n`,
  'Examples/Secret': `description = 'Secret'\nreader = stub_rdr\nreadAccess = 'GROUP:g'\nsecurityRealm = 'My Realm'\ndas2Stream = 1\n`,
  'Examples/Unicode':
    `description = 'A & B "µ"'\nreader = stub_rdr\ndas2Stream = true\n` +
    `measurementType = 'phys.flux;em.radio' ; note\nsummary = 'one ' + $ ; more\n'two'\n`,
  'Plain/NoDesc': `reader = stub_rdr\ndas2Stream = 1\n`,
  'Void/_dirinfo_': `description = 'nothing here'\n`,
};

/** Shell functions of the stub programs: the header packet, and a comment packet that tells the arguments. */
const STUB_LIBRARY = `
LC_ALL=C
export LC_ALL
header() { printf '[00]000025<stream version="2.2" />\\n'; }
say() {
  source=$1
  shift
  value=
  for word in "$@"; do value="$value|$word"; done
  value=$(printf '%s' "\${value#|}" | sed -e 's/&/\\&amp;/g' -e 's/</\\&lt;/g' -e 's/>/\\&gt;/g' -e 's/"/\\&quot;/g')
  body="<comment type=\\"log:info\\" source=\\"$source\\" value=\\"$value\\" />"
  printf '[xx]%06d%s\\n' $((\${#body} + 1)) "$body"
}
pass() {
  first=$(dd bs=1 count=1 2>/dev/null; printf x)
  [ "$first" = x ] && exit 0
  printf '%s' "\${first%x}"
  cat
}
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  stub_rdr: `${STUB_LIBRARY}header\nsay rdr "$@"\n`,
  stub_red: `${STUB_LIBRARY}pass\nsay red "$@"\n`,
  stub_txt: `${STUB_LIBRARY}pass\nsay txt "$@"\n`,
  stub_none: 'exit 0\n',
  stub_fail: `echo 'no such file' >&2\nexit 7\n`,
  stub_late: `${STUB_LIBRARY}header\nexit 3\n`,
  stub_half: `${STUB_LIBRARY}header\nprintf '[xx]0'\nexit 3\n`,
};

/** The lines of `server=list`. */
export const LISTED: readonly string[] = [
  'Examples/|Example data sources',
  'Examples/Broken|Always fails',
  'Examples/Far|Far away',
  'Examples/Half|Fails late',
  'Examples/Orbit|Orbit',
  'Examples/Qs|Q stream',
  'Examples/Quiet|No output',
  'Examples/Random|Random walk (test)',
  'Examples/Range|Ranged',
  'Examples/Secret|Secret',
  'Examples/Unicode|A & B "µ"',
  'Plain/',
  'Plain/NoDesc',
];

/** Lays out the site. Call `remove` when done with it. */
export function layOutProtocolFixture(options: ProtocolFixtureOptions = {}): ProtocolFixture {
  const root = mkdtempSync(join(tmpdir(), 'das2-site-'));
  chmodSync(root, 0o755);
  const at = (...parts: string[]): string => join(root, ...parts);
  for (const folder of ['etc', 'bin', 'static', 'datasets', 'log', 'state']) mkdirSync(at(folder), { mode: 0o755 });

  const fixture: ProtocolFixture = {
    root,
    configurationFile: at('etc', 'das2server.conf'),
    dsdfRoot: at('datasets'),
    binPath: at('bin'),
    resourcePath: at('static'),
    logPath: at('log'),
    stateRoot: at('state'),
    passwdFile: at('etc', 'passwd'),
    groupFile: at('etc', 'group'),
    writeSource: (id, content) => write(at('datasets', `${id}.dsdf`), content),
    writeProgram: (name, script) => write(at('bin', name), `#!/bin/sh\n${script}`, 0o755),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };

  for (const [id, content] of Object.entries({ ...SOURCES, ...options.sources })) fixture.writeSource(id, content);
  for (const [name, script] of Object.entries(PROGRAMS)) fixture.writeProgram(name, script);
  write(at('static', 'logo.png'), LOGO_PNG);
  write(at('static', 'das2server.css'), STYLE_SHEET);
  write(
    fixture.passwdFile,
    'u:$6$rounds=1000$das2fixture$Lj1/nPzpBcN9VWRHoZPlPwCysk/pflQzARqAP3eMrLtrwVG29jCHGktZ1vaVXEIv7jdRf.kZ/JL6zLbMzyjie1\n',
  );
  write(fixture.groupFile, 'g:::u\n');
  write(
    at('etc', 'das2peers.ini'),
    '[b]\nurl = http://b.example.org/das/server\n\n[a]\nurl = http://a.example.org/das/server\n' +
      'description = Plasma & waves,\n  second line\n',
  );

  const settings: Record<string, string | undefined> = {
    SITE_NAME: '"Test Site"',
    SERVER_ID: 'tst',
    SERVER_URL: FIXTURE_URL,
    D2S_REDUCER: `'stub_red'`,
    D2S_TO_UTF8: `'stub_txt'`,
    DSDF_ROOT: fixture.dsdfRoot,
    RESOURCE_PATH: fixture.resourcePath,
    BIN_PATH: fixture.binPath,
    LOG_PATH: fixture.logPath,
    STATE_ROOT: fixture.stateRoot,
    PEERS_FILE: at('etc', 'das2peers.ini'),
    USER_PASSWD: fixture.passwdFile,
    USER_GROUP: fixture.groupFile,
    ENABLE_HAPI_SUBSYS: 'false',
    VIEW_LOG_ALLOW: '192.0.2.1',
    WORK_QUEUE_BROKER: 'none',
    ...options.settings,
  };
  const lines = Object.entries(settings).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} = ${value}\n`],
  );
  write(fixture.configurationFile, lines.join(''));
  return fixture;
}

function write(file: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content);
  chmodSync(file, mode);
}
