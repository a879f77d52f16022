/**
 * A site of the older Python server behind our programs, by links as its manual makes them: every definition is listed, described and
 * served, readers get the arguments they always got, and answers differ only where they should (docs/admin/moving-from-python.md).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { streamViolations } from '../conformance/check.js';
import { type CgiProgram, type CgiResponse, sendCgi } from '../tools/cgi-driver.js';
import { header, type RequestSpec } from '../tools/protocol-driver.js';
import { readStream } from '../tools/read-stream.js';
import { BIN, layOutOldSite, type OldSite } from './old-site.js';

/** The two links of an older CGI folder: `server` and `log`. */
function oldLinks(site: OldSite): { server: CgiProgram; log: CgiProgram } {
  const folder = join(site.root, 'cgi-das');
  mkdirSync(folder);
  const link = (name: string, program: string): CgiProgram => {
    symlinkSync(join(BIN, program), join(folder, name));
    return { command: [join(folder, name)], remove: () => {} };
  };
  return { server: link('server', 'das2_srvcgi_main'), log: link('log', 'das2_srvcgi_logrdr') };
}

interface Front {
  readonly site: OldSite;
  readonly programs: { server: CgiProgram; log: CgiProgram };
  ask(query: string, more?: RequestSpec): Promise<CgiResponse>;
}

function front(t: Test, settings: readonly string[] = []): Front {
  const site = layOutOldSite(t, { settings: ['WORK_QUEUE_BROKER = none', ...settings] });
  const programs = oldLinks(site);
  return { site, programs, ask: (query, more = {}) => sendCgi(programs.server, site, { ...more, query }) };
}

const data = (id: string, begin: string, end: string, more = ''): string =>
  `server=dataset&dataset=${id}&start_time=${begin}&end_time=${end}${more}`;
const DAY = ['2017-01-01', '2017-01-02'] as const;

/** `seconds since 2000 value` of each record of a stream of ASCII numbers. */
function records(response: CgiResponse): string[] {
  return readStream(response.body).flatMap((packet) => {
    if (packet.kind !== 'data') return [];
    const [time, ...values] = Buffer.from(packet.bytes).toString('latin1').trim().split(/\s+/).map(Number);
    return [[Math.round((time ?? 0) / 1e6), ...values].join(' ')];
  });
}

function attributes(response: CgiResponse): Record<string, string> {
  return Object.fromEntries(
    [...response.body.toString().matchAll(/ ([\w.]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
}

if (!existsSync(join(BIN, 'das2_srvcgi_main'))) {
  t.pass('skipped', { skip: 'the programs are not built (scripts/build)' });
} else {
  /** A reader that opens its output by name, in a definition. */
  const BY_NAME = `'sh -c ''echo started > /dev/stderr && exec echo_rdr "$@" > /dev/stdout'' x'`;

  t.test('lists and descriptions', async (t) => {
    const { site, ask } = front(t);
    const list = await ask('server=list');
    t.equal(list.status, 200);
    t.same(list.body.toString().split('\r\n'), [
      'Cassini/',
      'Cassini/RPWS/',
      'Cassini/RPWS/Here|Served by this machine, and it says so',
      'Cassini/RPWS/Remote|Served by another machine',
      'Juno/|Juno at Jupiter; waves and orbits',
      'Juno/Archive|Reads from a folder that the configuration names',
      'Juno/Ephemeris|Where Juno is',
      'Juno/Filtered|A pipe of programs, and a reducer of its own',
      'Juno/Housekeeping|Its parameters stand where the definition wants them',
      'Juno/Spectra|A QStream',
      'Juno/Waves/',
      'Juno/Waves/Closed|Closed, with the key of older servers',
      'Juno/Waves/Team|For the team, after a year for all',
      'Polar/',
      'Polar/Fce|Gyro frequency (das1)',
      'Polar/Orbit|Orbit (das1, with an interval)',
      'Shared/',
      'Shared/Common|Shared by a link',
      'Voyager/|Voyager mission (1977 - )',
      'Voyager/1/',
      'Voyager/1/PWS/',
      'Voyager/1/PWS/Fine|Levels that never worked',
      'Voyager/1/PWS/Quirks|Earth\'s bow shock, a=b & "more" (old)',
      'Voyager/1/PWS/Survey|Electric field (survey)',
      'test/|Only for us',
      'test/Shown|Hidden once',
      '',
    ]);
    t.equal((await ask('server=id')).body.toString(), 'Plasma Wave Archive\r\n');
    t.same((await ask('server=logo')).body, readFileSync(join(site.resourcePath, 'logo.png')));
    const peers = (await ask('server=peers')).body.toString();
    t.match(peers, '<name>Archive</name>');
    t.match(peers, '<description>Old missions &amp; their notes</description>');
    t.match(peers, /<description>Radio observations of Jupiter\.\s+Run by the observatory<\/description>/);
    t.ok(peers.indexOf('Archive') < peers.indexOf('zeus'));

    const ids = readdirSync(site.dsdfRoot, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.dsdf') && !name.endsWith('_dirinfo_.dsdf'))
      .map((name) => name.slice(0, -'.dsdf'.length));
    t.ok(ids.length >= 18, `${ids.length} definitions`);
    for (const id of [...ids, 'Shared/Common']) {
      const answer = await ask(`server=dsdf&dataset=${id}`);
      if (id === 'Voyager/1/PWS/Lowrate') {
        t.equal(answer.status, 301);
        t.match(header(answer, 'Location'), /server\?server=dsdf&dataset=Voyager\/1\/PWS\/Survey$/);
        continue;
      }
      t.equal(answer.status, 200, id);
      t.match(answer.body.toString(), /^\[00\]\d{6}<stream>\r\n {2}<properties description="/, id);
      t.equal(Number(answer.body.subarray(4, 10).toString()), answer.body.length - 10, 'bytes are counted');
      t.notMatch(answer.body.toString(), new RegExp(site.root), 'no path');
      t.notMatch(answer.body.toString(), /(reader|reducer|readAccess|groupAccess|hidden|dropParams)="/, id);
    }

    const survey = attributes(await ask('server=dsdf&dataset=Voyager/1/PWS/Survey'));
    t.match(survey, {
      description: 'Electric field (survey)',
      summary: 'Values of the survey channel, one each 10 s. The second line of this text, and the third.',
      exampleParams_01: 'high KEEP-SPIKES',
      cacheLevel_11: '600 second | daily | high KEEP-SPIKES',
      item_00: 'field | Electric field | V/m',
    });
    t.match(attributes(await ask('server=dsdf&dataset=Voyager/1/PWS/Quirks')), {
      das2Stream: '1',
      measurementType: 'phys.efield;em.radio',
      techContact: 'Second &lt;second@example.org&gt;',
    });
    t.match(attributes(await ask('server=dsdf&dataset=Polar/Orbit')), {
      das2Stream: '1',
      requiresInterval: '1',
      label: 'X',
      'plane_1.label': 'Y',
    });
    t.match(attributes(await ask('server=dsdf&dataset=Juno/Spectra')), { qstream: '1' });
  });

  t.test('every source gives data for each of its examples', async (t) => {
    const { ask } = front(t);
    const list = (await ask('server=list')).body.toString().split('\r\n');
    const ids = list.flatMap((line) => (line.includes('|') && !line.includes('/|') ? [line.split('|')[0] ?? ''] : []));
    let asked = 0;
    for (const id of [...ids, 'test/Hidden']) {
      if (/Closed|Team|Remote/.test(id)) continue;
      const facts = attributes(await ask(`server=dsdf&dataset=${id}`));
      for (const [key, value] of Object.entries(facts)) {
        const number = /^exampleRange(_\d+)?$/.exec(key)?.[1] ?? '';
        const [, begin = '', end = ''] = /^(\S+) to (\S+)/.exec(value) ?? [];
        if (!key.startsWith('exampleRange')) continue;
        const params = facts[`exampleParams${number}`];
        const interval = facts[`exampleInterval${number}`];
        const more = `${params ? `&params=${encodeURIComponent(params)}` : ''}${interval ? `&interval=${interval}` : ''}`;
        for (const form of ['', '&ascii=1', '&resolution=600']) {
          const answer = await ask(
            data(id, begin, end, `${more}${interval && form === '&resolution=600' ? '' : form}`),
          );
          t.equal(answer.status, 200, `${id} ${begin}${form}`);
          t.notMatch(answer.body.toString('latin1'), '<exception', id);
          t.match(header(answer, 'Content-Type'), /^(application|text)\/vnd\.das2\.(das2|q)stream/);
          t.same(streamViolations(answer), [], `${id} ${begin}${form}`);
          asked++;
        }
      }
    }
    t.ok(asked > 40, `${asked} requests`);
  });

  t.test('readers get what they always got', async (t) => {
    const { site, ask } = front(t);
    const echo = async (query: string): Promise<string> =>
      /value="([^"]*)"/.exec((await ask(query)).body.toString())?.[1] ?? '';
    await ask(data('Voyager/1/PWS/Survey', '1979-03-05T12:00', '1979-03-05T13:00', '&params=high%20KEEP-SPIKES'));
    t.equal(site.calls().at(-1), '1979-03-05T12:00 1979-03-05T13:00 high KEEP-SPIKES');
    t.same(
      records(await ask(data('Juno/Ephemeris', ...DAY, '&interval=43200'))).map((line) => line.split(' ')[0]),
      ['536544000', '536587200'],
      'INTERVAL BEGIN END',
    );
    t.match(
      await echo(data('Juno/Housekeeping', ...DAY)),
      /^everything 2017-01-01 2017-01-02;/,
      'a macro, and its default',
    );
    t.match(await echo(data('Juno/Housekeeping', ...DAY, '&params=a%20b')), /^a b 2017-01-01 2017-01-02;/);
    const archive = await echo(data('Juno/Archive', ...DAY));
    t.match(archive, `archive=${site.root}/archive;`, 'a key of the configuration');
    t.match(archive, `python=${site.root}/lib/python3.6;`, 'VAR=value in front of the command');
    t.match(archive, /query=$/, 'nothing of the request in the environment');
    const passed = front(t, ['PASS_ENV = PYTHONPATH', 'BIN_PATH = ../readers']);
    passed.site.writeSource('Env', 'description = x\nreader = echo_rdr\ndas2Stream = 1\n');
    const environment = await sendCgi(
      { command: ['/usr/bin/env', 'PYTHONPATH=/python', ...passed.programs.server.command], remove: () => {} },
      passed.site,
      { query: data('Env', ...DAY) },
    );
    t.match(environment.body.toString(), 'python=/python;', 'PASS_ENV hands on what the web server sets');

    const named = front(t, ['OUTPUT_BY_NAME = yes', 'BIN_PATH = ../readers']);
    for (const [id, line] of [
      ['Given', ''],
      ['Refused', 'outputByName = 0\n'],
    ] as const) {
      named.site.writeSource(id, `description = x\nreader = ${BY_NAME}\ndas2Stream = 1\n${line}`);
      const { status, body } = await named.ask(data(id, ...DAY));
      t.equal(
        status,
        id === 'Given' ? 200 : 500,
        'programs that open their output by name get pipes where the operator says so',
      );
      if (id === 'Given') t.match(body.toString(), /value="2017-01-01 2017-01-02;/);
    }

    const filtered = await ask(data('Juno/Filtered', '2017-01-01', '2017-01-01T00:01', '&resolution=30'));
    t.match(filtered.body.toString(), 'source="site_reducer" value="30"', 'a reducer of the site gets SECONDS alone');
    t.same(records(filtered).slice(0, 2), ['536544000 0', '536544010 3'], 'pipes work');
    const quirks = await ask(data('Voyager/1/PWS/Quirks', '1979-03-01', '1979-03-01T00:01', '&resolution=30'));
    t.equal(records(quirks).length, 6, 'not_reducable, in whatever spelling');
    const fce = await ask(data('Polar/Fce', '1997-01-01', '1997-01-02', '&ascii=1'));
    t.match(fce.body.toString(), /:01:1997-01-01T00:00:00\S* +1\.0\S* +2\.0\S*\n/, 'das1 without an interval');
    t.match(fce.body.toString(), /:01:1997-01-01T00:01:00\S* +3\.0\S* +4\.0\S*\n/);
    const orbit = await ask(data('Polar/Orbit', '1997-01-01', '1997-01-02', '&interval=60&ascii=1'));
    t.same(records(orbit).length, 2);
    t.equal(header(orbit, 'Content-Disposition'), 'inline; filename="Orbit_1997-01-01_1997-01-02.d2t"');
  });

  t.test('redirects', async (t) => {
    const { ask } = front(t);
    const renamed = await ask(data('Voyager/1/PWS/Lowrate', ...DAY, '&params=high'));
    t.equal(renamed.status, 301);
    t.equal(
      header(renamed, 'Location'),
      'http://das.example.org/das/server?server=dataset&dataset=Voyager/1/PWS/Survey&start_time=2017-01-01&end_time=2017-01-02&params=high',
    );
    const remote = await ask(data('Cassini/RPWS/Remote', ...DAY));
    t.match(header(remote, 'Location'), /^https:\/\/das\.example\.edu\/das\/server\?server=dataset&dataset=Cassini/);
    t.equal((await ask(data('Cassini/RPWS/Here', '2004-07-01', '2004-07-02'))).status, 200);
    const trial = await ask(data('Cassini/RPWS/Here', '2004-07-01', '2004-07-02'), {
      headers: { Host: 'new.example.org' },
    });
    t.equal(trial.status, 301, 'at another address a source that names the old one is elsewhere');
    const ignoring = front(t, ['IGNORE_REDIRECT = true']);
    const here = await ignoring.ask(data('Cassini/RPWS/Here', '2004-07-01', '2004-07-02'), {
      headers: { Host: 'new.example.org' },
    });
    t.equal(here.status, 200, 'so try with IGNORE_REDIRECT');
  });

  t.test('accounts', async (t) => {
    const { ask } = front(t);
    const closed = data('Juno/Waves/Closed', ...DAY);
    const basic = (name: string, password: string): RequestSpec => ({
      headers: { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
    });
    const denied = await ask(closed);
    t.equal(denied.status, 401);
    t.equal(header(denied, 'WWW-Authenticate'), 'Basic realm="/das/server/Juno/Waves/Closed"', 'the same realm');
    for (const [name, password, status] of [
      ['don', 'password', 200],
      ['don', 'password-and-more', 200],
      ['bill', 'correct horse', 200],
      ['iowa', 'correct horse', 200],
      ['bill', 'wrong', 401],
      ['linux', 'correct horse', 401],
      ['testuser', 'test', 401],
    ] as const) {
      t.equal((await ask(closed, basic(name, password))).status, status, `${name} ${password}`);
    }
    const team = (begin: string, end: string) => data('Juno/Waves/Team', begin, end);
    t.equal((await ask(team('2012-01-01', '2012-01-01T01:00'))).status, 200, 'older than the age');
    const now = new Date();
    const day = (ago: number) => new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
    const fresh = await ask(team(day(30), day(29)));
    t.equal(fresh.status, 401);
    t.equal(header(fresh, 'WWW-Authenticate'), 'Basic realm="Juno Waves"');
    t.equal((await ask(team(day(30), day(29)), basic('testuser', 'test'))).status, 200, 'USER');
    t.equal((await ask(team(day(30), day(29)), basic('bill', 'correct horse'))).status, 200, 'GROUP');
    t.equal((await ask(team(day(30), day(29)), basic('htpasswd', 'x'))).status, 401);
  });

  t.test('the log viewer, by its link', async (t) => {
    const { site, programs, ask } = front(t);
    await ask('server=id');
    const page = await sendCgi(programs.log, site, { query: '' });
    t.equal(page.status, 200);
    t.match(header(page, 'Content-Type'), 'text/html');
    t.match(page.body.toString(), 'Routing to server=id');
    t.match(page.body.toString(), /href="[^"]*server"/, 'MAIN_SRV_URL');
    t.match((await ask('')).body.toString(), /href="[^"]*\/log"/, 'VIEW_LOG_URL');
    const names = readdirSync(site.logPath);
    t.ok(
      names.some((name) => /^das2\.198\.51\.100\.7_\d\.log$/.test(name)),
      `${names}`,
    );
    t.ok(names.includes('das2.127.0.0.1_0.log'), 'other logs stay');
  });
}
