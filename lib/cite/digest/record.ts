/**
 * What is known of a stream that has been read to its end, as one record: digests of its values, its labels and its bytes
 * (citation 4.2, 4.5, 12.4).
 *
 * Contract: written digests are `sha256-d2c1:` (das2 streams) or `sha256-q1:` (QStreams) and 64 hexadecimal digits.
 */
import { createHash } from 'node:crypto';
import { type DigestState, DigestTap, type StreamDigest } from './tap.js';

export interface DigestRecord {
  readonly state: DigestState | 'aborted';
  /** Why there is no digest. */
  readonly reason?: string;
  /** The content digest as it is written in citations. */
  readonly digest?: string;
  readonly d2c1?: string;
  readonly q1?: string;
  readonly m?: string;
  /** SHA-256 of the bytes as they are. */
  readonly raw: string;
  readonly bytes: number;
  readonly packets: number;
  readonly firstX?: string;
  readonly lastX?: string;
}

/** The content digest in its written form; undefined where there is none. */
function writtenDigest({ d2c1, q1 }: Pick<StreamDigest, 'd2c1' | 'q1'>): string | undefined {
  if (d2c1 !== undefined) return `sha256-d2c1:${d2c1}`;
  return q1 === undefined ? undefined : `sha256-q1:${q1}`;
}

/** Makes the record of a stream whose bytes are pushed. Never throws. */
export class StreamRecorder {
  private readonly tap = new DigestTap();
  private readonly raw = createHash('sha256');
  private bytes = 0;

  push(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.raw.update(bytes);
    if (!this.tap.isDeaf) this.tap.push(bytes);
  }

  /** The stream ends here; `aborted`: before its own end, for this reason, so it has no content digest. */
  end(aborted?: string): DigestRecord {
    const { state, reason, d2c1, q1, m, packets, firstX, lastX } = this.tap.end();
    const common = { raw: this.raw.digest('hex'), bytes: this.bytes, packets };
    if (aborted !== undefined) return { state: 'aborted', reason: aborted, ...common };
    const digest = writtenDigest({ d2c1, q1 });
    return {
      state,
      ...(reason !== undefined && { reason }),
      ...(digest !== undefined && { digest }),
      ...(d2c1 !== undefined && { d2c1 }),
      ...(q1 !== undefined && { q1 }),
      ...(m !== undefined && { m }),
      ...common,
      ...(firstX !== undefined && { firstX }),
      ...(lastX !== undefined && { lastX }),
    };
  }
}
