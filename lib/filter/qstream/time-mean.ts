/**
 * The mean of the times of one bin of a QStream, in the units and the encoding of its time axis (stream-format 14.4).
 *
 * Contract: times are summed as differences from the first one, so nothing is lost beside numbers that need all bits of a double;
 * 8-byte integers stay integers throughout, because nanoseconds since 2000 do not fit into a double.
 */
import { type QValueReader, type QValueWriter, valueReader, valueWriter } from '../../stream/qstream/encoding.js';
import type { TimeAxis } from '../../stream/qstream/header.js';
import type { TimeUnits } from '../../stream/units.js';
import { requireTimeText } from '../unreadable-time.js';

export class TimeMean {
  private readonly read: QValueReader;
  private readonly writeValue: QValueWriter;
  private readonly whole: boolean;
  /** The units of a mean that is written as text. */
  private readonly textUnits: TimeUnits | undefined;
  private count = 0;
  private base = 0;
  private wholeBase = 0n;
  private sum = 0;

  constructor(
    axis: TimeAxis,
    private readonly littleEndian: boolean,
  ) {
    const { encoding, units } = axis;
    this.read = valueReader({ encoding, littleEndian, units: units.name });
    this.writeValue = valueWriter({ encoding, littleEndian, units: units.name });
    this.whole = encoding.kind === 'int8';
    this.textUnits = encoding.kind === 'time' ? units : undefined;
  }

  /** Adds the time at `offset`. */
  add(bytes: Uint8Array, view: DataView, offset: number): void {
    if (this.whole) {
      const value = view.getBigInt64(offset, this.littleEndian);
      if (this.count === 0) this.wholeBase = value;
      else this.sum += Number(value - this.wholeBase);
    } else {
      const value = this.read(bytes, view, offset);
      if (this.count === 0) this.base = value;
      else this.sum += value - this.base;
    }
    this.count++;
  }

  /** From the first time to the mean. */
  private get shift(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** Throws `valueEncoding` for a mean that no text can tell, where times are text. To be asked before the record begins. */
  require(): void {
    if (this.textUnits !== undefined) requireTimeText(this.textUnits.toUs2000(this.base + this.shift));
  }

  /** Writes the mean at `offset` and forgets all times. */
  write(bytes: Uint8Array, view: DataView, offset: number): void {
    const { shift } = this;
    if (this.whole) view.setBigInt64(offset, this.wholeBase + BigInt(Math.round(shift)), this.littleEndian);
    else this.writeValue(bytes, view, offset, this.base + shift);
    this.count = 0;
    this.sum = 0;
  }
}
