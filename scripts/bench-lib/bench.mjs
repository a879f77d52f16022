/**
 * scripts/bench: how long programs take to start, requests to be answered, and streams to pass, each beside a reference
 * program measured in the same run. Ratios are what counts: milliseconds differ from machine to machine and hour to hour.
 *
 * Nothing here is a test and nothing asserts a time. What should be reached stands in docs/architecture.md, "Budgets".
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCommandLine, refuseCommandLine } from '../tools/command-line.mjs';
import { copyInOnePiece, packWithBun } from '../tools/pack.mjs';
import { programNames, ROOT } from '../tools/repository.mjs';
import { checkAnswer, measureTimes, peakMemory } from './measure.mjs';
import { buildCache, makeSite, requestEnvironment, SOURCES } from './site.mjs';
import { MONTH, SHAPES, WAVEFORM, writeStream } from './streams.mjs';
import { printSpectra, printStreams, printTimes } from './tables.mjs';

const HELP = `usage: scripts/bench [--quick] [--only start,requests,streams,spectra] [--json FILE] [--bin DIR]

Measures start-up, requests and throughput, each beside a reference program of the same run, and prints tables (minutes).

  --quick      fewer rounds and short streams: a look, not a figure to quote
  --only LIST  some of the four parts
  --json FILE  the same figures as JSON
  --bin DIR    measure the programs in DIR (default dist/bin; see scripts/build)
  --help       this text

With DAS2C_BIN=DIR in the environment, das2_bin_avgsec and das2_ascii of das2C in DIR are measured beside ours.

Example:
  scripts/bench --quick --only start,requests
`;

const PARTS = ['start', 'requests', 'streams', 'spectra'];

/** Programs that answer `--version` and nothing else; a CGI program is measured by its requests. */
const STARTED = ['das2srv', ...programNames().filter((name) => !name.startsWith('das2_srvcgi_'))];

async function measureStart({ bin, work, rounds }) {
  const empty = path.join(work, 'empty');
  packWithBun({ entry: './scripts/bench-lib/empty.ts', target: empty });
  const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find((file) => existsSync(file));
  const commands = [
    { name: 'empty executable', command: [empty] },
    { name: '/bin/true', command: ['/bin/true'] },
    ...(python === undefined ? [] : [{ name: 'python3 -c pass', command: [python, '-c', 'pass'] }]),
    ...STARTED.map((name) => ({ name: `${name} --version`, command: [path.join(bin, name), '--version'] })),
  ];
  return timeTable(commands, rounds);
}

async function measureRequests({ bin, work, rounds }) {
  const site = path.join(work, 'site');
  mkdirSync(site);
  const month = path.join(work, MONTH.file);
  writeStream(month, MONTH, MONTH.bytes);
  makeSite(site, [{ id: 'Month', file: month, cacheLevel: '1 h | monthly' }]);
  buildCache(site, { bin, id: 'Month', begin: '2000-01-01', end: '2000-02-01' });
  const empty = path.join(work, 'empty');
  if (!existsSync(empty)) packWithBun({ entry: './scripts/bench-lib/empty.ts', target: empty });
  // As scripts/install puts it, and as fresh as the empty one beside it: what Linux keeps of a file ages with it.
  const program = path.join(work, 'das2_srvcgi_main');
  copyInOnePiece(path.join(bin, 'das2_srvcgi_main'), program);
  const request = (name, parts) => ({ name, command: [program], environment: requestEnvironment(site, parts) });
  const range = 'start_time=2000-01-01&end_time=2000-02-01';
  const hit = { query: `server=dataset&dataset=Month&${range}&resolution=3600` };
  const requests = [
    request(`server=list, ${SOURCES} sources`, { query: 'server=list' }),
    request('server=dsdf', { query: 'server=dsdf&dataset=Group_7/Source_7' }),
    request('server=id', { query: 'server=id' }),
    request('static file', { pathInfo: '/static/das2server.css' }),
    request('front page', {}),
    request('cache hit, a month at 1 h', hit),
    { ...request('the same, first byte', hit), firstByte: true },
  ];
  // The index of the sources looks again at files younger than two seconds; those of a real site are older.
  await Bun.sleep(2500);
  for (const one of requests) checkAnswer(one);
  return timeTable([{ name: 'empty executable', command: [empty] }, ...requests], rounds);
}

/** One row for each command; ratios are to the first one. */
async function timeTable(commands, rounds) {
  const times = await measureTimes(commands, { rounds });
  const rows = [];
  for (const command of commands) {
    rows.push({ name: command.name, ...times.get(command.name), memory: await peakMemory(command) });
  }
  return rows;
}

/**
 * One row for a program on a stream: what it reaches, what `cat | cat` and das2C reach, and the ratios. `bytes` are those of the file, `sent`
 * those that pass where that is another number.
 */
async function streamRow({ name, file, bytes, sent = bytes, ours, theirs, memory, rounds }) {
  const pipe = (...programs) => ['/bin/sh', '-c', `cat '${file}' | ${programs.join(' | ')} >/dev/null`];
  const commands = [
    { name: 'ours', command: Array.isArray(ours) ? ours : pipe(ours), environment: memory.environment ?? {} },
    { name: 'cat', command: pipe('cat') },
    ...(theirs === undefined ? [] : [{ name: 'theirs', command: pipe(theirs) }]),
  ].map((entry) => ({ ...entry, environment: { PATH: '/usr/bin:/bin', ...entry.environment } }));
  const times = await measureTimes(commands, { rounds, warmUps: 1 });
  const speed = (entry, passed = bytes) => passed / 1000 / times.get(entry).median;
  const row = {
    name,
    megabytes: sent / 1e6,
    ours: speed('ours', sent),
    cat: speed('cat'),
    ofCat: (times.get('cat').ratio * sent) / bytes,
    memory: await peakMemory(memory),
  };
  if (theirs === undefined) return row;
  return { ...row, das2c: speed('theirs'), ofDas2c: times.get('theirs').ratio };
}

async function measureStreams({ bin, work, rounds, megabytes }) {
  const das2c = process.env.DAS2C_BIN ? path.resolve(process.env.DAS2C_BIN) : undefined;
  const program = (folder, name) => (folder === undefined ? undefined : path.join(folder, name));
  const rows = [];
  for (const shape of SHAPES) {
    const file = path.join(work, shape.file);
    const { bytes, records } = writeStream(file, shape, megabytes * 1e6);
    const filter = async (name, args, { compared = true } = {}) => {
      const command = (folder) => folder && [program(folder, name), ...args].join(' ');
      rows.push(
        await streamRow({
          name: `${[name, ...args].join(' ')}: ${shape.name}`,
          file,
          bytes,
          rounds,
          ours: command(bin),
          theirs: compared ? command(das2c) : undefined,
          memory: { command: [program(bin, name), ...args], input: file },
        }),
      );
    };
    await filter('das2_bin_avgsec', [String(shape.bin)]);
    if (shape.items === 1 || shape.items === 1024) {
      for (const kin of ['das2_bin_minmaxavgsec', 'das2_bin_peakavgsec'])
        await filter(kin, [String(shape.bin)], { compared: false });
    }
    if (shape.items === 10 || shape.items === 1024) {
      const site = path.join(work, `site-${shape.items}`);
      mkdirSync(site);
      makeSite(site, [
        { id: 'Through', file },
        { id: 'Cached', file, cacheLevel: 'intrinsic | hourly' },
      ]);
      const route = async (title, { id = 'Through', end = '2029-12-31', resolution, least }) => {
        const range = `start_time=2000-01-01&end_time=${end}`;
        const query = `server=dataset&dataset=${id}&${range}${resolution ? `&resolution=${resolution}` : ''}`;
        const main = { command: [program(bin, 'das2_srvcgi_main')], environment: requestEnvironment(site, { query }) };
        const sent = checkAnswer({ name: title, ...main }, least);
        rows.push(
          await streamRow({
            name: `${title}: ${shape.name}`,
            file,
            bytes,
            ...(resolution === undefined ? { sent } : {}),
            rounds,
            ours: ['/bin/sh', '-c', `${main.command[0]} | cat >/dev/null`],
            memory: main,
          }),
        );
      };
      await route('data route, unreduced', { least: bytes });
      await route('data route, reduced', { resolution: shape.bin, least: bytes / 2000 });
      const hours = Math.floor((records * shape.cadence) / 3600);
      const end = new Date(Date.UTC(2000, 0, 1, hours)).toISOString().slice(0, 16);
      buildCache(site, { bin, id: 'Cached', begin: '2000-01-01', end });
      await route('data route, from the cache', { id: 'Cached', end, least: bytes / 2 });
    }
    rmSync(file);
    // Text takes its time: a shorter stream tells as much.
    const { bytes: fewer } = writeStream(file, shape, (megabytes * 1e6) / 8);
    for (const name of ['das2_ascii', 'das2_csv']) {
      rows.push(
        await streamRow({
          name: `${name}: ${shape.name}`,
          file,
          bytes: fewer,
          rounds,
          ours: program(bin, name),
          theirs: name === 'das2_ascii' ? program(das2c, name) : undefined,
          memory: { command: [program(bin, name)], input: file },
        }),
      );
    }
    rmSync(file);
  }
  return rows;
}

/** das2_psd on windows of 1024 points beside the transforms of its FFT library alone, as often. */
async function measureSpectra({ bin, work, rounds, megabytes }) {
  const alone = path.join(work, 'fft-alone');
  packWithBun({ entry: './scripts/bench-lib/fft-alone.ts', target: alone });
  const file = path.join(work, WAVEFORM.file);
  const { bytes, records } = writeStream(file, WAVEFORM, megabytes * 1e6);
  const program = path.join(bin, 'das2_psd');
  const words = [String(WAVEFORM.items), '1'];
  const commands = [
    { name: 'ours', command: ['/bin/sh', '-c', `cat '${file}' | ${program} ${words.join(' ')} >/dev/null`] },
    { name: 'library', command: [alone, String(WAVEFORM.items), String(records)] },
  ].map((entry) => ({ ...entry, environment: { PATH: '/usr/bin:/bin' } }));
  const times = await measureTimes(commands, { rounds, warmUps: 1 });
  const memory = await peakMemory({ command: [program, ...words], input: file });
  rmSync(file);
  const speed = (entry) => bytes / 1000 / times.get(entry).median;
  const { median: ours } = times.get('ours');
  const { median: library } = times.get('library');
  return [
    {
      name: `das2_psd ${words.join(' ')}: ${WAVEFORM.name}`,
      megabytes: bytes / 1e6,
      ours: speed('ours'),
      library: speed('library'),
      ofLibrary: ours / library,
      memory,
    },
  ];
}

async function main() {
  const { values } = readCommandLine('scripts/bench', HELP, {
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: PARTS.join(',') },
      json: { type: 'string' },
      bin: { type: 'string' },
    },
  });
  const parts = values.only.split(',');
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) refuseCommandLine('scripts/bench', `--only ${unknown}: choose from ${PARTS.join(', ')}`);
  const bin = path.resolve(values.bin ?? path.join(ROOT, 'dist/bin'));
  if (!existsSync(path.join(bin, 'das2srv'))) throw new Error(`no das2srv in ${bin}: run scripts/build first`);
  const work = mkdtempSync(path.join(tmpdir(), 'das2-bench-'));
  const figures = {};
  try {
    const settings = { bin, work, rounds: values.quick ? 9 : 41 };
    if (parts.includes('start')) {
      figures.start = await measureStart(settings);
      printTimes('Start-up', figures.start);
    }
    if (parts.includes('requests')) {
      figures.requests = await measureRequests(settings);
      printTimes('Requests (CGI, one process each, no web server)', figures.requests);
    }
    const sizes = values.quick ? { rounds: 3, megabytes: 40 } : { rounds: 7, megabytes: 240 };
    if (parts.includes('streams')) {
      figures.streams = await measureStreams({ ...settings, ...sizes });
      printStreams(figures.streams);
    }
    if (parts.includes('spectra')) {
      figures.spectra = await measureSpectra({ ...settings, ...sizes });
      printSpectra(figures.spectra);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

try {
  await main();
} catch (error) {
  console.error(`scripts/bench: ${error.message}`);
  process.exitCode = 1;
}
