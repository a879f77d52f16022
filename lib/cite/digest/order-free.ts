/**
 * A digest that does not see in which order packets of different structures come, for streams that have several.
 *
 * The content digest counts the order of packets (citation 4.3). A reducer writes the last bin of each packet type where the run or the block
 * ends, so an answer from the cache may have the same records as a live one with those of different types in other places. Beside their content digests
 * this one tells that the data are the same:
 *
 *     SHA-256 of the line "d2o/1" and, sorted, one line for each structure: the d2c/1 digest of the stream that has the records of this structure alone
 *
 * Contract: nothing is hashed twice while there is one structure. Streams with more than `MOST` have no such digest. After `finish` nothing more may be
 * written.
 */
import { createHash } from 'node:crypto';
import type { RecordRun } from '../../stream/record-run.js';
import type { CanonicalHash, CanonicalStructure } from './canonical-hash.js';

/** Each takes the memory of a buffer. */
const MOST = 32;
const FORM = 'd2o/1';

export class OrderFreeDigest {
  /** By index of the structure; the first is made of the whole stream's when there is a second one. */
  private readonly hashes: CanonicalHash[] = [];
  private isLost = false;

  /** `whole` is the hash of the stream itself; `begin` makes one in which nothing has been written. */
  constructor(
    private readonly whole: CanonicalHash,
    private readonly begin: () => CanonicalHash,
  ) {}

  /** A structure that was not seen so far; to be told before the hash of the stream is. Their indexes are 1, 2, and so on. */
  structure(index: number, text: string): void {
    if (index === 1 || this.isLost) return;
    if (index > MOST) {
      this.isLost = true;
      this.hashes.length = 0;
      return;
    }
    if (index === 2) this.hashes[1] = this.whole.copy();
    const hash = this.begin();
    hash.structure(text);
    this.hashes[index] = hash;
  }

  records(structure: CanonicalStructure, run: RecordRun): void {
    this.hashes[structure.index]?.records(alone(structure), run);
  }

  /** 64 hexadecimal digits; undefined for a stream of one structure, or of too many. */
  finish(): string | undefined {
    const digests = this.hashes.slice(1).map((hash) => hash.finish());
    if (digests.length === 0) return undefined;
    return createHash('sha256')
      .update(`${[FORM, ...digests.sort()].join('\n')}\n`)
      .digest('hex');
  }
}

/** The structure as the only one of its stream. */
function alone(structure: CanonicalStructure): CanonicalStructure {
  return structure.index === 1 ? structure : { ...structure, index: 1 };
}
