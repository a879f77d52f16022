/**
 * The names of the items that wait in a spool folder, in the order of taking, without reading a long folder for every item.
 *
 * Contract: as long as few items wait, each look is a look into the folder. Where many wait, what was read is used again for a moment:
 * what this process takes or adds is seen at once, what others do a moment later. A name may have gone meanwhile.
 */
import { namesIn } from './files.js';
import { isSpoolName } from './names.js';

/** Reading so many names costs less than writing one item. */
const FEW = 500;
/** For so long a long list is used again. */
const KEEP_MS = 250;

export class WaitingNames {
  /** The next one last: taking it off costs nothing. */
  #names: string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** `folder` is the path of the folder of waiting items. */
  constructor(private readonly folder: () => string) {}

  /** How many wait. */
  get count(): number {
    return this.#look().length;
  }

  /** One after the other, each once; those given are not given again until the folder is read anew. */
  *inOrder(): Generator<string> {
    const names = this.#look();
    for (let name = names.pop(); name !== undefined; name = names.pop()) yield name;
  }

  /** Items were added, put back or taken away here, in any place. */
  forget(): void {
    this.#names = [];
  }

  /** An item was added here behind all that wait. */
  addLast(name: string): void {
    if (this.#names.length > FEW) this.#names.unshift(name);
  }

  #look(): string[] {
    const now = performance.now();
    if (this.#names.length <= FEW || now - this.#readAt > KEEP_MS) {
      this.#names = namesIn(this.folder()).filter(isSpoolName).reverse();
      this.#readAt = now;
    }
    return this.#names;
  }
}
