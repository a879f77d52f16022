/**
 * Units that are understood: every time point unit at two known moments, leap seconds one by one, interval units.
 */
import fc from 'fast-check';
import t from 'tap';
import { LEAP_SECONDS } from '../../lib/stream/leap-seconds.js';
import {
  compareTimes,
  formatTime,
  parseTime,
  type TimePoint,
  timePoint,
  us2000FromTime,
} from '../../lib/stream/time.js';
import { frequencyHertz, intervalSeconds, type TimeUnits, timeUnits } from '../../lib/stream/units.js';

const units = (name: string): TimeUnits => {
  const found = timeUnits(name);
  if (found === undefined) throw new Error(`no units ${name}`);
  return found;
};

/** Value of 2000-01-01T00:00 and of 2017-07-01T12:00 in each of the units. */
const KNOWN: Readonly<Record<string, readonly [number, number]>> = {
  us2000: [0, 552225600e6],
  UTC: [0, 552225600e6],
  t2000: [0, 552225600],
  t1970: [946684800, 1498910400],
  unixTime: [946684800, 1498910400],
  ns1970: [946684800e9, 1498910400e9],
  us1970: [946684800e6, 1498910400e6],
  ms1970: [946684800e3, 1498910400e3],
  us1980: [631152000e6, 1183377600e6],
  us2020: [-631152000e6, -78926400e6],
  t2010: [-315619200, 236606400],
  mj1958: [15340, 21731.5],
  mjd: [51544, 57935.5],
  julianDay: [2451544.5, 2457936],
  cdfEpoch: [63113904000000, 63666129600000],
  TT2000: [-43135816000000, 552182469184000000],
  tt2000: [-43135816000000, 552182469184000000],
  cdfTT2000: [-43135816000000, 552182469184000000],
  'seconds since 2010-01-01': [-315619200, 236606400],
  'hours since 1999-12-31T12:00': [12, 153408],
  'days since 2000-01-01T00:00:00Z': [0, 6391.5],
};

t.test('two moments in every unit', (t) => {
  const moments = [parseTime('2000-01-01'), parseTime('2017-07-01T12:00')];
  for (const [name, values] of Object.entries(KNOWN)) {
    for (const [index, moment] of moments.entries()) {
      const value = values[index] as number;
      const unit = units(name);
      t.equal(unit.fromTime(moment), value, `${name}: from time`);
      t.same(unit.toTime(value), moment, `${name}: to time`);
      t.equal(unit.toUs2000(value), us2000FromTime(moment), `${name}: to us2000`);
      t.equal(unit.fromUs2000(us2000FromTime(moment)), value, `${name}: from us2000`);
    }
  }
  t.end();
});

t.test('names are case sensitive, and other units are no time points', (t) => {
  for (const name of [
    'US2000',
    'utc',
    'T2000',
    's',
    '',
    'V',
    'fathoms since 2000-01-01',
    'seconds since noon',
    'constructor',
    '__proto__',
  ]) {
    t.equal(timeUnits(name), undefined, name);
  }
  t.end();
});

t.test('the order of operations of the reference', (t) => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 3e9, noNaN: true }), (v) => {
      return (
        units('t2000').toUs2000(v) === v * 1e6 &&
        units('t1970').toUs2000(v) === (v - 946684800) * 1e6 &&
        units('ns1970').toUs2000(v * 1e9) === (v * 1e9 - 9.466848e17) * 1e-3 &&
        units('mj1958').toUs2000(v / 1e4) === (v / 1e4 - 15340) * 86400 * 1e6
      );
    }),
  );
  t.end();
});

t.test('a linear unit says its numbers', (t) => {
  for (const name of Object.keys(KNOWN)) {
    const { linear, toUs2000 } = units(name);
    if (linear === undefined) continue;
    const value = 12345.678;
    t.equal((value - linear.offset) * linear.scale * linear.secondScale, toUs2000(value), name);
  }
  t.end();
});

t.test('a time point survives units fine enough for it', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -3000, max: 20000 }), fc.integer({ min: 0, max: 86399 }), (day, second) => {
      const time = timePoint(day, second * 1e9);
      return Object.keys(KNOWN).every((name) => {
        const unit = units(name);
        const back = unit.toTime(unit.fromTime(time));
        // Days as doubles are good to a microsecond.
        const distance = Math.abs((back.day - time.day) * 86400e9 + (back.nanosecond - time.nanosecond));
        return distance <= (/^(mj|julian|days|hours)/.test(name) ? 50_000 : 0);
      });
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('leap seconds as the bulletins announced them', (t) => {
  // Years with one at the end of June, and at the end of December.
  const june = [1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015];
  const december = [1972, 1973, 1974, 1975, 1976, 1977, 1978, 1979, 1987, 1989, 1990, 1995, 1998, 2005, 2008, 2016];
  const begins = [...june.map((year) => [year, 7]), ...december.map((year) => [year + 1, 1]), [1972, 1]]
    .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)
    .map((begin, index) => [10 + index, ...begin]);
  t.strictSame(LEAP_SECONDS, begins);
  t.end();
});

t.test('TT2000 at every leap second', (t) => {
  const tt2000 = units('TT2000');
  t.equal(tt2000.fromTime(parseTime('2017-01-01')), 536500869184000000, 'check value');
  for (const [offset, year, month] of LEAP_SECONDS.slice(1)) {
    const start = parseTime(`${year}-${String(month).padStart(2, '0')}-01`);
    const before: TimePoint = timePoint(start.day - 1, 86399e9);
    const value = tt2000.fromTime(start);
    const name = `offset ${offset}`;
    t.same(tt2000.toTime(value), start, name);
    t.equal(value - tt2000.fromTime(before), 2e9, `${name}: two seconds after 23:59:59`);
    t.same(tt2000.toTime(value - 2e9), before, `${name}: 23:59:59`);
    t.same(tt2000.toTime(value - 1e9), before, `${name}: 23:59:60 maps onto 23:59:59`);
    t.equal(tt2000.toUs2000(value - 1e9), us2000FromTime(before), `${name}: in us2000 too`);
    t.ok(compareTimes(tt2000.toTime(value - 1e9 - 128), before) > 0, `${name}: just before the leap second`);
    // TAI-UTC from the number itself: TT is TAI + 32.184 s.
    const days = BigInt(start.day) * 86400n - 43200n;
    t.equal(Number((BigInt(value) - days * 1_000_000_000n) / 1_000_000n) / 1000, offset + 32.184, name);
  }
  t.equal(formatTime(tt2000.toTime(0)), '2000-01-01T11:58:55.816');
  t.equal(tt2000.toUs2000(0), 43135816000);
  t.same(tt2000.toTime(tt2000.fromTime(parseTime('1960-01-01'))), parseTime('1960-01-01'), 'before 1972');
  t.end();
});

t.test('interval and frequency units', (t) => {
  const names: Readonly<Record<string, number>> = {
    s: 1,
    sec: 1,
    second: 1,
    seconds: 1,
    ms: 1e-3,
    msec: 1e-3,
    millisec: 1e-3,
    milliseconds: 1e-3,
    us: 1e-6,
    usec: 1e-6,
    microsec: 1e-6,
    microseconds: 1e-6,
    '\u00b5s': 1e-6,
    '\u03bcs': 1e-6,
    ns: 1e-9,
    nsec: 1e-9,
    nanosec: 1e-9,
    nanoseconds: 1e-9,
    min: 60,
    minute: 60,
    minutes: 60,
    hr: 3600,
    hrs: 3600,
    hour: 3600,
    hours: 3600,
    day: 86400,
    days: 86400,
  };
  for (const [name, seconds] of Object.entries(names)) t.equal(intervalSeconds(name), seconds, name);
  for (const name of ['', 'S', 'Hz', 'V', 'constructor']) t.equal(intervalSeconds(name), undefined, name);
  t.equal(frequencyHertz('kHz'), 1000);
  t.equal(frequencyHertz('s'), undefined);
  for (const [name, interval] of [
    ['us2000', 'microseconds'],
    ['t2000', 's'],
    ['t1970', 's'],
    ['ns1970', 'ns'],
    ['mj1958', 'days'],
    ['TT2000', 'ns'],
  ] as const) {
    t.equal(units(name).interval, interval);
    t.equal(units(name).intervalSeconds, intervalSeconds(interval));
  }
  t.end();
});
