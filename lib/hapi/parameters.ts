/**
 * The request key `parameters`: names of the info document, in its order (server-internals 6.2, 6.3).
 *
 * Contract: the time always comes first, asked for or not; it answers to `time` and to its name in the stream, too. Errors: 1407, 1411.
 */
import type { HapiParameter } from '../filter/hapi/parameters.js';
import { hapiError } from './error.js';

const SHOWN_NAMES = 1000;

/** The parameters that a list of names means; all for none. */
export function selectParameters(all: readonly HapiParameter[], list: string | undefined): readonly HapiParameter[] {
  if (list === undefined) return all;
  const places = list.split(',').map((name) => placeOf(all, name));
  if (places.includes(-1)) {
    const names = all.map(({ name }) => name).join(', ');
    throw hapiError(1407, `unknown parameter; the dataset has ${names.slice(0, SHOWN_NAMES)}`);
  }
  if (places.some((place, i) => i > 0 && place <= (places[i - 1] ?? 0))) {
    throw hapiError(1411, 'each parameter may be named once, in the order of the info document');
  }
  return all.filter((_, place) => place === 0 || places.includes(place));
}

function placeOf(all: readonly HapiParameter[], name: string): number {
  const place = all.findIndex((parameter) => parameter.name === name);
  if (place >= 0) return place;
  if (name.toLowerCase() === 'time') return 0;
  // Names of the stream are no names of HAPI, but those that the time had with older servers.
  return name !== '' && all[0]?.x_das2_name === name ? 0 : -1;
}
