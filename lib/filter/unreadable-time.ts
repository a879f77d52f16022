/**
 * The faults of an x whose text is no time (stream-format 5.3), and of one that no text can tell (5.4): a stream ends there, in every filter alike.
 * In other planes both are fill.
 */
import { Das2Error } from '../error.js';
import type { Encoding } from '../stream/encoding.js';
import type { Plane } from '../stream/header.js';
import type { RecordRun } from '../stream/record-run.js';
import { isUs2000BeyondText, TimeTextReader } from '../stream/time-text.js';

/** Bytes of an unreadable field that a message shows. */
const SHOWN_BYTES = 40;

/** The error for the field of `width` bytes, its separator included, that begins at `start`. */
export function unreadableTime(bytes: Uint8Array, start: number, width: number): Das2Error {
  let text = '';
  for (let i = start; i < start + Math.min(width - 1, SHOWN_BYTES); i++) {
    const byte = bytes[i] ?? 0;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return new Das2Error('valueEncoding', `the x value '${text.trim()}' is no time`);
}

/** The error for an x that is a time of a year without four digits, where it is to be written as text (stream-format 5.4). */
function timeBeyondText(): Das2Error {
  return new Das2Error('valueEncoding', 'an x value is a time beyond the years 0 to 9999, which text cannot tell');
}

/** Throws that error for such an x in us2000. To be asked before its record begins, so that no half of it is left. */
export function requireTimeText(us2000: number): void {
  if (isUs2000BeyondText(us2000)) throw timeBeyondText();
}

/** The error for an x that begins at `start` and cannot be written as text: it holds no time, or one that no text can tell. */
export function unwritableTime({ kind, width }: Encoding, bytes: Uint8Array, start: number): Das2Error {
  const isTime = kind !== 'time' || new TimeTextReader().read(bytes, start, start + width);
  return isTime ? timeBeyondText() : unreadableTime(bytes, start, width);
}

/** Looks at the times of an x plane for a filter that does not need them. */
export class TimeTextCheck {
  private readonly reader = new TimeTextReader();

  /** `offset` is the place of the plane's value in a record. */
  constructor(
    private readonly plane: Plane,
    private readonly offset: number,
  ) {}

  /** How many records of a run have a time, up to the first one without. */
  readable({ bytes, offset, count, stride }: RecordRun): number {
    const { width } = this.plane.encoding;
    for (let i = 0, at = offset + this.offset; i < count; i++, at += stride) {
      if (!this.reader.read(bytes, at, at + width)) return i;
    }
    return count;
  }

  /** What is wrong with a record of a run. */
  fault({ bytes, offset, stride }: RecordRun, record: number): Das2Error {
    return unreadableTime(bytes, offset + record * stride + this.offset, this.plane.encoding.width);
  }
}
