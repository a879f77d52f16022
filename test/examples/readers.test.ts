/** What all example readers have in common: ranges, repeatable records, empty ranges, wrong arguments, a receiver that leaves. */
import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { EXAMPLE_PROGRAMS } from '../../conf/examples/programs.js';
import { BUN, findings, MAIN, readStream, runReader } from './run-reader.js';

/** Microseconds from 2000-01-01 to 2026-01-01. */
const BEGIN = 9497 * 86400e6;

interface Case {
  readonly name: string;
  /** In front of BEGIN and END. */
  readonly before?: readonly string[];
  /** Microseconds from one record to the next, and of the first record after a full second. */
  readonly step: number;
  readonly phase?: number;
  readonly planes: readonly string[];
  readonly title: string;
}

const CASES: readonly Case[] = [
  {
    name: 'orbit_field',
    step: 1e6,
    planes: ['time', 'B_north', 'B_east', 'B_down', 'B_magnitude', 'latitude', 'altitude'],
    title: 'Geomagnetic field along an orbit%{xCacheResInfo}',
  },
  { name: 'random_walk', step: 1e6, planes: ['time', 'distance'], title: 'Random walk%{xCacheResInfo}' },
  {
    name: 'waveform',
    step: 50e3,
    planes: ['time', 'E'],
    title: 'Whistler-mode chorus, modelled%{xCacheResInfo}',
  },
  {
    name: 'spectra',
    step: 50e3,
    phase: 25e3,
    planes: ['time', 'E_density'],
    title: 'Spectra of modelled chorus%{xCacheResInfo}',
  },
  {
    name: 'params',
    step: 60e6,
    planes: ['time', 'B_x', 'B_y', 'B_z', 'B_mag'],
    title: 'Magnetic field, components and units by choice%{xCacheResInfo}',
  },
  {
    name: 'ephemeris',
    before: ['30'],
    step: 30e6,
    planes: ['time', ...['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn'].flatMap(planesOfBody)],
    title: 'Positions of the planets',
  },
];

function planesOfBody(body: string): string[] {
  return ['x', 'y', 'z', 'r'].map((suffix) => `${body}_${suffix}`);
}

/** Time text of 2026-01-01 plus some microseconds. */
function at(microseconds: number): string {
  const date = new Date(Date.UTC(2026, 0, 1) + Math.floor(microseconds / 1000));
  return date.toISOString().replace('Z', `${String(microseconds % 1000).padStart(3, '0')}Z`);
}

for (const { name, before = [], step, phase = 0, planes, title } of CASES) {
  const read = (begin: number, end: number) => {
    const run = runReader(name, [...before, at(begin), at(end)]);
    t.equal(run.status, 0, run.errors);
    t.same(findings(run.output), []);
    return readStream(run.output);
  };

  t.test(`${name}: headers and records of a range`, async (t) => {
    const { header, packetHeaders, records, exceptions } = read(0, 100 * step);
    t.equal(header.version, '2.2');
    t.equal(header.properties.find((property) => property.name === 'title')?.value, title);
    t.match(
      header.properties.find((property) => property.name === 'monotonicXTags'),
      { value: 'true', type: '' },
      'told without a type: das2java reads it as text, and fails on boolean:xMonotonic',
    );
    t.equal(packetHeaders.length, 1);
    t.same(
      packetHeaders[0]?.planes.map((plane) => plane.name),
      planes,
    );
    t.same(exceptions, []);
    t.same(
      records.map((record) => record.x),
      Array.from({ length: 100 }, (_, i) => BEGIN + phase + i * step),
      'one record each step, begin included and end not',
    );
    t.ok(records.every((record) => record.values.every(Number.isFinite)));
  });

  t.test(`${name}: begin is inclusive, end exclusive`, async (t) => {
    const exact = read(phase + step, phase + 3 * step).records;
    t.same(
      exact.map((record) => record.x),
      [BEGIN + phase + step, BEGIN + phase + 2 * step],
    );
    const late = read(phase + step + 1, phase + 3 * step + 1).records;
    t.same(
      late.map((record) => record.x),
      [BEGIN + phase + 2 * step, BEGIN + phase + 3 * step],
    );
  });

  t.test(`${name}: a record is the same in every range`, async (t) => {
    const whole = read(0, 200 * step).records;
    const pieces = [0, 1, 60, 61, 137, 200].map((start) => start * step);
    const joined = pieces.slice(1).flatMap((end, i) => read(pieces[i]!, end).records);
    t.same(joined, whole);
  });

  t.test(`${name}: a range without records`, async (t) => {
    const { records, exceptions } = read(phase + 1, phase + 2);
    t.same(records, []);
    t.equal(exceptions[0]?.type, 'NoDataInInterval');
    t.equal(exceptions.length, 1);
  });

  t.test(`${name}: arguments it cannot use`, async (t) => {
    const wrong: readonly (readonly string[])[] = [
      [],
      [...before, '2026-01-01'],
      [...before, '2026-01-01', '2026-01-01'],
      [...before, '2026-01-02', '2026-01-01'],
      [...before, '2026-13-01', '2026-01-02'],
      [...before, 'yesterday', 'today'],
    ];
    for (const args of wrong) {
      const run = runReader(name, args);
      t.equal(run.status, 1, args.join(' '));
      t.match(run.errors, new RegExp(`^${name}: .+\n$`), 'one line says why');
      t.equal(run.output.length, 0);
    }
  });

  t.test(`${name}: ends quietly when nobody listens`, async (t) => {
    const reader = spawn(BUN, [MAIN, name, ...before, '2000-01-01', '2050-01-01'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    reader.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await new Promise<void>((done) => reader.stdout.once('data', () => done()));
    reader.stdout.destroy();
    const status = await new Promise((done) => reader.once('close', done));
    t.equal(status, 0);
    t.equal(errors, '');
  });
}

t.test('a slow receiver gets everything (EAGAIN is waited for)', async (t) => {
  // dd leaves the pipe non-blocking; the reader fills it while nobody reads.
  const args = ['random_walk', '2026-01-01', '2026-01-01T06:00'];
  const script = '{ dd if=/dev/null oflag=nonblock 2>/dev/null; "$@"; } | { sleep 0.3; cat; }';
  const slow = spawnSync('sh', ['-c', script, 'sh', BUN, MAIN, ...args]);
  t.equal(slow.stderr.toString(), '');
  t.ok(slow.stdout.equals(runReader(args[0]!, args.slice(1)).output));
});

t.test('an unknown reader is refused', async (t) => {
  for (const name of ['nothing', 'toString', '']) {
    const run = runReader(name, ['2026-01-01', '2026-01-02']);
    t.equal(run.status, 1);
    t.match(run.errors, /choose one of orbit_field /);
  }
});

t.test('ISO times of every form that the server passes on', async (t) => {
  const expected = runReader('random_walk', ['2026-01-02T00:00', '2026-01-02T00:01']).output;
  for (const [begin, end] of [
    ['2026-002', '2026-002T00:01'],
    ['2026-01-02', '2026-01-02T00:01:00.000Z'],
    ['2026-01-02T00', '2026-01-02T00:01:00.000000'],
    ['2026-01-01T23:59:59.000000001', '2026-01-02T00:00:59.000000001'],
  ] as const) {
    t.ok(runReader('random_walk', [begin, end]).output.equals(expected), `${begin} to ${end}`);
  }
});

t.test('random_walk --seed', async (t) => {
  const range = ['2026-01-01', '2026-01-01T00:01'];
  const walk = (...seed: string[]) => readStream(runReader('random_walk', [...seed, ...range]).output).records;
  t.same(walk('--seed', '1'), walk());
  t.notSame(walk('--seed', '2'), walk());
  const steps = walk().map((record, i, all) => Math.abs(record.values[0]! - (all[i - 1] ?? record).values[0]!));
  t.ok(Math.max(...steps) > 0 && Math.max(...steps) < 10, 'steps of a walk');
  for (const seed of ['x', '1.5', '']) t.equal(runReader('random_walk', ['--seed', seed, ...range]).status, 1);
});

t.test('params: options', async (t) => {
  const range = ['2026-01-01', '2026-01-01T00:10'];
  const read = (...options: string[]) => readStream(runReader('params', [...range, ...options]).output);
  const names = (...options: string[]) => read(...options).packetHeaders[0]?.planes.map((plane) => plane.name);
  t.same(names('x'), ['time', 'B_x']);
  t.same(names('mag', 'y'), ['time', 'B_y', 'B_mag'], 'order of the words does not matter');
  const nanotesla = read('mag').records[3]?.values[0] ?? Number.NaN;
  const { records, packetHeaders } = read('G', 'mag');
  t.equal(packetHeaders[0]?.planes[1]?.units, 'gauss');
  t.ok(Math.abs((records[3]?.values[0] ?? 0) / nanotesla / 1e-5 - 1) < 1e-5, '1 nT is 1e-5 gauss');
  const { x, y, z, mag } = Object.fromEntries(
    ['x', 'y', 'z', 'mag'].map((name, i) => [name, read().records[5]?.values[i] ?? Number.NaN]),
  ) as Record<string, number>;
  t.ok(Math.abs(Math.hypot(x!, y!, z!) - mag!) < 1e-3, 'the magnitude is that of the components');

  for (const stranger of ['w', 'X', 'toString', '"><x', '']) {
    const run = runReader('params', [...range, 'x', stranger]);
    t.equal(run.status, 0, 'the client is told in the stream');
    const refused = readStream(run.output);
    t.equal(refused.exceptions[0]?.type, 'IllegalArgument');
    t.match(refused.exceptions[0]?.message, `"${stranger}"`);
    t.same(refused.records, []);
  }
});

t.test('ephemeris: intervals and bodies', async (t) => {
  const range = ['2026-01-01', '2026-01-11'];
  const { records, packetHeaders } = readStream(
    runReader('ephemeris', ['86400', ...range, 'EARTH', 'moon', 'earth']).output,
  );
  t.same(
    packetHeaders[0]?.planes.map((plane) => plane.name),
    ['time', 'earth_x', 'earth_y', 'earth_z', 'earth_r', 'moon_x', 'moon_y', 'moon_z', 'moon_r'],
  );
  t.equal(records.length, 10);
  for (const { values } of records) {
    const [x, y, z, r, moonX, moonY, moonZ] = values as [number, number, number, number, number, number, number];
    t.ok(Math.abs(Math.hypot(x, y, z) - r) < 1e-12);
    t.ok(r > 0.983 && r < 0.984, 'the Earth is near perihelion in January');
    t.ok(Math.abs(z) < 1e-4, 'and in the ecliptic');
    const distance = Math.hypot(moonX - x, moonY - y, moonZ - z) * 149597870.7;
    t.ok(distance > 356000 && distance < 407000, 'the Moon is where it belongs');
  }
  const fractional = readStream(runReader('ephemeris', ['0.1', '2026-01-01', '2026-01-01T00:00:01', 'mars']).output);
  t.equal(fractional.records.length, 10);
  for (const interval of ['0', '-1', 'x', '', 'Infinity', 'NaN']) {
    t.equal(runReader('ephemeris', [interval, ...range]).status, 1, interval);
  }
  const unknown = runReader('ephemeris', ['60', ...range, 'vulcan']);
  t.equal(unknown.status, 1);
  t.match(unknown.errors, /BODY: "vulcan" is none of mercury/);
});

t.test('--help alone says how to call a reader', async (t) => {
  for (const name of EXAMPLE_PROGRAMS) {
    const { status, output, errors } = runReader(name, ['--help']);
    t.match({ status, errors }, { status: 0, errors: '' }, name);
    t.match(output.toString(), new RegExp(`^Usage: ${name} .*BEGIN END`));
  }
  t.equal(runReader('random_walk', ['2026-01-01', '--help']).status, 1, 'not where a time stands');
});
