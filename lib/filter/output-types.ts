/**
 * Packet types that a filter makes up as it goes, under ids from 1 on, and their records (das2_psd, das2_from_tagged_das1).
 *
 * Contract: equal definitions share an id, also across input ids. When all 99 ids are taken the oldest is defined anew; a type whose
 * id was taken over gets another one with its next record, so any number of definitions is written correctly.
 */

import { type PacketHeader, recordSize } from '../stream/header.js';
import { formatPacketHeader } from '../stream/header-writer.js';
import type { StreamWriter } from '../stream/stream-writer.js';

const MAXIMUM_ID = 99;

/** A definition of records that are written. */
export class OutputType {
  readonly size: number;
  readonly text: string;
  /** The id it had last. */
  id = 0;

  constructor(readonly header: PacketHeader) {
    this.size = recordSize(header);
    this.text = formatPacketHeader(header);
  }
}

export class OutputTypes {
  /** Records written so far. */
  recordCount = 0;
  private readonly texts: (string | undefined)[] = new Array(MAXIMUM_ID + 1).fill(undefined);
  private last = 0;

  constructor(readonly writer: StreamWriter) {}

  /** Writes the definition unless it stands already. */
  define(type: OutputType): void {
    if (type.id !== 0 && this.texts[type.id] === type.text) return;
    const known = this.texts.indexOf(type.text);
    if (known > 0) {
      type.id = known;
      return;
    }
    this.last = (this.last % MAXIMUM_ID) + 1;
    this.texts[this.last] = type.text;
    type.id = this.last;
    this.writer.packetHeader(type.id, type.header);
  }

  /** Begins a record; the caller fills it from the offset that is returned. */
  beginRecord(type: OutputType): number {
    this.define(type);
    this.recordCount++;
    return this.writer.beginRecord(type.id, type.size);
  }
}
