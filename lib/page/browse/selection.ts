/**
 * Which items people have selected on result pages of browse, with their sizes. Pure: the page keeps its text between pages.
 */

const MEBIBYTE = 1_048_576;

/** The selected items. */
export class Selection {
  readonly #bytes = new Map<string, number>();

  /** From what `text` gave; other text is an empty selection. */
  constructor(text = '') {
    for (const line of text.split('\n')) {
      const [item = '', bytes = ''] = line.split('\t');
      if (item !== '' && /^\d{1,15}$/.test(bytes)) this.#bytes.set(item, Number(bytes));
    }
  }

  has(item: string): boolean {
    return this.#bytes.has(item);
  }

  set(item: string, bytes: number): void {
    this.#bytes.set(item, bytes);
  }

  delete(item: string): void {
    this.#bytes.delete(item);
  }

  /** Items that are not among these: those selected on other pages. */
  itemsWithout(shown: ReadonlySet<string>): string[] {
    return [...this.#bytes.keys()].filter((item) => !shown.has(item));
  }

  /** `7 of 25 datasets selected, 182.3 MiB`. */
  words(total: number): string {
    let bytes = 0;
    for (const size of this.#bytes.values()) bytes += size;
    const sum = bytes === 0 ? '' : `, ${(bytes / MEBIBYTE).toFixed(1)} MiB`;
    return `${this.#bytes.size} of ${total} datasets selected${sum}`;
  }

  text(): string {
    return [...this.#bytes].map(([item, bytes]) => `${item}\t${bytes}`).join('\n');
  }
}
