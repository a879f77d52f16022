/**
 * What das2_srv_check says about a site of the older Python server: what has to change, and nothing else. And that sites stay as they are
 * when ours is installed beside or over them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { BIN, layOutOldSite } from './old-site.js';

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}

const skip = existsSync(join(BIN, 'das2_srv_check')) ? {} : { skip: 'the programs are not built (scripts/build)' };

t.test('findings', skip, async (t) => {
  const site = layOutOldSite(t, { settings: ['WORK_QUEUE_BROKER = spool'] });
  const { status, output } = site.run('das2_srv_check', '--json', '--jobs', '2');
  const report = JSON.parse(output) as { findings: Finding[]; runs: { ok: boolean; source: string }[] };
  const about = (subject: string) =>
    report.findings
      .filter((one) => one.subject === subject && one.severity !== 'note')
      .map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  t.equal(status, 2, 'errors');

  const settings = about('configuration').join('\n');
  t.match(settings, /TEST_FROM lists a loopback address/, 'the exemption of the old example file');
  t.match(settings, /HANDLE_DSDF_LIST/, 'handlers of the site do not run');
  t.notMatch(
    settings,
    /D2S_CACHE_RDR|DAS1_TO_DAS2|MODULE_PATH|SITE_PATHURI|DEEP_ARCHIVE|IGNORE_REDIRECT|QDS_REDUCER/,
    'what is merely old, of the site, or done inside is no fault',
  );
  t.match(about('accounts').join('\n'), /testuser has the password of the example/);

  t.match(about('Voyager/1/PWS/Fine'), [/^error cache-level: cacheLevel_02: '2 fortnights'/]);
  t.match(about('Voyager/1/PWS/Quirks'), [/techContact/, /^error cache-level: .*not reducible/]);
  for (const id of [
    'Cassini/RPWS/Here',
    'Cassini/RPWS/Remote',
    'Juno/Ephemeris',
    'Juno/Filtered',
    'Juno/Spectra',
    'Juno/Waves/Closed',
    'Juno/Waves/Team',
    'Polar/Fce',
    'Polar/Orbit',
    'Shared/Common',
    'Voyager/1/PWS/Lowrate',
    'Voyager/1/PWS/Survey',
    'test/Hidden',
    'test/Shown',
  ]) {
    t.same(about(id), [], id);
  }
  t.ok(report.runs.length > 40, `${report.runs.length} runs of readers`);
  t.same(
    report.runs.filter((run) => !run.ok).map(({ source }) => source),
    [],
  );
});

t.test('the configuration of the old site: keys by their old names', skip, async (t) => {
  const site = layOutOldSite(t, {
    settings: [
      'WORK_QUEUE_BROKER = none',
      'SITE_NAME =',
      'SITE_IDENTITY = "By the name of the manual"',
      'RESOURCE_PATH =',
      'RESOURCE_ROOT = ../static',
      'IGNORE_REDIRECT =',
      'INGNORE_REDIRECT = 1',
    ],
  });
  const ask = (query: string): string =>
    execFileSync(join(BIN, 'das2_srvcgi_main'), {
      env: {
        GATEWAY_INTERFACE: 'CGI/1.1',
        SCRIPT_NAME: '/das/server',
        QUERY_STRING: query,
        DAS2_SERVER_CONF: site.configurationFile,
      },
      encoding: 'latin1',
    });
  t.match(ask('server=id'), /\r\n\r\nBy the name of the manual\r\n$/);
  t.match(ask('server=logo'), /Content-Type: image\/png/);
  t.match(
    ask('server=dataset&dataset=Cassini/RPWS/Remote&start_time=2004-07-01&end_time=2004-07-02'),
    /^Status: 500/,
    'the redirect is ignored, and there is no reader',
  );
});

t.test('scripts/install over an old tree keeps what is there', skip, async (t) => {
  const site = layOutOldSite(t);
  const owned = [
    'etc/das2server.conf',
    'etc/das2peers.ini',
    'etc/passwd',
    'etc/group',
    'static/das2server.css',
    'static/logo.png',
  ];
  const state = (): Record<string, string> =>
    Object.fromEntries(owned.map((name) => [name, readFileSync(join(site.root, name), 'latin1')]));
  const before = state();
  const definitions = readdirSync(site.dsdfRoot, { recursive: true }).sort();
  const root = resolve(import.meta.dirname, '../..');
  execFileSync(join(root, 'scripts/install'), ['--prefix', site.root, '--no-examples', '--dist', resolve(BIN, '..')], {
    stdio: 'pipe',
  });
  t.same(state(), before);
  t.same(readdirSync(site.dsdfRoot, { recursive: true }).sort(), definitions);
  t.equal(statSync(site.passwdFile).mode & 0o777, 0o640);
  const installed = execFileSync(join(site.root, 'bin/das2_srvcgi_main'), {
    env: { GATEWAY_INTERFACE: 'CGI/1.1', SCRIPT_NAME: '/das/server', QUERY_STRING: 'server=id' },
    encoding: 'latin1',
  });
  t.match(installed, /Plasma Wave Archive\r\n$/, 'the old configuration is found where it always was');
});
