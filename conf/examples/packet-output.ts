/**
 * Writes a das2 2.2 stream to standard output: the only thing the example readers share.
 *
 * A stream is a row of packets with nothing between them. Headers, comments and exceptions are
 *
 *     [ID]LLLLLL<xml ...>     ID = 00 stream header, 01..99 packet header, xx message; L = length of the text in bytes
 *
 * and data packets are `:ID:` followed by the values, whose number and types stand in the packet header of that ID.
 *
 * Packets are collected in one buffer and leave in large pieces. A pipe that is full for a moment (EAGAIN) is waited for;
 * a receiver that went away (EPIPE; of a socket ECONNRESET) ends the reader quietly, as `ReceiverGone`.
 */
import { writeSync } from 'node:fs';

/** Nobody reads the output any more. A reader lets it pass; `main.ts` turns it into a quiet end. */
export class ReceiverGone extends Error {}

/** The reader was started with arguments it cannot work with. `main.ts` prints the message and exits with status 1. */
export class ArgumentError extends Error {}

const STANDARD_OUTPUT = 1;
const BUFFER_BYTES = 1 << 16;
const COLON = 58;
const DIGIT_ZERO = 48;

export class PacketOutput {
  #bytes = new Uint8Array(BUFFER_BYTES);
  #used = 0;

  /** Where the values of a record are written, at the offset that `record` returned. */
  view = new DataView(this.#bytes.buffer);

  /** Writes the stream header, which must be the first packet. `properties` is the text between the angle brackets. */
  streamHeader(properties: string): void {
    this.#text('00', `<stream version="2.2">\n  <properties ${properties} />\n</stream>\n`);
  }

  /** Defines the data packets of `id` (1 to 99). `planes` is the XML of `<x>` and what follows it. */
  packetHeader(id: number, planes: string): void {
    this.#text(String(id).padStart(2, '0'), `<packet>\n${planes}\n</packet>\n`);
  }

  /**
   * Tells the client what went wrong. It is by custom the last packet. Types that every client knows:
   * `NoDataInInterval`, `IllegalArgument`, `ServerError`.
   */
  exception(type: string, message: string): void {
    this.#text('xx', `<exception type="${escapeXml(type)}" message="${escapeXml(message)}" />\n`);
  }

  /** A message that does not end the stream, for instance of type `log:warning`. */
  comment(type: string, value: string): void {
    this.#text('xx', `<comment type="${escapeXml(type)}" source="" value="${escapeXml(value)}" />\n`);
  }

  /** Begins a data packet of `id` with `size` bytes of values and returns the offset in `view` where they belong. */
  record(id: number, size: number): number {
    const at = this.#reserve(4 + size);
    const bytes = this.#bytes;
    bytes[at] = COLON;
    bytes[at + 1] = DIGIT_ZERO + Math.floor(id / 10);
    bytes[at + 2] = DIGIT_ZERO + (id % 10);
    bytes[at + 3] = COLON;
    return at + 4;
  }

  /** Hands over everything written so far. Call it at the end, and earlier if the next packet will take a while. */
  flush(): void {
    writeAll(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
  }

  #text(id: string, xml: string): void {
    const content = new TextEncoder().encode(xml);
    const tag = new TextEncoder().encode(`[${id}]${String(content.length).padStart(6, '0')}`);
    const at = this.#reserve(tag.length + content.length);
    this.#bytes.set(tag, at);
    this.#bytes.set(content, at + tag.length);
  }

  #reserve(size: number): number {
    if (this.#used + size > this.#bytes.length) this.flush();
    if (size > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * size);
      this.view = new DataView(this.#bytes.buffer);
    }
    const at = this.#used;
    this.#used += size;
    return at;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** Text as it may stand in an XML attribute; control characters, which XML has no way to write, become blanks. */
function escapeXml(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[&<>"']/g, (character) => `&${ENTITIES[character]};`);
}

function writeAll(bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(STANDARD_OUTPUT, bytes, done, bytes.length - done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE' || code === 'ECONNRESET') throw new ReceiverGone();
      if (code !== 'EAGAIN') throw error;
      waitMilliseconds(1);
    }
  }
}

function waitMilliseconds(time: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time);
}
