/**
 * Tags of das2 2.2 packets as they are written: `[00]`, `[NN]`, `[xx]` with a six digit byte length, and `:NN:`.
 *
 * Contract: lengths count bytes, not characters; what cannot be framed is refused. Rules: stream-format 2.1, 2.2.
 */
import { joinBytes, utf8Bytes } from '../bytes.js';
import { Das2Error } from '../error.js';

/** Longest content that a six digit length can announce. */
export const HEADER_LIMIT = 999_999;

/** Largest record, without its tag, that is read or written (stream-format 2.5). */
export const RECORD_LIMIT = 16 * 1024 * 1024;

/** The two digits of a packet id. */
export function idText(id: number): string {
  return id < 10 ? `0${id}` : String(id);
}

/** A whole header, comment or exception packet. Throws `packetTooLarge` when the content has more than 999999 bytes. */
export function frameHeader(id: string, content: string): Uint8Array {
  const bytes = utf8Bytes(content);
  const { length } = bytes;
  if (length > HEADER_LIMIT) {
    throw new Das2Error(
      'packetTooLarge',
      `packet [${id}] has ${length} bytes of content, at most ${HEADER_LIMIT} can be framed`,
    );
  }
  return joinBytes(utf8Bytes(`[${id}]${String(length).padStart(6, '0')}`), bytes);
}

/** The four bytes `:NN:` as one big endian word, for comparing and writing in hot loops. */
export function dataTagWord(id: number): number {
  return ((0x3a << 24) | ((0x30 + Math.floor(id / 10)) << 16) | ((0x30 + (id % 10)) << 8) | 0x3a) >>> 0;
}
