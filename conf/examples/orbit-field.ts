/**
 * orbit_field BEGIN END: the Earth's magnetic field along the orbit of a satellite, one record a second.
 *
 * Orbit: fixed mean elements propagated with SGP4. Their drag term is zero, so that the orbit neither decays nor blows up
 * however far from the epoch it is asked for; the satellite is an imaginary one.
 * Field: World Magnetic Model, north/east/down. The package holds the models of 2015, 2020 and 2025; later and earlier dates
 * get the field of the last and the first day these are made for.
 *
 * The model costs more than everything else together, so it is evaluated at the full minutes only. In between stands the
 * polynomial of fifth degree through the six nearest minutes, within 0.25 nT of the model itself; only during the three
 * minutes on both sides of the moment when one model takes over from another it leads smoothly across the step.
 *
 * Every record depends on nothing but its own time: blocks of a cache fit together, whatever ranges they were made from.
 */
import geomagnetism, { type GeomagnetismModel } from 'geomagnetism';
import { eciToGeodetic, gstime, json2satrec, propagate } from 'satellite.js';
import { PacketOutput } from './packet-output.js';
import { readTimeRange, recordAt } from './time-range.js';

const SECOND = 1e9;
const NODE_SPACING = 60;
const NODES = 6;
const QUANTITIES = 5;
const RECORD_BYTES = 8 + 6 * 4;
const MILLISECONDS_1970_TO_2000 = Date.UTC(2000, 0, 1);
const FIRST_MODELLED_DAY = Date.UTC(2014, 11, 16);
const LAST_MODELLED_DAY = Date.UTC(2029, 10, 12);

const SATELLITE = json2satrec({
  OBJECT_NAME: 'Example satellite',
  OBJECT_ID: '2025-000A',
  NORAD_CAT_ID: 0,
  ELEMENT_SET_NO: 1,
  EPOCH: '2025-01-01T00:00:00',
  MEAN_MOTION: 14.5, // revolutions a day
  ECCENTRICITY: 0.03,
  INCLINATION: 65,
  RA_OF_ASC_NODE: 40,
  ARG_OF_PERICENTER: 270,
  MEAN_ANOMALY: 0,
  MEAN_MOTION_DOT: 0,
  MEAN_MOTION_DDOT: 0,
  BSTAR: 0,
});

/** Magnetic field in nT (north, east, down), geodetic latitude in degrees and height above the ellipsoid in km. */
export type FieldAtSatellite = [north: number, east: number, down: number, latitude: number, height: number];

/** The field at the satellite by the models themselves, `second` seconds after 2000-01-01. */
export function fieldAt(second: number): FieldAtSatellite {
  const date = new Date(MILLISECONDS_1970_TO_2000 + second * 1000);
  const state = propagate(SATELLITE, date);
  if (state === null) throw new Error(`no orbit for ${date.toISOString()}`);
  const place = eciToGeodetic(state.position, gstime(date));
  const latitude = (place.latitude * 180) / Math.PI;
  const longitude = (place.longitude * 180) / Math.PI;
  const { x, y, z } = modelFor(second).point([latitude, longitude, place.height]);
  return [x, y, z, latitude, place.height];
}

let modelHour = Number.NaN;
let model: GeomagnetismModel | undefined;

/** The coefficients drift by less than 0.02 nT an hour, so one set an hour will do. */
function modelFor(second: number): GeomagnetismModel {
  const hour = Math.floor(second / 3600);
  if (model === undefined || hour !== modelHour) {
    const time = MILLISECONDS_1970_TO_2000 + (hour + 0.5) * 3600e3;
    const modelled = new Date(Math.min(Math.max(time, FIRST_MODELLED_DAY), LAST_MODELLED_DAY));
    model = geomagnetism.model(modelled, { allowOutOfBoundsModel: true });
    modelHour = hour;
  }
  return model;
}

/** Weights of six neighbouring nodes (-2 to 3) for each second after node 0: Lagrange's polynomials. */
function interpolationWeights(): Float64Array {
  const weights = new Float64Array(NODE_SPACING * NODES);
  for (let second = 0; second < NODE_SPACING; second++) {
    for (let node = 0; node < NODES; node++) {
      let weight = 1;
      for (let other = 0; other < NODES; other++) {
        if (other !== node) weight *= (second / NODE_SPACING + 2 - other) / (node - other);
      }
      weights[second * NODES + node] = weight;
    }
  }
  return weights;
}

export function main(args: readonly string[]): number {
  const { begin, end } = readTimeRange(args[0], args[1]);
  const output = new PacketOutput();
  output.streamHeader(`
    title="Geomagnetic field along an orbit%{xCacheResInfo}" xLabel="Time (UTC)" yLabel="Magnetic field (nT)"
    Datum:xTagWidth="1 s" monotonicXTags="true" sourceId="orbit_field"`);
  output.packetHeader(
    1,
    `  <x name="time" type="little_endian_real8" units="us2000" />
  <y name="B_north" type="little_endian_real4" units="nT"><properties yLabel="B north (nT)" /></y>
  <y name="B_east" type="little_endian_real4" units="nT"><properties yLabel="B east (nT)" /></y>
  <y name="B_down" type="little_endian_real4" units="nT"><properties yLabel="B down (nT)" /></y>
  <y name="B_magnitude" type="little_endian_real4" units="nT"><properties yLabel="|B| (nT)" /></y>
  <y name="latitude" type="little_endian_real4" units="deg"><properties yLabel="Geodetic latitude (deg)" /></y>
  <y name="altitude" type="little_endian_real4" units="km"><properties yLabel="Altitude (km)" /></y>`,
  );

  const first = recordAt(begin, SECOND);
  const last = recordAt(end, SECOND);
  if (first === last) output.exception('NoDataInInterval', 'There is one record at each full second.');

  const weights = interpolationWeights();
  const nodes = new Float64Array(NODES * QUANTITIES);
  for (let second = first; second < last; ) {
    const minute = Math.floor(second / NODE_SPACING);
    moveNodes(nodes, minute, second === first);
    const minuteEnd = Math.min((minute + 1) * NODE_SPACING, last);
    for (; second < minuteEnd; second++) {
      writeRecord({ output, second, nodes, weights, weightsAt: (second - minute * NODE_SPACING) * NODES });
    }
  }
  output.flush();
  return 0;
}

/** Makes `nodes` the six around `minute`. All are computed for the first minute, afterwards one new one each time. */
function moveNodes(nodes: Float64Array, minute: number, isFirst: boolean): void {
  nodes.copyWithin(0, QUANTITIES);
  for (let node = isFirst ? 0 : NODES - 1; node < NODES; node++) {
    nodes.set(fieldAt((minute + node - 2) * NODE_SPACING), node * QUANTITIES);
  }
}

interface RecordSource {
  readonly output: PacketOutput;
  readonly second: number;
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
  readonly weightsAt: number;
}

function writeRecord({ output, second, nodes, weights, weightsAt }: RecordSource): void {
  let [north, east, down, latitude, height] = [0, 0, 0, 0, 0];
  for (let node = 0, at = 0; node < NODES; node++, at += QUANTITIES) {
    const weight = weights[weightsAt + node]!;
    north += weight * nodes[at]!;
    east += weight * nodes[at + 1]!;
    down += weight * nodes[at + 2]!;
    latitude += weight * nodes[at + 3]!;
    height += weight * nodes[at + 4]!;
  }
  const at = output.record(1, RECORD_BYTES);
  const { view } = output;
  view.setFloat64(at, second * 1e6, true);
  view.setFloat32(at + 8, north, true);
  view.setFloat32(at + 12, east, true);
  view.setFloat32(at + 16, down, true);
  view.setFloat32(at + 20, Math.sqrt(north * north + east * east + down * down), true);
  view.setFloat32(at + 24, latitude, true);
  view.setFloat32(at + 28, height, true);
}
