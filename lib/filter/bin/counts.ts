/**
 * What `das2_bin_ratesec` holds until the end of a stream: a number for each bin, in any order, in limited memory.
 *
 * Contract: bins are safe integers. Neighbours lie side by side in a page, which takes 8 bytes for a bin where bins follow each other.
 * When `add` finds no room the caller makes some with `takeLowest`: the lower bins leave, in their order.
 */

/** Bins in a page: few enough for bins that stand alone, many enough to make the names of pages cheap. */
export const PAGE_BINS = 32;

/** Pages held at one time where the caller says nothing else: 34 MB, or seven weeks in bins of a second. */
export const PAGE_LIMIT = 131_072;

/** Pages whose memory is taken at one time. */
const CHUNK_PAGES = 1024;

/** Takes a bin and what was added to it. */
export type BinReceiver = (bin: number, count: number) => void;

export class BinCounts {
  /** Number of a page (bin / PAGE_BINS) -> its place in `chunks`. */
  private readonly places = new Map<number, number>();
  private readonly free: number[] = [];
  private readonly chunks: Float64Array[] = [];
  /** The page of the last `add`: the next one most often needs it again. */
  private page = Number.NaN;
  private values: Float64Array = new Float64Array(0);

  constructor(private readonly pageLimit: number = PAGE_LIMIT) {}

  /** Adds to a bin; false, and nothing is done, if there is no room for it. `count` is above 0. */
  add(bin: number, count: number): boolean {
    const page = Math.floor(bin / PAGE_BINS);
    if (page !== this.page) {
      const place = this.places.get(page) ?? this.makePlace(page);
      if (place === undefined) return false;
      this.page = page;
      this.values = this.valuesOf(place);
    }
    const at = bin - page * PAGE_BINS;
    this.values[at] = (this.values[at] as number) + count;
    return true;
  }

  /** Gives the bins of the lower half of all pages away, those above 0 in ascending order, and forgets them. */
  takeLowest(receive: BinReceiver): void {
    const pages = this.sortedPages();
    this.take(pages.subarray(0, Math.ceil(pages.length / 2)), receive);
  }

  /** The same with all of them. */
  takeAll(receive: BinReceiver): void {
    this.take(this.sortedPages(), receive);
  }

  /** The least and the greatest bin above 0; undefined if there is none. */
  range(): { readonly first: number; readonly last: number } | undefined {
    const pages = this.sortedPages();
    const lowest = pages[0];
    const highest = pages.at(-1);
    if (lowest === undefined || highest === undefined) return undefined;
    const of = (page: number): Float64Array => this.valuesOf(this.places.get(page) as number);
    return {
      first: lowest * PAGE_BINS + of(lowest).findIndex((count) => count > 0),
      last: highest * PAGE_BINS + of(highest).findLastIndex((count) => count > 0),
    };
  }

  private take(pages: Float64Array, receive: BinReceiver): void {
    this.page = Number.NaN;
    for (const page of pages) {
      const place = this.places.get(page) as number;
      const values = this.valuesOf(place);
      for (let i = 0; i < PAGE_BINS; i++) {
        const count = values[i] as number;
        if (count > 0) receive(page * PAGE_BINS + i, count);
      }
      values.fill(0);
      this.places.delete(page);
      this.free.push(place);
    }
  }

  private sortedPages(): Float64Array {
    return Float64Array.from(this.places.keys()).sort();
  }

  private valuesOf(place: number): Float64Array {
    const chunk = this.chunks[Math.floor(place / CHUNK_PAGES)] as Float64Array;
    const at = (place % CHUNK_PAGES) * PAGE_BINS;
    return chunk.subarray(at, at + PAGE_BINS);
  }

  private makePlace(page: number): number | undefined {
    // Where none was given back, the pages lie without gaps.
    const place = this.free.pop() ?? this.places.size;
    if (place >= this.pageLimit) return undefined;
    if (place >= this.chunks.length * CHUNK_PAGES) this.chunks.push(new Float64Array(CHUNK_PAGES * PAGE_BINS));
    this.places.set(page, place);
    return place;
  }
}
