/**
 * `subSource_NN = 'KEY | TITLE [| RESOLUTION_OR_INTERVAL [| PARAMS]]'`: one HAPI dataset each of a source with options (server-internals 6.1).
 *
 * Contract: a member that cannot be understood is left out and told, the others stay.
 */
import { isDas2Error } from '../error.js';
import { type NumberText, parseNumberText } from '../request/number-text.js';
import type { Dsdf } from '../source/definition/dsdf.js';

export interface SubSource {
  readonly key: string;
  readonly title: string;
  /** Seconds: resolution, or the interval of a reader that needs one; undefined: full resolution. */
  readonly step: NumberText | undefined;
  readonly params: string;
}

/** Letters that need no quoting in addresses and file names. */
const KEY = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/;

/** The sub-sources of a definition in order of their numbers; undefined if it has no such keyword, empty if none can be used. */
export function subSources(definition: Dsdf, warn: (reason: string) => void): SubSource[] | undefined {
  let isDivided = false;
  const members: { number: number; sub: SubSource }[] = [];
  for (const [name, value] of definition.entries) {
    const number = /^subsource_(\d{1,4})$/i.exec(name)?.[1];
    if (number === undefined) continue;
    isDivided = true;
    const sub = parseSubSource(value);
    if (typeof sub === 'string') warn(`${name}: ${sub}`);
    else if (members.some(({ sub: { key } }) => key === sub.key)) warn(`${name}: the key ${sub.key} comes twice`);
    else members.push({ number: Number(number), sub });
  }
  return isDivided ? members.sort((a, b) => a.number - b.number).map(({ sub }) => sub) : undefined;
}

/** The sub-source, or what is wrong with its value. */
function parseSubSource(value: string): SubSource | string {
  const [key = '', title, stepText = '', params = '', ...more] = value.split('|').map((field) => field.trim());
  if (title === undefined || more.length > 0) return "must be 'KEY | TITLE [| RESOLUTION_OR_INTERVAL [| PARAMS]]'";
  if (!KEY.test(key)) return 'the key may have letters, digits and _ . + - only';
  let step: NumberText | undefined;
  try {
    step = stepText === '' ? undefined : parseNumberText(stepText, 'the third field');
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return error.message;
  }
  if (step !== undefined && step.value < 0) return 'the third field must not be negative';
  return { key, title: title === '' ? key : title, step, params };
}
