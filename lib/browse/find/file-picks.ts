/**
 * Which files of a record a page shows ticked (browse-export 10): every so many of them, those nearest to times of day, the first and last of each hour. Those of
 * each wish together.
 *
 * Contract: pure. Times are those in the names of files. Faults are `illegalArgument` that name the field.
 */
import { fieldError, shown } from '../faults.js';
import { type RecordFile, secondInName } from '../inventory/record-files.js';

export interface FilePicks {
  /** Every so many of them, from the first one on. */
  readonly every: number | undefined;
  /** Seconds of the day. */
  readonly near: readonly number[];
  /** The first and the last one of each hour. */
  readonly isEnds: boolean;
}

export const NO_PICKS: FilePicks = { every: undefined, near: [], isEnds: false };

const MOST_TIMES = 100;

/** What the parameters `every`, `near` and `ends` ask for. */
export function readFilePicks(parameters: ReadonlyMap<string, string>): FilePicks {
  const word = (name: string): string => parameters.get(name)?.trim() ?? '';
  const every = word('every');
  if (every !== '' && !/^[1-9]\d{0,5}$/.test(every))
    throw fieldError('every', `'${shown(every)}' is not a number of files`);
  const ends = word('ends');
  if (ends !== '' && ends !== 'hour') throw fieldError('ends', `'${shown(ends)}' is not hour`);
  const near = word('near')
    .split(/[\s,]+/)
    .filter((time) => time !== '');
  if (near.length > MOST_TIMES) throw fieldError('near', `has more than ${MOST_TIMES} times`);
  return { every: every === '' ? undefined : Number(every), near: near.map(secondOf), isEnds: ends === 'hour' };
}

function secondOf(text: string): number {
  const [, hour, minute, second = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hour === undefined)
    throw fieldError('near', `'${shown(text)}' is not a time of day`, 'write 12:05, or several with commas between');
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

/** The files that are meant. Files without a time in their names are near to nothing, and of no hour. */
export function pickFiles(files: readonly RecordFile[], { every, near, isEnds }: FilePicks): ReadonlySet<RecordFile> {
  const picked = new Set<RecordFile>();
  if (every !== undefined) for (let i = 0; i < files.length; i += every) add(files[i]);
  const timed = files.flatMap((file) => {
    const second = secondInName(file.name);
    return second === undefined ? [] : [{ file, second }];
  });
  for (const wanted of near) {
    let best: (typeof timed)[number] | undefined;
    for (const one of timed)
      if (best === undefined || Math.abs(one.second - wanted) < Math.abs(best.second - wanted)) best = one;
    add(best?.file);
  }
  if (isEnds) {
    const hours = new Map<number, { first: (typeof timed)[number]; last: (typeof timed)[number] }>();
    for (const one of timed) {
      const hour = Math.floor(one.second / 3600);
      const known = hours.get(hour) ?? { first: one, last: one };
      if (one.second < known.first.second) known.first = one;
      if (one.second >= known.last.second) known.last = one;
      hours.set(hour, known);
    }
    for (const { first, last } of hours.values()) {
      add(first.file);
      add(last.file);
    }
  }
  return picked;

  function add(file: RecordFile | undefined): void {
    if (file !== undefined) picked.add(file);
  }
}
