/**
 * The mean of the times of one bin of a QStream, in the units and the encoding of its time axis (stream-format 14.4).
 *
 * Contract: times are summed as differences from the first one, so nothing is lost beside numbers that need all bits of a double;
 * 8-byte integers stay integers throughout, because nanoseconds since 2000 do not fit into a double.
 */
import { type QValueReader, type QValueWriter, valueReader, valueWriter } from '../../stream/qstream/encoding.js';
import type { TimeAxis } from '../../stream/qstream/header.js';

export class TimeMean {
  private readonly read: QValueReader;
  private readonly writeValue: QValueWriter;
  private readonly whole: boolean;
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

  /** Writes the mean at `offset` and forgets all times. */
  write(bytes: Uint8Array, view: DataView, offset: number): void {
    const shift = this.count === 0 ? 0 : this.sum / this.count;
    if (this.whole) view.setBigInt64(offset, this.wholeBase + BigInt(Math.round(shift)), this.littleEndian);
    else this.writeValue(bytes, view, offset, this.base + shift);
    this.count = 0;
    this.sum = 0;
  }
}
