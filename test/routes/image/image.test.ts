/** `server=image` with small plot programs, in both forms of the contract (server-protocol 3.7, server-internals 7.1). */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { inProcessSite } from '../../tools/in-process.js';
import { FIXTURE_URL, LOGO_PNG } from '../../tools/protocol-fixture.js';

const QUERY = 'server=image&start_time=2017-01-01&end_time=2017-01-02T12:00';
const RANGE = `${QUERY}&dataset=Examples/Range`;

/** Puts the bytes of the logo where `$1` says; `image=` among the arguments is found by `file`. */
const LIBRARY = `
SITE=\${0%/bin/*}
for word in "$@"; do case $word in image=*) file=\${word#image=} folder=\${file%/*};; esac; done
picture() { cat "$SITE/static/logo.png"; }
tell() { echo "$@" >> "$SITE/log/told"; }
`;

function plotSite(t: Test, settings: Record<string, string | undefined>, programs: Record<string, string>) {
  const site = inProcessSite(t, {
    settings: { PNG_MAKER: 'plot', ...settings },
    sources: {
      Wave: 'reader = stub_rdr\nqstream = 1\n',
      Late: 'reader = stub_late\ndas2Stream = 1\n',
    },
  });
  for (const [name, script] of Object.entries(programs)) site.fixture.writeProgram(name, LIBRARY + script);
  const told = (): string[] => {
    const file = join(site.fixture.logPath, 'told');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  return { ...site, told };
}

function nothingLeft(t: Test, stateRoot: string): void {
  const folder = join(stateRoot, 'plot-files');
  t.same(existsSync(folder) ? readdirSync(folder) : [], [], 'the temporary folder is gone');
}

t.test('file: the program fetches the data and writes a file', async (t) => {
  const { fixture, ask, told } = plotSite(
    t,
    {},
    {
      plot: 'for word in "$@"; do tell "$word"; done\nstat -c %a "$folder" >> "$SITE/log/told"\nenv | grep -i "^query\\|^http_" | tr "\\n" " " >> "$SITE/log/told"; echo . >> "$SITE/log/told"\necho chatter\npicture > "$file"\n',
    },
  );
  const answer = await ask({ query: `${RANGE}&params=a%20'b%20c'&resolution=60` });
  t.equal(answer.status, 200);
  t.match(answer.headers, {
    'Content-Type': 'image/png',
    Expires: 'now',
    'Content-Disposition': 'inline; filename="Range_2017-01-01_2017-01-02T12-00.png"',
    'Content-Length': String(LOGO_PNG.length),
  });
  t.ok(Buffer.from(answer.bytes).equals(LOGO_PNG));
  const [server, dataset, start, end, image = '', params, mode, count] = told();
  t.same(
    [server, dataset, start, end, params, mode, count],
    [
      `server=${FIXTURE_URL}`,
      'dataset=Examples/Range',
      'start_time=2017-01-01T00:00:00',
      'end_time=2017-01-02T12:00:00',
      "params=a 'b c'",
      '700',
      '.',
    ],
  );
  t.match(image, new RegExp(`^image=${fixture.stateRoot}/plot-files/[A-Za-z0-9]+/plot\\.png$`));
  nothingLeft(t, fixture.stateRoot);
  t.ok(answer.log.some((line) => line.startsWith('plotMaker: plot server=')));
});

t.test('file: the range is trimmed, params may be empty, STATE_ROOT may be missing', async (t) => {
  const { ask, told } = plotSite(t, { STATE_ROOT: '/etc/hostname' }, { plot: 'tell "$@"\npicture > "$file"\n' });
  const query = 'server=image&dataset=Examples/Range&start_time=2016-12-01&end_time=2017-01-02';
  t.equal((await ask({ query })).status, 200);
  t.match(told()[0], / start_time=2017-01-01T00:00:00 end_time=2017-01-02T00:00:00 image=\S+ params=$/);
  t.notOk(existsSync(/image=(\S+)\/plot\.png/.exec(told()[0] ?? '')?.[1] ?? '/'));
});

t.test('file: without an address of its own the server sends no program anywhere', async (t) => {
  const { ask, told } = plotSite(t, { SERVER_URL: undefined }, { plot: 'tell "$@"\n' });
  const answer = await ask({ query: RANGE, headers: { Host: 'evil.example.org' } });
  t.equal(answer.status, 501);
  t.match(answer.text, 'SERVER_URL');
  t.same(told(), []);
});

t.test('file: what is no picture is a fault', async (t) => {
  const programs = {
    fails: 'echo "cannot read /data/secret/x.dat" >&2\npicture > "$file"\nexit 13\n',
    nothing: 'exit 0\n',
    text: 'echo hello > "$file"\n',
    link: 'ln -s "$SITE/static/logo.png" "$file"\n',
    folder: 'mkdir "$file"\n',
  };
  const expected: Record<string, RegExp> = {
    fails: /cannot read \[path\] \(request/,
    nothing: /made nothing/,
    text: /6 bytes that are no PNG/,
    link: /made nothing/,
    folder: /made nothing/,
    missing: /cannot be started \(status 127\)/,
  };
  for (const [name, message] of Object.entries(expected)) {
    const { fixture, ask } = plotSite(t, { PNG_MAKER: name }, programs);
    const answer = await ask({ query: RANGE, headers: { 'User-Agent': 'Mozilla/5.0' } });
    t.equal(answer.status, 500, name);
    t.match(answer.text, message, name);
    t.notMatch(answer.text, fixture.root);
    nothingLeft(t, fixture.stateRoot);
  }
});

t.test('filter: the program is the end of the pipeline', async (t) => {
  const maker = 'tell "$@"\ncat >> "$SITE/log/told"\npicture\n';
  const { ask, told } = plotSite(t, { PNG_MAKER_MODE: 'filter' }, { plot: maker });
  const answer = await ask({ query: `${RANGE}&resolution=60&ascii=1&params=x` });
  t.equal(answer.status, 200);
  t.ok(Buffer.from(answer.bytes).equals(LOGO_PNG));
  t.equal(told()[0], 'in_fmt=das2.2 time.min=2017-01-01T00:00:00 time.max=2017-01-02T12:00:00');
  t.match(told().join('\n'), 'value="2017-01-01|2017-01-02T12:00|x"', 'the reader gets what it always gets');
  t.match(told().join('\n'), 'source="red" value="60"');
  t.notMatch(told().join('\n'), 'source="txt"', 'never as text');
  await ask({ query: `${QUERY}&dataset=Wave` });
  t.ok(told().some((line) => line.startsWith('in_fmt=qstream ')));
  const empty = await ask({ query: `${QUERY}&dataset=Examples/Quiet` });
  t.equal(empty.status, 200, 'a stream without data is a picture, too');
  const before = told().length;
  const outside = await ask({ query: 'server=image&dataset=Examples/Range&start_time=1950-01-01&end_time=1950-01-02' });
  t.equal(outside.status, 200);
  t.ok(Buffer.from(outside.bytes).equals(LOGO_PNG), 'so is a range of which the source has nothing');
  t.match(told().slice(before), [
    'in_fmt=das2.2 time.min=1950-01-01T00:00:00 time.max=1950-01-02T00:00:00',
    '[00]000025<stream version="2.2" />',
    /NoDataInInterval.*No data found from 1950-01-01 to 1950-01-02/,
  ]);
});

t.test('filter: every stage counts', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['Examples/Broken', 'cat > /dev/null; picture', /no such file \(request/],
    ['Late', 'cat > /dev/null; picture', /reader of this data source failed \(status 3\)/],
    ['Examples/Range', 'picture; echo "no font" >&2; exit 4', /no font \(request/],
    ['Examples/Range', 'cat', /bytes that are no PNG/],
    ['Examples/Range', 'cat > /dev/null', /made nothing/],
  ];
  for (const [dataset, plot, message] of cases) {
    const { ask } = plotSite(t, { PNG_MAKER_MODE: 'filter' }, { plot: `${plot}\n` });
    const answer = await ask({ query: `${QUERY}&dataset=${dataset}`, headers: { 'User-Agent': 'Mozilla/5.0' } });
    t.equal(answer.status, 500, plot);
    t.match(answer.text, message);
  }
  const { ask } = plotSite(t, { PNG_MAKER_MODE: 'filter' }, { plot: 'picture\n' });
  t.equal((await ask({ query: RANGE })).status, 200, 'it need not read to the end');
});

t.test('checked as a data request, before anything runs', async (t) => {
  for (const PNG_MAKER_MODE of ['file', 'filter']) {
    const { ask, told } = plotSite(t, { PNG_MAKER_MODE }, { plot: 'tell "$@"\n' });
    const status = async (query: string, method = 'GET', headers = {}): Promise<number> =>
      (await ask({ method, query: `${QUERY}&${query}`, headers })).status;
    t.equal(await status('dataset=Examples/Nope'), 404);
    t.equal(await status('dataset=Examples/Old'), 301);
    t.equal(await status('dataset=Examples/Far'), 301);
    t.equal(await status('dataset=Examples/Orbit'), 400, 'needs an interval');
    t.equal(await status('dataset=Examples/Range&params=%60id%60'), 400);
    t.equal(await status('dataset=Examples/Range&params=%3Cx'), 400);
    t.equal(await status('dataset=Examples/Range&resolution=abc'), 400);
    t.equal(await status('dataset=Examples/Secret'), 401);
    t.equal(await status('dataset=Examples/Secret', 'GET', { Authorization: 'Basic dTpx' }), 401);
    t.equal((await ask({ query: 'server=image&dataset=Examples/Range' })).status, 400);
    if (PNG_MAKER_MODE === 'file') {
      const early = await ask({ query: 'server=image&dataset=Examples/Range&start_time=2015&end_time=2016' });
      t.match(early.text, 'NoDataInInterval', 'a program that fetches the data would find none');
    }
    t.equal(await status('dataset=Examples/Range', 'HEAD'), 200);
    t.equal(await status('dataset=Examples/Range', 'POST'), 405);
    t.same(told(), []);
  }
  const { ask } = plotSite(t, {}, { plot: 'picture > "$file"\n' });
  const secret = await ask({ query: `${QUERY}&dataset=Examples/Secret`, headers: { Authorization: 'Basic dTpw' } });
  t.match(secret, { status: 200, headers: { 'Cache-Control': 'private', Vary: 'Authorization' } });
  t.notOk('Access-Control-Allow-Origin' in secret.headers);
});

t.test('two at a time, and not for ever', async (t) => {
  const slow = plotSite(t, { MAX_RUN_TIME: '1' }, { plot: 'sleep 60\n' });
  const late = await slow.ask({ query: RANGE, headers: { 'User-Agent': 'Mozilla/5.0' } });
  t.equal(late.status, 500);
  t.match(late.text, /the plot was not ready in time/);
  nothingLeft(t, slow.fixture.stateRoot);

  const running = 'tell begin\nsleep 0.3\ntell end\npicture > "$file"\n';
  const busy = plotSite(t, {}, { plot: running });
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => busy.ask({ query: RANGE })));
  t.same(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  let count = 0;
  const counts = busy.told().map((line) => (count += line === 'begin' ? 1 : -1));
  t.ok(Math.max(...counts) <= 2, counts.join(' '));

  const held = 'until [ -e "$SITE/log/go-on" ]; do sleep 0.05; done\npicture > "$file"\n';
  const refused = plotSite(t, { PIPELINE_WAIT: '0' }, { plot: held });
  const asked = [1, 2, 3].map(() => refused.ask({ query: RANGE }));
  t.equal((await Promise.race(asked)).status, 503, 'the first to be answered');
  writeFileSync(join(refused.fixture.logPath, 'go-on'), '');
  const all = await Promise.all(asked);
  t.same(all.map(({ status }) => status).sort(), [200, 200, 503]);
  t.ok(all.every(({ status, headers }) => status === 200 || Number(headers['Retry-After']) > 0));
});

t.test('not set up', async (t) => {
  const { ask } = inProcessSite(t);
  const answer = await ask({ query: RANGE });
  t.equal(answer.status, 501);
  t.match(answer.text, 'NotImplemented');
});
