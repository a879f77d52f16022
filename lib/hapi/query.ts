/**
 * The request keys of HAPI, in both generations of names (server-internals 6.2, 6.3).
 *
 * Contract: stricter than das2: keys that an endpoint does not know, both names of one key, and repetitions are errors. A message lists what is
 * allowed and never repeats what was sent. A key without value counts as not given.
 */
import type { Configuration } from '../conf/configuration.js';
import { decodeQueryText, splitQuery } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import { hapiError } from './error.js';
import { type HapiVersion, isSince } from './offer.js';

/** Keys by their newest names. */
export type HapiKey =
  | 'dataset'
  | 'start'
  | 'stop'
  | 'parameters'
  | 'include'
  | 'format'
  | 'depth'
  | 'resolve_references';

export type HapiEndpoint = 'capabilities' | 'about' | 'catalog' | 'info' | 'data';

/** Values by the newest names of their keys. */
export type HapiQuery = ReadonlyMap<HapiKey, string>;

/** Name on the wire, what it means, and the first version that knows it. */
type Spelling = readonly [name: string, key: HapiKey, since: HapiVersion];

const DATASET: readonly Spelling[] = [
  ['dataset', 'dataset', '3.0'],
  ['id', 'dataset', '2.0'],
];

const ENDPOINTS: Readonly<Record<HapiEndpoint, readonly Spelling[]>> = {
  capabilities: [],
  about: [],
  catalog: [
    ['depth', 'depth', '3.2'],
    ['resolve_references', 'resolve_references', '3.3'],
  ],
  info: [...DATASET, ['parameters', 'parameters', '2.0'], ['resolve_references', 'resolve_references', '3.0']],
  data: [
    ...DATASET,
    ['start', 'start', '3.0'],
    ['time.min', 'start', '2.0'],
    ['stop', 'stop', '3.0'],
    ['time.max', 'stop', '2.0'],
    ['parameters', 'parameters', '2.0'],
    ['include', 'include', '2.0'],
    ['format', 'format', '2.0'],
  ],
};

/** Reads the query of an endpoint. Errors: 1401, 1400. */
export function readHapiQuery(request: Request, endpoint: HapiEndpoint, configuration: Configuration): HapiQuery {
  const allowed = ENDPOINTS[endpoint].filter(([, , since]) => isSince(configuration, since));
  const given = splitQuery(request.query).map((piece): readonly [string, string] => {
    const equals = piece.indexOf('=');
    const [key, value] = equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)];
    return [decodeQueryText(key), decodeQueryText(value)];
  });
  const known = given.map(([name, value]) => ({ spelling: allowed.find(([own]) => own === name), value }));
  if (known.some(({ spelling }) => spelling === undefined)) {
    // Such keys must not be repeated (server-internals 6.2).
    const names = allowed.map(([name]) => name).join(', ');
    throw hapiError(1401, `unknown request key; ${endpoint} takes ${names === '' ? 'none' : names}`);
  }
  const values = new Map<HapiKey, string>();
  const seen = new Map<HapiKey, string>();
  for (const { spelling, value } of known) {
    if (spelling === undefined) continue;
    const [name, key] = spelling;
    const before = seen.get(key);
    if (before !== undefined) {
      throw hapiError(
        1400,
        before === name ? `the key ${name} is given twice` : `${before} and ${name} mean the same; give one of them`,
      );
    }
    seen.set(key, name);
    if (value !== '') values.set(key, value);
  }
  return values;
}
