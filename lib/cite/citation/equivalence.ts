/**
 * Digests that an administrator has declared equivalent: the same data, computed by another compiler, processor or reducer, that differ in their last places
 * (citation 13.3).
 *
 *     equivalent.jsonl      a line of JSON for each declaration, for everybody to see
 *
 * Contract: equivalence goes both ways and is handed on: if A is B and B is C, A is C. Damaged lines say nothing. Nothing is ever removed from the file.
 */
import { textIfAny } from '../../files/files-if-any.js';
import { makePrivateFolders, writePrivate } from '../private-files.js';

/** A declaration. Digests are 64 hexadecimal digits, `q1:` in front of those of QStreams. */
export interface Equivalence {
  readonly old: string;
  readonly new: string;
  /** Largest differences that were found, and in how many packets they were looked for. */
  readonly absolute?: number;
  readonly relative?: number;
  readonly packets?: number;
  /** Who declares it. */
  readonly name: string;
  /** UTC. */
  readonly date: string;
  readonly reason: string;
}

/** All declarations below CITE_ROOT. */
export class Equivalences {
  private loaded: readonly Equivalence[] | undefined;

  constructor(private readonly root: string | undefined) {}

  /** The declarations, oldest first. */
  get list(): readonly Equivalence[] {
    this.loaded ??= this.root === undefined ? [] : (textIfAny(fileOf(this.root)) ?? '').split('\n').flatMap(parsed);
    return this.loaded;
  }

  /** Whether two different digests stand for the same data. */
  has(one: string, other: string): boolean {
    return this.between(one, other) !== undefined;
  }

  /** The declarations that lead from one digest to the other; undefined if none do. The first digest may be cut to its first digits. */
  between(one: string, other: string): readonly Equivalence[] | undefined {
    const ways = new Map<string, readonly Equivalence[]>([[other, []]]);
    for (const [digest, way] of ways) {
      if (way.length > 0 && digest.startsWith(one)) return way;
      for (const item of this.list) {
        const next = item.old === digest ? item.new : item.new === digest ? item.old : undefined;
        if (next !== undefined && !ways.has(next)) ways.set(next, [item, ...way]);
      }
    }
    return undefined;
  }

  /** Adds a declaration. Throws what the system throws. */
  declare(item: Equivalence): void {
    if (this.root === undefined) return;
    makePrivateFolders(this.root);
    writePrivate(fileOf(this.root), `${JSON.stringify(item)}\n`, 'a');
    this.loaded = undefined;
  }
}

function fileOf(root: string): string {
  return `${root}/equivalent.jsonl`;
}

function parsed(line: string): Equivalence[] {
  try {
    const item = JSON.parse(line) as Partial<Equivalence>;
    return typeof item.old === 'string' && typeof item.new === 'string' && item.old !== item.new
      ? [item as Equivalence]
      : [];
  } catch {
    return [];
  }
}
