/**
 * Examples of a source: `exampleRange_NN` with its `exampleParams_NN`, `exampleInterval_NN`, `exampleResolution_NN`
 * (server-protocol 5.3, 5.5).
 *
 * The bare key stands for number 00; if both are there they are two examples, the bare one first. Members of one example have
 * the same suffix; a bare member also serves number 00, and the other way round, where that is not the example's own.
 */
import { us2000FromTime } from '../stream/time.js';
import { readTime, splitRange, type TimeRange } from './time-range.js';

export interface ExampleRange {
  /** As in the key: '' or `_00`. */
  readonly suffix: string;
  readonly number: number;
  /** Texts as written in the file. */
  readonly beginText: string;
  readonly endText: string;
  readonly range: TimeRange;
  readonly label?: string;
  readonly params?: string;
  /** Seconds as written. */
  readonly interval?: string;
  /** Seconds: the one given, else a two-thousandth of the range. */
  readonly resolution: number;
  /** True if the file names the resolution. */
  readonly resolutionGiven: boolean;
}

/** The examples in ascending order. Malformed ones are left out, with a warning. */
export function exampleRanges(
  entries: ReadonlyMap<string, string>,
  warn?: (reason: string) => void,
): readonly ExampleRange[] {
  const suffixes = [...entries.keys()]
    .map((key) => /^exampleRange(|_\d{1,4})$/.exec(key)?.[1])
    .filter((suffix) => suffix !== undefined)
    .sort((a, b) => order(a) - order(b));
  const examples: ExampleRange[] = [];
  for (const suffix of suffixes) {
    const text = entries.get(`exampleRange${suffix}`) ?? '';
    const parts = splitRange(text);
    const begin = parts === undefined ? undefined : readTime(parts.begin);
    const end = parts === undefined ? undefined : readTime(parts.end);
    if (parts === undefined || begin === undefined || end === undefined) {
      warn?.(`exampleRange${suffix} '${text}' is not BEGIN to END; skipped`);
      continue;
    }
    const seconds = (us2000FromTime(end) - us2000FromTime(begin)) / 1e6;
    if (!(seconds > 0)) {
      warn?.(`exampleRange${suffix} '${text}' ends before it begins; skipped`);
      continue;
    }
    const member = (base: string): string | undefined => {
      const own = entries.get(base + suffix);
      if (own !== undefined) return own;
      const other = suffix === '' ? '_00' : '';
      return number(suffix) !== 0 || entries.has(`exampleRange${other}`) ? undefined : entries.get(base + other);
    };
    const params = member('exampleParams');
    const interval = member('exampleInterval');
    const given = Number(member('exampleResolution') || Number.NaN);
    examples.push({
      suffix,
      number: number(suffix),
      beginText: parts.begin,
      endText: parts.end,
      range: { begin, end },
      ...(parts.label !== undefined && { label: parts.label }),
      ...(params !== undefined && { params }),
      ...(interval !== undefined && { interval }),
      resolution: given > 0 ? given : seconds / 2000,
      resolutionGiven: given > 0,
    });
  }
  return examples;
}

function number(suffix: string): number {
  return suffix === '' ? 0 : Number(suffix.slice(1));
}

/** Bare before `_00`. */
function order(suffix: string): number {
  return suffix === '' ? -1 : number(suffix);
}
