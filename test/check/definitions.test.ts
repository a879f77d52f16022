/** What das2_srv_check finds in definitions, and in the readers that it runs. */
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { check, codes, instance, SOUND_READER, sound } from './check-instance.js';

t.test('definitions', async (t) => {
  const fixture = instance(t, {
    sources: {
      'A/Syntax': 'description = x\nno equals\n',
      'A/Key': sound(`exampelRange_01 = '2017-01-01 to 2017-01-02'\n`),
      'A/Quote': sound(`summary = 'open\n`),
      'A/NoReader': `description = 'x'\ndas2Stream = 1\n`,
      'A/NoExample': `description = 'x'\nreader = sound_rdr\ndas2Stream = 1\n`,
      'A/BadExample': sound(`exampleRange_01 = 'yesterday'\n`),
      'A/Outside': sound(`validRange = '2018-01-01 to 2019-01-01'\n`),
      'A/Level': sound(`cacheLevel_00 = '1 furlong | daily'\n`),
      'A/Grid': sound(
        `cacheLevel_00 = '7 s | hourly'\ncacheLevel_01 = '90 min | daily'\ncacheLevel_02 = '7 h | yearly'\ncacheLevel_09 = '1 d | hourly'\n`,
      ),
      'A/Corrected': sound(`cacheInvalidBefore = '2020-01-01'\n`),
      'A/ToCome': sound(`cacheInvalidBefore = '2999-01-01'\n`),
      'A/NoTime': sound(`cacheInvalidBefore = 'yesterday'\n`),
      'A/Group': sound(`readAccess = 'GROUP:nobody'\n`),
      'A/User': sound(`readAccess = 'AGE:1y | USER:eve'\n`),
      'A/Access': sound(`readAccess = 'FRIENDS:all'\n`),
      'A/Missing': sound(`reducer = no_such_reducer\n`),
      'A/Rename': `rename = 'A/Nowhere'\n`,
      'A/Round': `rename = 'A/About'\n`,
      'A/About': `rename = 'A/Round'\n`,
      'A/ToSyntax': `rename = 'A/Syntax'\n`,
      'A/Elsewhere': `rename = 'B/X'\nserver = 'http://far.example.org/das/server'\n`,
      'A/Far': `description = 'x'\nserver = 'http://far.example.org/das/server'\ndas2Stream = 1\n`,
      'A/Bad Name': sound(),
      'A/Open': sound(),
      'A/Macro': sound().replace('sound_rdr', 'sound_rdr $(KERNELS)'),
      'A/Back': sound(`validRange = '2018-01-01 to 2017-01-01'\n`),
      '.git/hooks/x': sound(),
      'A/.#Lock': sound(),
    },
  });
  chmodSync(join(fixture.dsdfRoot, 'A/Open.dsdf'), 0o666);
  const report = await check(fixture, { runReaders: false });
  const about = (id: string) => codes(report, id);
  t.same(about('A/Syntax'), ['error definition']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Syntax')?.message, ':2:');
  t.same(about('A/Key'), ['warning unknown-key']);
  t.same(about('A/Quote'), ['warning definition']);
  t.same(about('A/NoReader'), ['error no-reader']);
  t.same(about('A/NoExample'), ['warning no-example']);
  t.same(about('A/BadExample'), ['warning example']);
  t.same(about('A/Outside'), ['error example']);
  t.same(about('A/Level'), ['error cache-level']);
  t.same(about('A/Grid'), ['warning cache-grid', 'warning cache-grid', 'warning cache-grid']);
  t.match(
    report.findings.filter(({ subject }) => subject === 'A/Grid').map(({ message }) => message),
    [
      /^cacheLevel 0: bins of 7 s do not divide its hourly blocks/,
      /^cacheLevel 2: bins of 25200 s do not divide a day/,
      /^cacheLevel 9: bins of 86400 s are longer than its hourly blocks/,
    ],
  );
  t.same(about('A/Corrected'), []);
  t.same(about('A/ToCome'), ['warning cache-invalid-before']);
  t.same(about('A/NoTime'), ['warning cache-invalid-before']);
  t.same(about('A/Group'), ['warning read-access']);
  t.same(about('A/User'), ['warning read-access']);
  t.same(about('A/Access'), ['error read-access']);
  t.same(about('A/Missing'), ['error missing-program']);
  const aboutRename = (id: string) =>
    report.findings.filter(({ subject, code }) => subject === id && code === 'rename').map(({ message }) => message);
  t.match(aboutRename('A/Rename'), ["A/Rename: rename names 'A/Nowhere', which does not exist"]);
  t.match(aboutRename('A/Round'), ['A/Round: rename leads back to A/Round']);
  t.match(aboutRename('A/ToSyntax'), [/^rename leads to a definition that cannot be read: .*:2: /]);
  t.same(aboutRename('A/Elsewhere'), []);
  t.same(about('A/Far'), []);
  t.same(about('A/Bad Name'), ['warning not-served']);
  t.same(about('A/Open'), ['warning not-served']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Open')?.message, 'everybody may write it');
  t.match(
    report.findings.find(({ subject }) => subject === 'A/Macro'),
    { message: 'macro $(KERNELS)', advice: /^set KERNELS in the configuration .*\$\(KERNELS,TEXT\)/ },
  );
  t.match(report.findings.find(({ subject }) => subject === 'A/Back')?.message, /^validRange /, 'the id stands above');
  t.same(
    report.findings.filter(({ message }) => /legal name/.test(message)).map(({ message }) => message),
    ['A/Bad Name.dsdf: is not a legal name for a source or folder; skipped'],
    "what begins with a dot is nobody's mistake",
  );
  t.same(report.runs, []);
  t.equal(report.sources.length, 26);
});

t.test('each finding once', async (t) => {
  const twice = sound(`summary = 'a'\nsummary = 'b'\n`);
  const fixture = instance(t, { sources: { 'A/Twice': twice, 'A/Syntax': 'no equals\n', 'B/Twice': twice } });
  const found = async (options: { readonly sources?: readonly string[] } = {}) => {
    const { findings } = await check(fixture, { runReaders: false, ...options });
    return findings.map(({ subject, message }) => `${subject}: ${message}`).sort();
  };
  const once = (id: string): string => `${id}: ${id}.dsdf:6: summary was already set in line 5; this line wins`;
  const all = await found();
  t.strictSame(
    all.filter((line) => line.includes('wins')),
    [once('A/Twice'), once('B/Twice')],
  );
  t.equal(all.filter((line) => line.includes('A/Syntax')).length, 1);
  t.match(await found({ sources: ['A/Twice'] }), [once('A/Twice')]);
});

t.test('a reducer that cannot be started is named once', async (t) => {
  const fixture = instance(t, { sources: { 'A/Away': sound('reducer = /opt/nowhere/reduce\n'), 'A/UP': sound() } });
  renameSync(join(fixture.dsdfRoot, 'A/UP.dsdf'), join(fixture.dsdfRoot, 'A/UP.DSDF'));
  const report = await check(fixture);
  t.same(codes(report, 'A/Away'), ['error missing-program']);
  t.same(
    report.runs.map(({ source, way }) => `${source} ${way}`),
    ['A/Away full', 'A/UP.DSDF full', 'A/UP.DSDF reduced', 'A/UP.DSDF reduced-without-origin', 'A/UP.DSDF text'],
    'a suffix in capitals belongs to the name, and the source is looked at',
  );
});

/** A reader of a das2 stream with records at these us2000 seconds behind its begin, 2017-01-01. */
function timedReader(...offsets: readonly number[]): string {
  const times = offsets.map((seconds) => new Date(Date.UTC(2017, 0, 1) + 1000 * seconds).toISOString().slice(0, 19));
  return SOUND_READER.replace(/printf ':01.*/, times.map((time) => `printf ':01:${time}    1.0000e+00\\n'`).join('\n'));
}

t.test('times of readers, and streams of another kind', async (t) => {
  const source = (reader: string): string => sound().replace('sound_rdr', reader);
  const fixture = instance(t, {
    sources: {
      'A/OneTime': source('one_rdr'),
      'A/Backwards': source('back_rdr'),
      'A/Beyond': source('beyond_rdr'),
      'A/LittleBeyond': source('little_rdr'),
      'A/QStream': source('q_rdr'),
      'A/NoQStream': sound('qstream = 1\n'),
      'A/NoForm': sound().replace('das2Stream = 1', ''),
    },
  });
  fixture.writeProgram('one_rdr', timedReader(5, 5, 5, 5));
  fixture.writeProgram('back_rdr', timedReader(9, 7, 5, 3));
  fixture.writeProgram('beyond_rdr', timedReader(1, 86_400, 3 * 86_400));
  fixture.writeProgram('little_rdr', timedReader(-3600, 1, 90_000));
  fixture.writeProgram('q_rdr', `printf '[00]000049<stream dataset_id="a" byte_order="big_endian"/>\\n'`);
  const report = await check(fixture);
  const advice = (id: string, code: string) =>
    report.findings.find((finding) => finding.subject === id && finding.code === code)?.advice;
  t.match(advice('A/OneTime', 'one-time'), 'byte order');
  t.match(advice('A/Backwards', 'backwards'), 'sort the records');
  t.match(advice('A/Beyond', 'beyond-range'), 'arguments');
  t.same(codes(report, 'A/LittleBeyond'), [], 'whole packets at the edges are no fault');
  t.match(advice('A/QStream', 'other-kind'), 'qstream');
  t.match(advice('A/NoQStream', 'other-kind'), 'das2Stream');
  t.match(report.findings.find(({ subject }) => subject === 'A/NoForm')?.message, 'das2Stream = 1');
});

t.test('readers', async (t) => {
  const fixture = instance(t, {
    sources: {
      'A/Fail': sound().replace('sound_rdr', 'fail_rdr'),
      'A/Hang': sound().replace('sound_rdr', 'hang_rdr'),
      'A/Slow': sound().replace('sound_rdr', 'slow_rdr'),
      'A/Elsewhere': sound().replaceAll('2017-01', '2018-01'),
      'A/Garbage': sound().replace('sound_rdr', 'garbage_rdr'),
      'A/Nothing': sound().replace('sound_rdr', 'stub_none'),
      'A/Empty': sound().replace('sound_rdr', 'stub_rdr'),
      'A/NoData': sound().replace('sound_rdr', 'exception_rdr'),
      'A/Origin': sound(`reducer = origin_red\ncacheLevel_00 = '1 s | daily'\n`),
      'A/Params': sound(`exampleParams_00 = 'a;b'\n`),
      'A/Words': sound(`exampleParams_00 = 'one two'\n`).replace('sound_rdr', 'words_rdr'),
      'A/Interval': sound('requiresInterval = 1\nexampleInterval_00 = 60\n').replace('sound_rdr', 'interval_rdr'),
    },
  });
  fixture.writeProgram('fail_rdr', 'echo "no disk mounted" >&2\nexit 7\n');
  fixture.writeProgram('hang_rdr', 'sleep 600\n');
  fixture.writeProgram('slow_rdr', `${SOUND_READER}\nsleep 600\n`);
  fixture.writeProgram('garbage_rdr', 'echo hello world, this is no stream\n');
  fixture.writeProgram(
    'exception_rdr',
    `printf '[00]000025<stream version="2.2" />\\n[xx]000057<exception type="NoDataInInterval" message="nothing" />\\n'\n`,
  );
  fixture.writeProgram('origin_red', `[ "$1" = -b ] || exit 3\ncat\n`);
  fixture.writeProgram('words_rdr', `[ "$3 $4" = "one two" ] || exit 3\n${SOUND_READER}`);
  fixture.writeProgram('interval_rdr', `[ "$1" = 60 ] && [ "$2" = 2017-01-01 ] || exit 3\n${SOUND_READER}`);
  const report = await check(fixture, { timeout: 6, jobs: 4 });
  const about = (id: string) => codes(report, id);
  t.same(about('A/Fail'), ['error reader-failed']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Fail')?.message, /status 7: no disk mounted/);
  t.same(about('A/Hang'), ['error no-answer']);
  t.same([...new Set(about('A/Slow'))], ['warning slow']);
  t.same(about('A/Elsewhere')[0], 'error other-range');
  t.same([...new Set(about('A/Garbage'))], ['error bad-stream']);
  t.same([...new Set(about('A/Nothing'))], ['warning no-data']);
  t.ok(about('A/Empty').includes('warning no-data'));
  t.ok(about('A/NoData').includes('warning exception') || about('A/NoData').includes('warning no-data'));
  t.match(about('A/Origin'), ['error reducer-failed']);
  t.match(report.findings.find(({ subject }) => subject === 'A/Origin')?.message, 'reduced without -b');
  t.same(about('A/Params'), ['error example-request']);
  t.same(about('A/Words'), []);
  t.same(about('A/Interval'), []);
  t.equal(report.runs.filter(({ source }) => source === 'A/Fail').length, 1, 'not tried in other ways');
});
