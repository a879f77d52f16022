/** What documents and records of HAPI look like: the checks of hapi-verifier.ts that need no request (server-internals 6.7). */

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly units: unknown;
  readonly fill: unknown;
  readonly length?: unknown;
  readonly size?: readonly number[];
  readonly label?: unknown;
  readonly description?: unknown;
  readonly bins?: readonly { name: string; units: unknown; centers?: readonly number[] }[];
}

export interface Info {
  readonly startDate: string;
  readonly stopDate: string;
  readonly sampleStartDate?: string;
  readonly sampleStopDate?: string;
  readonly cadence?: string;
  readonly parameters: readonly Parameter[];
  readonly [key: string]: unknown;
}

/** Notes a finding unless all is well. */
export type Must = (ok: boolean, what: string) => void;

const INFO_KEYS = new Set(
  (
    'HAPI status startDate stopDate timeStampLocation cadence sampleStartDate sampleStopDate maxRequestDuration description ' +
    'unitsSchema coordinateSystemSchema resourceURL resourceID creationDate modificationDate contact contactID parameters ' +
    'additionalMetadata datasetCitation licenseURL provenance note warning citation location geoLocation'
  ).split(' '),
);
const PARAMETER_KEYS = new Set(
  'name type length size units coordinateSystemName vectorComponents fill description label stringType bins'.split(' '),
);
/** A number as CSV has it. */
export const NUMBER = /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:\d{3}){0,2}Z$/;

/** What `/info` says of a dataset. */
export function checkInfo(info: Info, must: Must): void {
  for (const key of Object.keys(info)) must(INFO_KEYS.has(key) || key.startsWith('x_'), `key ${key}`);
  must(info.startDate < info.stopDate, 'startDate before stopDate');
  must(TIME.test(info.startDate) && TIME.test(info.stopDate), 'form of dates');
  const { sampleStartDate: begin, sampleStopDate: end } = info;
  must(begin !== undefined && end !== undefined && begin < end, 'sample dates');
  must(/^P(?:T[\d.]+S)$/.test(info.cadence ?? ''), 'cadence');
  const span = (Date.parse(end ?? '') - Date.parse(begin ?? '')) / 1000;
  must(span > 10 * Number((info.cadence ?? '').slice(2, -1)), 'sample longer than ten cadences');
  must(typeof info.modificationDate === 'string', 'modificationDate');
  const names = info.parameters.map(({ name }) => name.toLowerCase());
  must(new Set(names).size === names.length, 'unique names');
  const [time] = info.parameters;
  must(time?.name === 'Time' && time.type === 'isotime' && time.fill === null, 'the time comes first');
  for (const parameter of info.parameters)
    checkParameter(parameter, (ok, what) => must(ok, `${parameter.name}: ${what}`));
}

function checkParameter(parameter: Parameter, must: Must): void {
  const { name, type, units, fill, length, size, label, bins } = parameter;
  for (const key of Object.keys(parameter)) must(PARAMETER_KEYS.has(key) || key.startsWith('x_'), `key ${key}`);
  must(/^[A-Za-z_][A-Za-z0-9_]*$/.test(name), 'name');
  must(/^(?:isotime|double)$/.test(type), 'type');
  must((length !== undefined) === (type === 'isotime'), 'length for times only');
  must(type !== 'isotime' || units === 'UTC', 'units of time');
  must(units === null || (typeof units === 'string' && units !== ''), 'units');
  must(label === undefined || (typeof label === 'string' && label !== ''), 'label');
  must(
    fill === null ? type === 'isotime' : typeof fill === 'string' && Number.isFinite(Number(fill)),
    'fill is a number as text',
  );
  must((bins?.length ?? 0) === (size?.length ?? 0), 'one entry of bins for each dimension');
  for (const [i, { units: binUnits, centers, name: binName }] of (bins ?? []).entries()) {
    must(typeof binUnits === 'string' && binUnits !== '' && binName !== '', 'bins have name and units');
    must(centers?.length === size?.[i] && (centers ?? []).every(Number.isFinite), 'centers');
  }
}

/** Form and order of the records of the sample range. */
export function checkRows(info: Info, rows: readonly string[][], must: Must): void {
  const times = rows.map(([time = '']) => time);
  const length = info.parameters[0]?.length;
  must(
    times.every((time) => TIME.test(time) && time.length === length),
    'form of times',
  );
  must(
    times.every((time, i) => i === 0 || time.slice(0, 23) > (times[i - 1] ?? '').slice(0, 23)),
    'times increase by milliseconds',
  );
  const [begin, end] = [info.sampleStartDate ?? '', info.sampleStopDate ?? ''];
  must((times[0] ?? '') >= begin && (times.at(-1) ?? '') < end, 'times inside of the range');
  const isTime: boolean[] = info.parameters.flatMap(({ type, size }) =>
    Array.from({ length: (size ?? []).reduce((a, b) => a * b, 1) }, () => type === 'isotime'),
  );
  must(
    rows.every((row) => row.every((field, i) => (isTime[i] ? TIME : NUMBER).test(field))),
    'form of values',
  );
}
