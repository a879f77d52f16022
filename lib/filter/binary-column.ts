/**
 * The loops of `das2_binary`: one plane of a run of records from its encoding to 4-byte or 8-byte reals (stream-format 13.11).
 *
 * Contract: `write` handles `count` records and returns how many it has done: fewer only if an x value holds no readable time; the caller
 * then reports the record. No object and no string is made per value.
 */
import { parseReal } from '../stream/number-text.js';
import { TimeTextReader } from '../stream/time-text.js';
import type { ColumnRules, Place, RecordColumn } from './recoded-packet.js';

/** The column of one plane. */
export function binaryColumn(rules: ColumnRules): RecordColumn {
  const { source, target } = rules;
  if (source.kind === 'time') return new TimeToReal(rules);
  if (source.kind === 'ascii') return new AsciiToReal(rules);
  return source.type === target.type ? new Copy(rules) : new RealToReal(rules);
}

class Copy implements RecordColumn {
  private readonly size: number;

  constructor({ source, itemCount }: ColumnRules) {
    this.size = source.width * itemCount;
  }

  write(source: Place, target: Place, count: number): number {
    for (let record = 0; record < count; record++) {
      const from = source.offset + record * source.stride;
      target.bytes.set(source.bytes.subarray(from, from + this.size), target.offset + record * target.stride);
    }
    return count;
  }
}

class RealToReal implements RecordColumn {
  constructor(private readonly rules: ColumnRules) {}

  write(source: Place, target: Place, count: number): number {
    const { itemCount, source: input, target: output } = this.rules;
    const { view } = source;
    const wide = input.width === 8;
    for (let record = 0; record < count; record++) {
      let from = source.offset + record * source.stride;
      let to = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++, from += input.width, to += output.width) {
        const value = wide ? view.getFloat64(from, input.littleEndian) : view.getFloat32(from, input.littleEndian);
        if (output.width === 8) target.view.setFloat64(to, value, output.littleEndian);
        else target.view.setFloat32(to, value, output.littleEndian);
      }
    }
    return count;
  }
}

class AsciiToReal implements RecordColumn {
  constructor(private readonly rules: ColumnRules) {}

  write(source: Place, target: Place, count: number): number {
    const { itemCount, fill, source: input, target: output } = this.rules;
    const { bytes } = source;
    for (let record = 0; record < count; record++) {
      let from = source.offset + record * source.stride;
      let to = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++, from += input.width, to += output.width) {
        const value = parseReal(bytes, from, from + input.width, fill);
        if (output.width === 8) target.view.setFloat64(to, value, output.littleEndian);
        else target.view.setFloat32(to, value, output.littleEndian);
      }
    }
    return count;
  }
}

class TimeToReal implements RecordColumn {
  private readonly reader = new TimeTextReader();

  constructor(private readonly rules: ColumnRules) {}

  write(source: Place, target: Place, count: number): number {
    const { itemCount, fill, stopsAtUnreadable, source: input, target: output } = this.rules;
    const { reader } = this;
    for (let record = 0; record < count; record++) {
      let from = source.offset + record * source.stride;
      let to = target.offset + record * target.stride;
      for (let item = 0; item < itemCount; item++, from += input.width, to += output.width) {
        const readable = reader.read(source.bytes, from, from + input.width);
        if (!readable && stopsAtUnreadable) return record;
        const value = readable && !reader.isFill ? reader.us2000 : fill;
        target.view.setFloat64(to, value, output.littleEndian);
      }
    }
    return count;
  }
}
