/**
 * Blocks: the lengths that records can have (browse-export 2). The names are those of DSDFs, cache files and requests.
 */

/** Shortest first, with their seconds; months and years are counted on the calendar, their seconds only order them. */
const LENGTHS = {
  '1min': 60,
  '10min': 600,
  '1hr': 3600,
  '6hr': 21_600,
  '1day': 86_400,
  '1month': 2_629_746,
  '1year': 31_556_952,
} as const;

export type Block = keyof typeof LENGTHS;

/** All blocks, the shortest first. */
export const BLOCKS = Object.keys(LENGTHS) as readonly Block[];

const WORDS: Readonly<Record<Block, string>> = {
  '1min': '1 minute',
  '10min': '10 minutes',
  '1hr': '1 hour',
  '6hr': '6 hours',
  '1day': '1 day',
  '1month': '1 month',
  '1year': '1 year',
};

/** The block with this name; undefined if there is none. */
export function blockNamed(text: string): Block | undefined {
  return Object.hasOwn(LENGTHS, text) ? (text as Block) : undefined;
}

/** Seconds of a record; of months and years a mean, good for ordering and estimates. */
export function blockSeconds(block: Block): number {
  return LENGTHS[block];
}

/** True if records are months or years of the calendar. */
export function isCalendarBlock(block: Block): block is '1month' | '1year' {
  return block === '1month' || block === '1year';
}

/** A block in words. */
export function blockWords(block: Block): string {
  return WORDS[block];
}
