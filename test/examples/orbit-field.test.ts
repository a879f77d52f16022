/** The reader orbit_field against the field model and the orbit propagator that it interpolates. */
import geomagnetism from 'geomagnetism';
import { eciToGeodetic, gstime, json2satrec, propagate } from 'satellite.js';
import t from 'tap';
import { readStream, runReader } from './run-reader.js';

/** The elements that the reader's head describes; the test computes orbit and field on its own. */
const SATELLITE = json2satrec({
  OBJECT_NAME: 'x',
  OBJECT_ID: '2025-000A',
  NORAD_CAT_ID: 0,
  ELEMENT_SET_NO: 1,
  EPOCH: '2025-01-01T00:00:00',
  MEAN_MOTION: 14.5,
  ECCENTRICITY: 0.03,
  INCLINATION: 65,
  RA_OF_ASC_NODE: 40,
  ARG_OF_PERICENTER: 270,
  MEAN_ANOMALY: 0,
  MEAN_MOTION_DOT: 0,
  MEAN_MOTION_DDOT: 0,
  BSTAR: 0,
});

interface Place {
  readonly date: Date;
  readonly latitude: number;
  readonly longitude: number;
  readonly height: number;
}

function placeAt(us2000: number): Place {
  const date = new Date(Date.UTC(2000, 0, 1) + us2000 / 1000);
  const state = propagate(SATELLITE, date);
  if (state === null) throw new Error('the orbit decayed');
  const place = eciToGeodetic(state.position, gstime(date));
  const degrees = 180 / Math.PI;
  return { date, latitude: place.latitude * degrees, longitude: place.longitude * degrees, height: place.height };
}

function modelled({ date, latitude, longitude, height }: Place, modelDate = date): number[] {
  const field = geomagnetism.model(modelDate).point([latitude, longitude, height]);
  return [field.x, field.y, field.z, field.f, latitude, height];
}

function read(begin: string, end: string) {
  return readStream(runReader('orbit_field', [begin, end]).output).records;
}

t.test('within 0.25 nT of the model, at every second of one orbit', async (t) => {
  let worst = 0;
  let worstPlace = 0;
  for (const { x, values } of read('2026-03-20T00:00', '2026-03-20T01:40')) {
    const direct = modelled(placeAt(x));
    for (let i = 0; i < 4; i++) worst = Math.max(worst, Math.abs(values[i]! - direct[i]!));
    for (let i = 4; i < 6; i++) worstPlace = Math.max(worstPlace, Math.abs(values[i]! - direct[i]!));
  }
  t.comment(`largest difference ${worst.toFixed(4)} nT; ${worstPlace.toFixed(6)} degrees or km`);
  t.ok(worst > 0 && worst < 0.25, `${worst} nT`);
  t.ok(worstPlace < 1e-3, `${worstPlace} degrees or km`);
});

t.test('within 1 nT in all years of the models', async (t) => {
  for (let year = 2015; year <= 2029; year++) {
    const worst = Math.max(
      ...read(`${year}-07-11T05:00`, `${year}-07-11T05:10`).map(({ x, values }) => {
        const direct = modelled(placeAt(x));
        return Math.max(...[0, 1, 2, 3].map((i) => Math.abs(values[i]! - direct[i]!)));
      }),
    );
    t.ok(worst < 1, `${year}: ${worst} nT`);
  }
});

t.test('outside the models: the field of the nearest modelled day, on an orbit that stays', async (t) => {
  for (const [begin, end, modelDate] of [
    ['1980-01-01', '1980-01-01T00:02', '2014-12-16'],
    ['2060-01-01', '2060-01-01T00:02', '2029-11-12'],
    ['2300-01-01', '2300-01-01T00:02', '2029-11-12'],
  ] as const) {
    const records = read(begin, end);
    t.equal(records.length, 120);
    for (const { x, values } of records) {
      const place = placeAt(x);
      t.ok(place.height > 480 && place.height < 960, `${place.height} km`);
      const direct = modelled(place, new Date(modelDate));
      t.ok(Math.max(...[0, 1, 2, 3].map((i) => Math.abs(values[i]! - direct[i]!))) < 1);
    }
  }
});

t.test('where one model takes over from another the values lead across', async (t) => {
  const records = read('2024-11-13T02:50', '2024-11-13T03:10');
  const steps = records.slice(1).map((record, i) => Math.abs(record.values[0]! - records[i]!.values[0]!));
  t.ok(Math.max(...steps) < 100, 'no jump between two seconds');
});

t.test('a year of times costs nothing to seek: the last second of 2029 is there at once', async (t) => {
  t.equal(read('2029-10-31T23:59:59', '2029-11-01').length, 1);
});
