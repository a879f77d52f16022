/**
 * das2_from_das1 as a program: DSDF, reader, arguments, faults; and the das1 sample with its known result, where it is there.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { ascii } from '../../lib/filter/ascii.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { compareStreams } from '../tools/compare-streams.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const repository = resolve(import.meta.dirname, '..', '..');
const program = join(repository, 'dist', 'bin', 'das2_from_das1');
const shared = process.env.DAS2SRV_SHARED ?? join(repository, '..', 'shared');
const sample = join(shared, 'data', 'das1');
const skip = existsSync(program) ? false : 'run scripts/build first';

function run(args: readonly string[], cwd: string, env?: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, maxBuffer: 1 << 28 });
  return { status, output: stdout, messages: stderr.toString() };
}

/** A folder with a DSDF whose reader is this shell text, which prints its arguments to `arguments` and one record. */
function folderWith(t: Parameters<typeof temporaryFolder>[0], dsdf: string, script: string): string {
  const folder = temporaryFolder(t).path;
  writeFileSync(join(folder, 'source.dsdf'), dsdf);
  writeFileSync(join(folder, 'reader'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'reader'), 0o755);
  return folder;
}

const RECORD = "printf '\\000\\000\\000\\000\\077\\200\\000\\000'";
const ARGUMENTS = 'for word in "$@"; do echo "<$word>"; done > arguments';

t.test(
  'the sample of a real das1 source',
  { skip: skip || (existsSync(sample) ? false : `no sample in ${sample}`) },
  (t) => {
    const folder = temporaryFolder(t).path;
    mkdirSync(join(folder, 'test'));
    const reader = join(folder, 'test', 'das2_from_das1_rdr1.sh');
    writeFileSync(reader, `#!/bin/sh\nexec cat '${join(sample, 'das2_from_das1_input1.d1s')}'\n`);
    chmodSync(reader, 0o755);
    const { status, output } = run([join(sample, 'das2_from_das1_test1.dsdf'), '1997-01-01', '1997-01-02'], folder);
    t.equal(status, 0);
    const text = runProgram(ascii, ['-r', '4'], output).output;
    t.strictSame(compareStreams(text, readFileSync(join(sample, 'das2_from_das1_output1.d2t'))), []);
    t.end();
  },
);

t.test('arguments reach the reader as they are', { skip }, (t) => {
  const folder = folderWith(
    t,
    'form=x_multi_y\nny=1\nreader=\'./reader fixed "two words"\'\n',
    `${ARGUMENTS}; ${RECORD}`,
  );
  const words = ['$(touch evil)', ';touch evil', '`touch evil`', '--opt=x', '-h', '', "it's", 'a  b', '*'];
  const { status, output } = run(['source.dsdf', '2000-01-01', '2000-01-02', ...words], folder);
  t.equal(status, 0);
  assertValidStream(t, output);
  t.strictSame(
    readFileSync(join(folder, 'arguments'), 'utf8').split('\n').slice(0, -1),
    ['fixed', 'two words', '2000-01-01', '2000-01-02', ...words].map((word) => `<${word}>`),
  );
  t.notOk(existsSync(join(folder, 'evil')));
  t.end();
});

t.test('interval first, where the definition has items', { skip }, (t) => {
  const folder = folderWith(t, "form=x_multi_y\nitems=1\nreader='./reader'\n", `${ARGUMENTS}; ${RECORD}`);
  t.equal(run(['source.dsdf', '60', '2000-01-01', '2000-01-02', 'p'], folder).status, 0);
  t.equal(readFileSync(join(folder, 'arguments'), 'utf8'), '<60>\n<2000-01-01>\n<2000-01-02>\n<p>\n');
  const missing = run(['source.dsdf', '2000-01-01', '2000-01-02'], folder);
  t.equal(missing.status, 100);
  t.match(missing.messages, /INTERVAL must be/);
  t.end();
});

t.test('macros, pipes and settings of the shell in the reader', { skip }, (t) => {
  const dsdf = "form=x_multi_y\nny=1\nwhat=three\nreader='X=$(what) ./reader $(GONE,default) | cat'\n";
  const folder = folderWith(t, dsdf, `echo "$X $1" > arguments; ${RECORD}`);
  t.equal(run(['source.dsdf', '2000-01-01', '2000-01-02'], folder).status, 112, 'cat has no files of these names');
  t.equal(readFileSync(join(folder, 'arguments'), 'utf8'), 'three default\n');
  const unknown = folderWith(t, "form=x_multi_y\nny=1\nreader='./reader $(GONE)'\n", RECORD);
  const { status, messages, output } = run(['source.dsdf', '2000-01-01', '2000-01-02'], unknown);
  t.equal(status, 112);
  t.match(messages, /GONE/);
  t.equal(output.length, 0);
  t.end();
});

t.test('readers that fail', { skip }, (t) => {
  const dsdf = "form=x_multi_y\nny=1\nreader='./reader'\n";
  const words = ['source.dsdf', '2000-01-01', '2000-01-02'];
  for (const [script, kinds, message] of [
    [`${RECORD}; exit 3`, ['stream', 'packet', 'data', 'exception'], /status 3/],
    ['echo oops >&2; exit 4', [], /oops\n(?:.|\n)*status 4/],
    [`${RECORD}; kill -9 $$`, ['stream', 'packet', 'data', 'exception'], /SIGKILL/],
    [`${RECORD}; printf abc`, ['stream', 'packet', 'data', 'exception'], /3 of 8 bytes/],
  ] as const) {
    const { status, output, messages } = run(words, folderWith(t, dsdf, script));
    t.equal(status, 112, script);
    t.match(messages, message);
    t.strictSame(output.length === 0 ? [] : readStream(output).map(({ kind }) => kind), kinds);
  }
  const none = run(words, folderWith(t, dsdf, 'exit 0'));
  t.equal(none.status, 0);
  t.match(readStream(none.output).at(-1), { exception: { type: 'NoDataInInterval' } });
  const gone = run(words, folderWith(t, "form=x_multi_y\nny=1\nreader='./not_there'\n", ''));
  t.equal(gone.status, 112);
  t.equal(gone.output.length, 0);
  t.end();
});

t.test('definitions and command lines that cannot be used', { skip }, (t) => {
  const folder = folderWith(t, "form=x_tagged_y_scan\ny_coordinate=findgen(5)\nreader='./reader'\n", RECORD);
  const range = ['2000-01-01', '2000-01-02'];
  const idl = run(['-I', '/usr/bin/idl', 'source.dsdf', ...range], folder);
  t.equal(idl.status, 112);
  t.match(idl.messages, /findgen.*-I/);
  t.equal(run(['nowhere.dsdf', ...range], folder).status, 112);
  for (const args of [
    [],
    ['source.dsdf'],
    ['source.dsdf', '2000-01-01'],
    ['source.dsdf', 'now', '2000-01-02'],
    ['--what', 'source.dsdf', ...range],
    ['source.dsdf', '2000-01-02', '2000-01-01'],
    ['-I'],
  ]) {
    const { status, messages, output } = run(args, folder);
    t.equal(status, 100, args.join(' '));
    t.match(messages, /\nUsage: das2_from_das1 /);
    t.equal(output.length, 0);
  }
  const secret = folderWith(
    t,
    "form=x_multi_y\nny=1\nreader='./reader'\nreadAccess='GROUP:x'\ncacheReader='/opt/x'\ndas2Stream=0\n",
    RECORD,
  );
  t.notMatch(
    run(['source.dsdf', ...range], secret).output.toString('latin1'),
    /readAccess|cacheReader|das2Stream|reader=/,
  );
  t.end();
});

t.test('a closed output ends it quietly, the reader too', { skip }, (t) => {
  const folder = folderWith(t, "form=x_multi_y\nny=1\nreader='./reader'\n", `while :; do ${RECORD} || exit 9; done`);
  const { status, stdout, stderr } = spawnSync(
    '/bin/sh',
    ['-c', `'${program}' source.dsdf 2000-01-01 2000-01-02 | head -c 2000 | wc -c`],
    {
      cwd: folder,
      timeout: 60_000,
    },
  );
  t.equal(status, 0);
  t.match(stdout.toString(), /2000/);
  t.notMatch(stderr.toString(), /das2_from_das1/);
  t.end();
});
