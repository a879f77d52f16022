/**
 * Writes one closed bin as a record: the centre into x, averages and companions into the other planes.
 *
 * Contract: values are encoded as the output header says (stream-format 5); a record that ends in text ends in a newline (2.2).
 */
import { type Encoding, isText } from '../../stream/encoding.js';
import { writeReal } from '../../stream/number-text.js';
import type { StreamWriter } from '../../stream/stream-writer.js';
import { TimeTextWriter } from '../../stream/time-text.js';
import { requireTimeText } from '../unreadable-time.js';
import type { Column } from './column.js';
import type { CompanionPlan, PacketPlan } from './packet-plan.js';

const NEWLINE = 0x0a;

/** Writes single values of one encoding. */
export class FieldWriter {
  private readonly time: TimeTextWriter | undefined;

  constructor(
    private readonly encoding: Encoding,
    private readonly fill: number,
  ) {
    this.time = encoding.kind === 'time' ? new TimeTextWriter(encoding.width) : undefined;
  }

  /** Throws `valueEncoding` for a time that this encoding cannot tell. An x is asked before its record begins. */
  require(value: number): void {
    if (this.time !== undefined) requireTimeText(value);
  }

  write(bytes: Uint8Array, view: DataView, at: number, value: number): void {
    const { kind, littleEndian, width } = this.encoding;
    if (kind === 'real4') view.setFloat32(at, value, littleEndian);
    else if (kind === 'real8') view.setFloat64(at, value, littleEndian);
    else if (kind === 'ascii') writeReal(bytes, at, width, value, this.fill);
    // No time stands for the fill value, whatever number that is.
    else this.time?.writeUs2000(bytes, at, value === this.fill ? Number.NaN : value);
  }
}

export class BinRecordWriter {
  private readonly x: FieldWriter;
  private readonly fields: readonly FieldWriter[];
  private readonly companionFields: readonly (readonly FieldWriter[])[];
  private readonly endsInText: boolean;

  constructor(
    private readonly plan: PacketPlan,
    private readonly columns: readonly Column[],
  ) {
    this.x = new FieldWriter(plan.xOutput.encoding, Number.NaN);
    this.fields = columns.map(({ plan: column }) => new FieldWriter(column.average.encoding, column.fill));
    this.companionFields = columns.map(({ plan: column }) =>
      column.companions.map(({ plane }) => new FieldWriter(plane.encoding, column.fill)),
    );
    const last = plan.output.planes.at(-1);
    this.endsInText = last !== undefined && isText(last.encoding);
  }

  /** Writes the record of a bin with this centre (us2000). Throws `valueEncoding` for one that no text can tell, where x is text. */
  write(writer: StreamWriter, centre: number): void {
    const { plan } = this;
    this.x.require(centre);
    const start = writer.beginRecord(plan.id, plan.outputSize);
    const { bytes, view } = writer;
    this.x.write(bytes, view, start + plan.xOutputOffset, centre);
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i] as Column;
      const field = this.fields[i] as FieldWriter;
      const { width } = column.plan.average.encoding;
      const { slots } = column;
      for (let slot = 0, at = start + column.plan.averageOffset; slot < slots; slot++, at += width) {
        field.write(bytes, view, at, column.average(slot));
      }
      const { companions } = column.plan;
      for (let nth = 0; nth < companions.length; nth++) {
        const { statistic, plane, offset } = companions[nth] as CompanionPlan;
        const companionField = (this.companionFields[i] as readonly FieldWriter[])[nth] as FieldWriter;
        const step = plane.encoding.width;
        for (let slot = 0, at = start + offset; slot < slots; slot++, at += step) {
          companionField.write(bytes, view, at, column.statistic(statistic, slot));
        }
      }
    }
    if (this.endsInText) bytes[start + plan.outputSize - 1] = NEWLINE;
  }
}
