/**
 * Places the records of a das2 stream in time, and copies runs of them as they are: what everything that cuts streams shares.
 *
 * Contract: `define` for each packet header, then `place` for each run of records. Times are us2000; a record without a time (fill, NaN)
 * has NaN, which lies in no range. A text that is no time throws `valueEncoding` when the records in front of it have been handed over.
 */
import { Das2Error } from '../../error.js';
import { TimeAxis } from '../../filter/bin/time-axis.js';
import { type PacketHeader, planeSize } from '../../stream/header.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamWriter } from '../../stream/stream-writer.js';

const COLON = 0x3a;

/** Takes the times of `count` records of a run, the first of which is its record `first`. They are valid during the call only. */
export type TakeTimes = (times: Float64Array, count: number, first: number) => void;

export class TimedRecords {
  private readonly axes: (TimeAxis | undefined)[] = new Array(100).fill(undefined);

  /** Defines, or defines anew, a packet type. */
  define(id: number, { planes }: PacketHeader): void {
    const index = planes.findIndex((plane) => plane.element === 'x');
    const x = planes[index];
    if (x === undefined) throw new Das2Error('packetHeader', `packet type ${id} has no <x> plane`);
    const offset = planes.slice(0, index).reduce((sum, plane) => sum + planeSize(plane), 0);
    this.axes[id] = new TimeAxis(x, offset, id);
  }

  /** Tells the times of a run of records, a part at a time. */
  place(id: number, run: RecordRun, take: TakeTimes): void {
    const axis = this.axes[id] as TimeAxis;
    for (let first = 0, count = 0; first < run.count; first += count) {
      count = axis.read(run, first);
      take(axis.times, count, first);
    }
  }
}

/** Copies `count` records of a run with their tags, beginning with record `first`. */
export function copyRecords(writer: StreamWriter, id: number, run: RecordRun, first: number, count: number): void {
  const { bytes, stride } = run;
  const offset = run.offset + first * stride;
  if (bytes[offset - 1] === COLON) {
    writer.raw(bytes.subarray(offset - 4, offset - 4 + count * stride));
    return;
  }
  // A pipe tag of 2.3 in front (stream-format 10.2), so this is a run of one: the record gets a 2.2 tag.
  const at = writer.beginRecord(id, stride);
  writer.bytes.set(bytes.subarray(offset, offset + stride), at);
}
