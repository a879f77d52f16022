/**
 * Listens to a stream that passes and says what it was: its digests, how many packets, from where to where (citation 5).
 *
 *     const tap = new DigestTap();
 *     tap.push(bytes); ...            never throws, keeps no reference to the bytes
 *     const digest = tap.end();
 *
 * Contract: what cannot be understood has no digest, and a reason. Memory is that of the largest packet. The tap knows the end of the bytes only;
 * whether they came from programs that ended well is for the caller to say.
 */
import { asDas2Error, isDas2Error } from '../../error.js';
import { dispatchByFirstPacket } from '../../filter/qstream/dispatch.js';
import type { ByteFilter } from '../../stream/byte-filter.js';
import { isNoData, type StreamException } from '../../stream/message.js';
import { QStreamReader } from '../../stream/qstream/reader.js';
import { StreamReader } from '../../stream/stream-reader.js';
import { ContentDigest } from './content.js';
import { QStreamDigest } from './qstream.js';

/** `ok`: complete, with a digest. `failed`: the stream says that it failed. `unhashed`: no canonical form, or no stream. */
export type DigestState = 'ok' | 'failed' | 'unhashed';

export interface StreamDigest {
  readonly state: DigestState;
  /** Why there is no digest. */
  readonly reason?: string;
  /** 64 hexadecimal digits; for das2 streams. */
  readonly d2c1?: string | undefined;
  /** See order-free.ts; for streams of several structures. */
  readonly orderFree?: string | undefined;
  /** Content digest of QStreams. */
  readonly q1?: string | undefined;
  /** Digest of the packets up to `checkAt`, if there were so many. */
  readonly atCheck?: string | undefined;
  /** Label digest. */
  readonly m?: string | undefined;
  /** Data packets. */
  readonly packets: number;
  readonly firstX?: string | undefined;
  readonly lastX?: string | undefined;
}

export interface DigestOptions {
  /** Names of the planes that count besides x; undefined: all. */
  readonly planes?: ReadonlySet<string> | undefined;
  /** Number of packets behind which the digest so far is wanted, too. */
  readonly checkAt?: number | undefined;
}

const NOWHERE = { write() {} };

export class DigestTap {
  private readonly filter: ByteFilter;
  private content: ContentDigest | undefined;
  private qstream: QStreamDigest | undefined;
  private fault: unknown;
  private isOver = false;

  constructor({ planes, checkAt }: DigestOptions = {}) {
    this.filter = dispatchByFirstPacket(NOWHERE, {
      das2: () => {
        this.content = new ContentDigest(planes, checkAt);
        return filterOf(new StreamReader(this.content));
      },
      qstream: () => {
        this.qstream = new QStreamDigest();
        return filterOf(new QStreamReader(this.qstream));
      },
    });
  }

  /** True once nothing more is to be learnt: the rest of the stream need not be shown. */
  get isDeaf(): boolean {
    return this.isOver;
  }

  push(bytes: Uint8Array): void {
    this.guard(() => this.filter.push(bytes));
  }

  /** The stream ends here. */
  end(): StreamDigest {
    this.guard(() => this.filter.end());
    this.isOver = true;
    const packets = this.content?.packetCount ?? this.qstream?.packetCount ?? 0;
    const said = this.content?.fault ?? this.qstream?.fault;
    if (this.fault !== undefined) return this.endWithFault(this.fault, packets);
    if (said !== undefined) return failed(said, packets);
    if (this.qstream !== undefined) return { state: 'ok', q1: this.qstream.finish(), packets };
    if (this.content === undefined) return { state: 'unhashed', reason: 'the stream is empty', packets };
    const { first, last } = this.content.span;
    return { state: 'ok', ...this.content.finish(), packets, firstX: first, lastX: last };
  }

  private endWithFault(fault: unknown, packets: number): StreamDigest {
    // An exception in the place of the stream header.
    const type = isDas2Error(fault) ? fault.data.exceptionType : undefined;
    if (typeof type === 'string') {
      if (isNoData(type)) return emptyStream();
      return failed({ type, message: String(isDas2Error(fault) ? fault.data.exceptionMessage : '') }, packets);
    }
    return { state: 'unhashed', reason: asDas2Error(fault).message, packets };
  }

  private guard(work: () => void): void {
    if (this.isOver) return;
    try {
      work();
    } catch (error) {
      this.fault = error;
      this.isOver = true;
    }
  }
}

/** What is known of a stream without data. */
export function emptyStream(): StreamDigest {
  return { state: 'ok', ...new ContentDigest().finish(), packets: 0 };
}

function failed({ type, message }: StreamException, packets: number): StreamDigest {
  return { state: 'failed', reason: `the stream holds an exception: ${type}: ${message}`, packets };
}

function filterOf(reader: { push(bytes: Uint8Array): void; end(): void }): ByteFilter {
  return { push: (bytes) => reader.push(bytes), flush() {}, end: () => reader.end() };
}
