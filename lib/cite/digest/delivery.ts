/**
 * Hashes a delivery while it streams: its values in front of the converter, its bytes behind it (citation 5).
 *
 * Contract: never throws. Hashing is not to be noticed: once a delivery is long and hashing has taken half of its time so far, the data come faster
 * than they can be hashed, and the rest is left alone. That entry has no digest; one is computed when somebody asks for it. Data that
 * come from a reader or go over a network are slower than that.
 */
import { createHash, type Hash } from 'node:crypto';
import { DigestTap, emptyStream, type StreamDigest } from './tap.js';

/** So much is hashed in any case. */
const PATIENCE_BYTES = 8 * 1024 * 1024;
/** The part of the time that hashing may take behind that. */
const LARGEST_SHARE = 0.5;

export interface DeliveryDigests {
  readonly content: StreamDigest;
  /** SHA-256 of the body; undefined where it was not hashed to its end. */
  readonly raw: string | undefined;
}

export interface DeliveryDigestOptions {
  /** Planes that are sent; undefined: all. */
  readonly planes?: ReadonlySet<string> | undefined;
  /** Number of packets behind which the digest so far is wanted, too. */
  readonly checkAt?: number | undefined;
  /** Nobody waits for the data: all of them are hashed. */
  readonly isPatient?: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export class DeliveryDigest {
  private readonly now: () => number;
  private readonly begun: number;
  private readonly patience: number;
  private tap: DigestTap | undefined;
  private rawHash: Hash | undefined = createHash('sha256');
  private hashed = 0;
  private spent = 0;
  private isTooFast = false;
  private isEmpty = true;

  constructor({ planes, checkAt, isPatient = false, now = () => performance.now() }: DeliveryDigestOptions = {}) {
    this.patience = isPatient ? Number.POSITIVE_INFINITY : PATIENCE_BYTES;
    this.tap = new DigestTap({ planes, checkAt });
    this.now = now;
    this.begun = now();
  }

  /** Bytes of the content stream. */
  content(bytes: Uint8Array): void {
    this.isEmpty = false;
    if (this.tap === undefined || this.tap.isDeaf) return;
    const start = this.now();
    this.tap.push(bytes);
    this.count(bytes.length, start);
  }

  /** Bytes of the body. */
  body(bytes: Uint8Array): void {
    if (this.rawHash === undefined) return;
    const start = this.now();
    this.rawHash.update(bytes);
    this.count(bytes.length, start);
  }

  /** Both have ended. */
  end(): DeliveryDigests {
    const raw = this.rawHash?.digest('hex');
    this.rawHash = undefined;
    if (this.isTooFast)
      return { content: { state: 'unhashed', reason: 'faster than it could be hashed', packets: 0 }, raw };
    // A reader that prints nothing says that there are no data.
    return { content: this.isEmpty || this.tap === undefined ? emptyStream() : this.tap.end(), raw };
  }

  private count(bytes: number, start: number): void {
    const now = this.now();
    this.hashed += bytes;
    this.spent += now - start;
    if (this.hashed < this.patience || this.spent < (now - this.begun) * LARGEST_SHARE) return;
    this.isTooFast = true;
    this.tap = undefined;
    this.rawHash = undefined;
  }
}
