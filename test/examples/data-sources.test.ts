/** The example definitions: each line means what it should, each example range gives data from its reader. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { EXAMPLE_PROGRAMS } from '../../conf/examples/programs.js';
import { Configuration } from '../../lib/conf/configuration.js';
import { splitWords } from '../../lib/source/cache-level.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import { cacheLevelsOf, exampleRangesOf, makeSource, readerOf, validRangeOf } from '../../lib/source/source.js';
import { StreamReader } from '../../lib/stream/stream-reader.js';
import { compareTimes, us2000FromTime } from '../../lib/stream/time.js';
import { BUN, findings, MAIN, TOP, voyagerFolder } from './run-reader.js';

const FOLDER = join(TOP, 'conf/datasets/Examples');
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.dsdf') && name !== '_dirinfo_.dsdf');
const voyager = voyagerFolder();

/** A folder as BIN_PATH names one: each reader under its program name. */
const programs = mkdtempSync(join(tmpdir(), 'das2srv-readers-'));
t.teardown(() => rmSync(programs, { recursive: true }));
for (const name of EXAMPLE_PROGRAMS) {
  writeFileSync(join(programs, name), `#!/bin/sh\nexec '${BUN}' '${MAIN}' ${name} "$@"\n`);
  chmodSync(join(programs, name), 0o755);
}

function definition(name: string) {
  const warnings: string[] = [];
  const parsed = parseDsdf(readFileSync(join(FOLDER, name), 'utf8'), { name, warn: (line) => warnings.push(line) });
  return { parsed, warnings };
}

function source(name: string) {
  const text = `DSDF_ROOT = datasets\nVOYAGER_DATA = "${voyager ?? '/nowhere'}"\n`;
  const configuration = new Configuration(text, { file: '/x/etc/das2server.conf', prefix: '/x' });
  return makeSource(definition(name).parsed, {
    id: `Examples/${name.replace('.dsdf', '')}`,
    file: join(FOLDER, name),
    configuration,
  });
}

/** Runs the reader as the server does: the command of the definition, with the arguments behind it. */
function run(name: string, args: readonly string[]) {
  const { text, environment } = readerOf(source(name));
  return spawnSync('/bin/sh', ['-c', `${text} "$@"`, 'das2', ...args], {
    env: { ...environment, PATH: `${programs}:/usr/bin:/bin`, TZ: 'UTC' },
    maxBuffer: 1 << 30,
  });
}

t.test('the folder describes itself', async (t) => {
  const { parsed, warnings } = definition('_dirinfo_.dsdf');
  t.ok(parsed.entries.get('description'));
  t.same(warnings, []);
  t.same(NAMES.sort(), [
    'Auth.dsdf',
    'Ephemeris.dsdf',
    'OrbitField.dsdf',
    'Params.dsdf',
    'Random.dsdf',
    'Spectra.dsdf',
    'Voyager.dsdf',
    'Waveform.dsdf',
  ]);
});

for (const name of NAMES) {
  t.test(`${name}: every line means what it should`, async (t) => {
    const { parsed, warnings } = definition(name);
    t.same(warnings, []);
    for (const key of ['description', 'techContact', 'reader', 'validRange']) t.ok(parsed.entries.get(key), key);
    const made = source(name);
    t.equal(made.kind, 'das2');
    const complaints: string[] = [];
    const warn = (line: string) => complaints.push(line);
    const examples = exampleRangesOf(made, warn);
    t.ok(examples.length >= 2, 'several examples');
    const valid = validRangeOf(made, Date.UTC(2027, 0, 1), warn);
    t.ok(valid);
    for (const { range, label, interval } of examples) {
      t.ok(label, 'an example says what it shows');
      t.ok(compareTimes(range.begin, valid!.begin) >= 0 && compareTimes(range.end, valid!.end) <= 0);
      t.equal(interval !== undefined, made.requiresInterval);
    }
    t.same(cacheLevelsOf(made, warn).errors, []);
    t.same(complaints, []);
    const [program] = readerOf(made).text.split(' ');
    t.ok((EXAMPLE_PROGRAMS as readonly string[]).includes(program!), String(program));
    const options = [...parsed.entries].filter(([key]) => key.startsWith('param_'));
    for (const [key, text] of options) t.match(text, /^\S+ \| \S/, key);
  });

  const skip = name === 'Voyager.dsdf' && voyager === undefined ? 'the Voyager frames are not at hand' : false;
  t.test(`${name}: its examples carry data`, { skip }, async (t) => {
    const made = source(name);
    for (const example of exampleRangesOf(made)) {
      const words = example.params === undefined ? [] : splitWords(example.params);
      const interval = made.requiresInterval ? [example.interval!] : [];
      const reader = run(name, [...interval, example.beginText, example.endText, ...words]);
      t.equal(reader.status, 0, reader.stderr.toString());
      let records = 0;
      let faults = 0;
      let [earliest, latest] = [Infinity, -Infinity];
      const stream = new StreamReader({
        streamHeader: () => {},
        packetHeader: () => {},
        records: (_id, { view, offset, count, stride }, { planes }) => {
          records += count;
          const { kind, littleEndian } = planes[0]!.encoding;
          if (kind !== 'real8') return;
          earliest = Math.min(earliest, view.getFloat64(offset, littleEndian));
          latest = Math.max(latest, view.getFloat64(offset + (count - 1) * stride, littleEndian));
        },
        comment: () => {},
        exception: () => {
          faults++;
        },
      });
      stream.push(reader.stdout);
      stream.end();
      t.ok(records > 0 && faults === 0, `${example.label}: ${records} records`);
      t.same(findings(reader.stdout), []);
      t.ok(earliest >= us2000FromTime(example.range.begin) && latest < us2000FromTime(example.range.end));
    }
  });
}

t.test('Ephemeris: items and parameters are those of the reader', async (t) => {
  const { entries } = definition('Ephemeris.dsdf').parsed;
  const first = (prefix: string) =>
    [...entries].filter(([key]) => key.startsWith(prefix)).map(([, text]) => text.split('|')[0]!.trim());
  const reader = run('Ephemeris.dsdf', ['86400', '2026-01-01', '2026-01-02']);
  const names = [...reader.stdout.toString('latin1').matchAll(/<y name="(\w+)"/g)].map((match) => match[1]);
  t.same(first('item_'), names);
  const all = run('Ephemeris.dsdf', ['86400', '2026-01-01', '2026-01-02', ...first('param_')]);
  t.equal(all.status, 0, all.stderr.toString());
});

t.test('Params: the parameters are those of the reader', async (t) => {
  const { entries } = definition('Params.dsdf').parsed;
  const words = [...entries].filter(([key]) => key.startsWith('param_')).map(([, text]) => text.split('|')[0]!.trim());
  const all = run('Params.dsdf', ['2026-01-01', '2026-01-02', ...words]);
  t.notMatch(all.stdout.toString('latin1'), '<exception');
});

t.test('Auth: guarded, and its examples are old enough for everybody', async (t) => {
  const made = source('Auth.dsdf');
  t.equal(made.readAccess, 'GROUP:testgroup | AGE:1y');
  for (const { range } of exampleRangesOf(made)) t.ok(range.end.day < 366 * 26);
});
