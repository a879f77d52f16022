/**
 * Names of exports: `X20261121-7f3k9q2m`, the UTC date and 40 random bits in letters that nobody mistakes (browse-export 9.5). Knowing one is enough
 * to fetch open data.
 */

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID = /^X(\d{4})\d{4}-[0-9a-hjkmnp-tv-z]{8}$/;

/** A new name. `now` in milliseconds. */
export function newExportId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return `X${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}-${[...random].map((byte) => LETTERS[byte & 31]).join('')}`;
}

/** The year of a name; undefined if the text is none. */
export function exportYear(id: string): string | undefined {
  return ID.exec(id)?.[1];
}
