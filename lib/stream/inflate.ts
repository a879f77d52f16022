/**
 * Inflates a deflated stream body piece by piece (RFC 1951), with or without the zlib wrapper (RFC 1950).
 *
 * Why it is here: the reader is a synchronous push parser, and the platform's zlib can inflate a stream only asynchronously, or
 * a whole document at once, which a stream without end, or a hostile one, must never be.
 *
 * Contract: `push` hands inflated pieces of at most 64 KiB to the output as they come; memory is a window, whatever the input
 * expands to. A wrapper is recognised by its two header bytes, its Adler-32 sum is checked. Faults throw `compression`.
 */
import { Das2Error } from '../error.js';
import {
  distanceCodes,
  fixedDistances,
  fixedLiterals,
  type HuffmanTable,
  huffmanTable,
  LENGTH_ORDER,
  lengthCodes,
} from './inflate-tables.js';

const WINDOW = 32768;
const PIECE = 65536;
/** Input bits that one literal or one length with its distance can take: 15 + 5 + 15 + 13. */
const SYMBOL_BITS = 48;
/** Bytes by which a packet tag is known. */
const TAG_BYTES = 4;

type State = 'wrapper' | 'block' | 'stored' | 'codes' | 'trailer' | 'done';

export class Inflater {
  private input: Uint8Array = new Uint8Array(0);
  private at = 0;
  private bits = 0;
  private bitCount = 0;
  private state: State = 'wrapper';
  private wrapped = false;
  private last = false;
  private storedLeft = 0;
  private readonly lengthCodes = lengthCodes();
  private readonly distanceCodes = distanceCodes();
  private literals: HuffmanTable = fixedLiterals();
  private distances: HuffmanTable = fixedDistances();
  private readonly window = new Uint8Array(WINDOW + PIECE);
  private written = 0;
  /** Start of what has not been handed over yet. */
  private pending = 0;
  private sumLow = 1;
  private sumHigh = 0;
  private total = 0;
  /** The output has thrown: it gets nothing more. */
  private outputFailed = false;

  constructor(private readonly output: (inflated: Uint8Array) => void) {}

  /** Takes the next deflated bytes. The pieces given to the output are valid during that call only. */
  push(chunk: Uint8Array): void {
    const rest = this.input.length - this.at;
    if (rest === 0) {
      this.input = chunk;
    } else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.input.subarray(this.at));
      joined.set(chunk, rest);
      this.input = joined;
    }
    this.at = 0;
    this.run(false);
    // The chunk belongs to the caller: keep a copy of the few bytes that could not be used yet.
    this.input = new Uint8Array(this.input.subarray(this.at));
    this.at = 0;
  }

  /** Says that no more bytes come. Throws `compression` unless the deflated data are complete. */
  end(): void {
    this.run(true);
    if (this.state !== 'done') throw fault('the deflated data end too early');
  }

  /** Hands over what can be inflated, before a fault too: what leaves must not depend on where chunks end. */
  private run(final: boolean): void {
    let broken: unknown;
    try {
      while (this.step(final)) {
        // Each step finishes one part of the data, or says that it needs more input.
      }
    } catch (error) {
      broken = error;
    }
    if (!this.outputFailed) this.emit();
    if (broken !== undefined) throw broken;
  }

  /** Decodes the next part. False when it needs more input (all state is then as before) or when everything is done. */
  private step(final: boolean): boolean {
    switch (this.state) {
      case 'wrapper':
        return this.readWrapper(final);
      case 'block':
        return this.readBlockHeader();
      case 'stored':
        return this.copyStored();
      case 'codes':
        return this.readCodes();
      case 'trailer':
        return this.readTrailer();
      default:
        return this.skipTrailingSpace();
    }
  }

  private readWrapper(final: boolean): boolean {
    const available = this.input.length - this.at;
    if (available < TAG_BYTES && !(final && available > 0)) return false;
    if (/^(?:\[(?:\d\d|[xX]{2})\]|:\d\d:|\|[A-Z][a-z]\|)/.test(this.front())) {
      throw fault('the stream header promises deflated data, but packets follow as they are');
    }
    const first = this.input[this.at] as number;
    const second = this.input[this.at + 1] ?? 0;
    this.wrapped = (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0;
    if (this.wrapped) {
      if ((second & 0x20) !== 0) throw fault('the deflated data need a preset dictionary');
      this.at += 2;
    }
    this.state = 'block';
    return true;
  }

  /** The first bytes as characters. */
  private front(): string {
    return String.fromCharCode(...this.input.subarray(this.at, this.at + TAG_BYTES));
  }

  /** Has the bit buffer hold at least `count` (up to 24) bits, unless the input is used up. */
  private fill(count: number): boolean {
    while (this.bitCount < count) {
      if (this.at === this.input.length) return false;
      this.bits |= (this.input[this.at++] as number) << this.bitCount;
      this.bitCount += 8;
    }
    return true;
  }

  private take(count: number): number {
    const value = this.bits & ((1 << count) - 1);
    this.bits >>>= count;
    this.bitCount -= count;
    return value;
  }

  private readBlockHeader(): boolean {
    const { at, bits, bitCount } = this;
    const retry = (): false => {
      this.at = at;
      this.bits = bits;
      this.bitCount = bitCount;
      return false;
    };
    if (!this.fill(3)) return retry();
    const last = this.take(1) === 1;
    const type = this.take(2);
    if (type === 3) throw fault('a block of the deflated data has an unknown type');
    if (type === 0) {
      this.take(this.bitCount & 7);
      if (!this.fill(16)) return retry();
      const length = this.take(16);
      if (!this.fill(16)) return retry();
      if ((this.take(16) ^ 0xffff) !== length) throw fault('a stored block of the deflated data is damaged');
      this.storedLeft = length;
      this.state = 'stored';
    } else if (type === 1) {
      this.literals = fixedLiterals();
      this.distances = fixedDistances();
      this.state = 'codes';
    } else {
      if (!this.readDynamicTables()) return retry();
      this.state = 'codes';
    }
    this.last = last;
    return true;
  }

  private readDynamicTables(): boolean {
    if (!this.fill(14)) return false;
    const literalCount = this.take(5) + 257;
    const distanceCount = this.take(5) + 1;
    const orderCount = this.take(4) + 4;
    const orderLengths = new Uint8Array(19);
    for (let i = 0; i < orderCount; i++) {
      if (!this.fill(3)) return false;
      orderLengths[LENGTH_ORDER[i] as number] = this.take(3);
    }
    const orderTable = huffmanTable(orderLengths);
    const lengths = new Uint8Array(literalCount + distanceCount);
    let count = 0;
    while (count < lengths.length) {
      this.fill(14);
      const symbol = this.decode(orderTable);
      if (symbol < 0) return false;
      if (symbol < 16) {
        lengths[count++] = symbol;
        continue;
      }
      const extra = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
      if (!this.fill(extra)) return false;
      const repeat = this.take(extra) + (symbol === 18 ? 11 : 3);
      if (count + repeat > lengths.length || (symbol === 16 && count === 0)) throw fault('a code table is damaged');
      lengths.fill(symbol === 16 ? (lengths[count - 1] as number) : 0, count, count + repeat);
      count += repeat;
    }
    this.literals = huffmanTable(lengths.subarray(0, literalCount));
    this.distances = huffmanTable(lengths.subarray(literalCount));
    return true;
  }

  /** The next symbol; -1 when the bits at hand end inside it. */
  private decode(table: HuffmanTable): number {
    const entry = table.entries[this.bits & table.mask] as number;
    const length = entry & 15;
    if (length === 0 || length > this.bitCount) {
      if (this.bitCount >= 15) throw fault('the deflated data hold a code that is not defined');
      return -1;
    }
    this.bits >>>= length;
    this.bitCount -= length;
    return entry >> 4;
  }

  /** The two lengths in front of a stored block have emptied the bit buffer: it holds no more than it was asked for. */
  private copyStored(): boolean {
    while (this.storedLeft > 0) {
      const count = Math.min(this.storedLeft, this.input.length - this.at, PIECE / 2);
      if (count === 0) return false;
      this.makeRoom(count);
      this.window.set(this.input.subarray(this.at, this.at + count), this.written);
      this.written += count;
      this.at += count;
      this.storedLeft -= count;
    }
    this.blockDone();
    return true;
  }

  private readCodes(): boolean {
    const { window, literals, distances } = this;
    for (;;) {
      this.makeRoom(258);
      const { at, bits, bitCount } = this;
      const certain = (this.input.length - at) * 8 + bitCount >= SYMBOL_BITS;
      this.fill(15);
      const symbol = this.decode(literals);
      if (symbol >= 0 && symbol < 256) {
        window[this.written++] = symbol;
        continue;
      }
      if (symbol === 256) {
        this.blockDone();
        return true;
      }
      const copied = symbol >= 0 && this.copyMatch(symbol - 257, distances);
      if (copied) continue;
      if (certain) throw fault('the deflated data hold a code that is not defined');
      this.at = at;
      this.bits = bits;
      this.bitCount = bitCount;
      return false;
    }
  }

  /** Copies an earlier piece of the output. False when the bits at hand end inside length or distance. */
  private copyMatch(code: number, distances: HuffmanTable): boolean {
    const lengthCode = this.lengthCodes[code];
    if (lengthCode === undefined) throw fault('the deflated data hold a length that is not defined');
    if (!this.fill(lengthCode.extra)) return false;
    const length = lengthCode.base + this.take(lengthCode.extra);
    this.fill(15);
    const symbol = this.decode(distances);
    if (symbol < 0) return false;
    const distanceCode = this.distanceCodes[symbol];
    if (distanceCode === undefined) throw fault('the deflated data hold a distance that is not defined');
    if (!this.fill(distanceCode.extra)) return false;
    const distance = distanceCode.base + this.take(distanceCode.extra);
    const { window } = this;
    let to = this.written;
    let from = to - distance;
    if (from < 0 || distance > this.total + (to - this.pending))
      throw fault('a distance points before the start of the deflated data');
    this.written += length;
    while (to < this.written) window[to++] = window[from++] as number;
    return true;
  }

  private blockDone(): void {
    this.state = !this.last ? 'block' : this.wrapped ? 'trailer' : 'done';
    if (!this.last) return;
    this.emit();
    // Whole bytes that were read ahead belong to what follows.
    this.take(this.bitCount & 7);
  }

  private readTrailer(): boolean {
    const { at, bits, bitCount } = this;
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      if (!this.fill(8)) {
        this.at = at;
        this.bits = bits;
        this.bitCount = bitCount;
        return false;
      }
      sum = sum * 256 + this.take(8);
    }
    if (sum !== this.sumHigh * 65536 + this.sumLow) throw fault('the check sum of the deflated data is wrong');
    this.state = 'done';
    return true;
  }

  private skipTrailingSpace(): boolean {
    while (this.fill(8)) {
      const byte = this.take(8);
      if (byte !== 0x0a && byte !== 0x0d && byte !== 0x20) throw fault('bytes follow the deflated data');
    }
    return false;
  }

  private makeRoom(count: number): void {
    if (this.written + count <= this.window.length) return;
    this.emit();
    this.window.copyWithin(0, this.written - WINDOW, this.written);
    this.written = WINDOW;
    this.pending = WINDOW;
  }

  private emit(): void {
    if (this.pending === this.written) return;
    const piece = this.window.subarray(this.pending, this.written);
    this.total += piece.length;
    this.pending = this.written;
    if (this.wrapped) this.addToSum(piece);
    this.outputFailed = true;
    this.output(piece);
    this.outputFailed = false;
  }

  private addToSum(piece: Uint8Array): void {
    let low = this.sumLow;
    let high = this.sumHigh;
    for (let start = 0; start < piece.length; start += 3800) {
      const end = Math.min(start + 3800, piece.length);
      for (let i = start; i < end; i++) {
        low += piece[i] as number;
        high += low;
      }
      low %= 65521;
      high %= 65521;
    }
    this.sumLow = low;
    this.sumHigh = high;
  }
}

function fault(what: string): Das2Error {
  return new Das2Error('compression', `${what}`);
}
