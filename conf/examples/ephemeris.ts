/**
 * ephemeris INTERVAL BEGIN END [BODY...]: where the planets are, one record every INTERVAL seconds.
 *
 * An example of a source with `requiresInterval = 1`: positions exist for any time, so the client must say how many it wants,
 * and the interval comes first. The server never reduces such a source; averages of positions would be of no use to anybody.
 *
 * Positions are heliocentric, in the ecliptic of J2000, in astronomical units. Times are whole multiples of INTERVAL from
 * 2000-01-01, so that neighbouring requests join. BODY is any of the names below, in any case; without one the four inner
 * planets, Jupiter and Saturn are listed.
 */
import { Body, HelioVector, RotateVector, Rotation_EQJ_ECL } from 'astronomy-engine';
import { ArgumentError, PacketOutput } from './packet-output.js';
import { readTimeRange, type Time } from './time-range.js';

const BODIES: Readonly<Record<string, Body>> = {
  mercury: Body.Mercury,
  venus: Body.Venus,
  earth: Body.Earth,
  moon: Body.Moon,
  mars: Body.Mars,
  jupiter: Body.Jupiter,
  saturn: Body.Saturn,
  uranus: Body.Uranus,
  neptune: Body.Neptune,
  pluto: Body.Pluto,
};
const USUAL_BODIES = ['mercury', 'venus', 'earth', 'mars', 'jupiter', 'saturn'];
const MILLISECONDS_1970_TO_2000 = Date.UTC(2000, 0, 1);
const VALUES_PER_BODY = 4;
const RECORDS_PER_FLUSH = 500;

export function main(args: readonly string[]): number {
  const interval = readInterval(args[0]);
  const { begin, end } = readTimeRange(args[1], args[2]);
  const names = readBodies(args.slice(3));

  const output = new PacketOutput();
  output.streamHeader(`
    title="Positions of the planets" xLabel="Time (UTC)" yLabel="Heliocentric position (AU)"
    Datum:xTagWidth="${2 * interval} s" monotonicXTags="true" sourceId="ephemeris"`);
  output.packetHeader(
    1,
    ['  <x name="time" type="little_endian_real8" units="us2000" />', ...names.map(planes)].join('\n'),
  );

  const first = Math.ceil(seconds(begin) / interval);
  const last = Math.ceil(seconds(end) / interval);
  if (first === last) {
    output.exception('NoDataInInterval', `No whole multiple of ${interval} s since 2000-01-01 lies in this range.`);
  }
  const toEcliptic = Rotation_EQJ_ECL();
  for (let number = first; number < last; number++) {
    const second = number * interval;
    const date = new Date(MILLISECONDS_1970_TO_2000 + second * 1000);
    let at = output.record(1, 8 + names.length * VALUES_PER_BODY * 8);
    output.view.setFloat64(at, second * 1e6, true);
    for (const name of names) {
      const place = RotateVector(toEcliptic, HelioVector(BODIES[name]!, date));
      for (const value of [place.x, place.y, place.z, place.Length()]) {
        at += 8;
        output.view.setFloat64(at, value, true);
      }
    }
    // Far away planets take their time: let the client see that something is coming.
    if (number % RECORDS_PER_FLUSH === 0) output.flush();
  }
  output.flush();
  return 0;
}

function planes(name: string): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const plane = (suffix: string, label: string) =>
    `  <y name="${name}_${suffix}" type="little_endian_real8" units="AU"><properties yLabel="${title} ${label} (AU)" /></y>`;
  return [plane('x', 'x'), plane('y', 'y'), plane('z', 'z'), plane('r', 'distance from the Sun')].join('\n');
}

function readInterval(text: string | undefined): number {
  if (text === undefined) throw new ArgumentError('INTERVAL is missing: seconds between two positions');
  const interval = Number(text);
  if (text.trim() === '' || !Number.isFinite(interval) || interval <= 0) {
    throw new ArgumentError(`INTERVAL: "${text}" is not a positive number of seconds`);
  }
  return interval;
}

function readBodies(words: readonly string[]): readonly string[] {
  const names = words.map((word) => word.toLowerCase());
  for (const name of names) {
    if (!Object.hasOwn(BODIES, name)) {
      throw new ArgumentError(`BODY: "${name}" is none of ${Object.keys(BODIES).join(' ')}`);
    }
  }
  return names.length === 0 ? USUAL_BODIES : [...new Set(names)];
}

function seconds(time: Time): number {
  return time.day * 86400 + time.nanosecond / 1e9;
}
