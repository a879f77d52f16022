/**
 * Small pictures of the files of a record (browse-export 10): a folder `thumbnails` in that of the record has them by the names of the files, `sky_0007.fits` as
 * `sky_0007.png` or `sky_0007.fits.png`; a file that is a small picture itself is its own.
 *
 * Contract: looks only, and makes none.
 */
import type { Series } from '../naming/series.js';
import { type RecordFile, recordFiles, stemOf } from './record-files.js';

/** The folder inside of that of a record. */
export const THUMBNAIL_FOLDER = 'thumbnails';

const PICTURE = /\.(?:png|jpe?g|gif|webp)$/i;
/** Larger pictures are not small. */
const LARGEST = 1 << 18;

/** The small pictures by the files that they show; files without one are not among them. */
export function recordThumbnails(
  series: Series,
  record: number,
  files: readonly RecordFile[],
): ReadonlyMap<RecordFile, RecordFile> {
  const byName = new Map<string, RecordFile>();
  for (const small of recordFiles(series, record, THUMBNAIL_FOLDER) ?? [])
    if (isSmallPicture(small)) byName.set(stemOf(small.name), small);
  const found = new Map<RecordFile, RecordFile>();
  for (const file of files) {
    const small = byName.get(file.name) ?? byName.get(stemOf(file.name)) ?? (isSmallPicture(file) ? file : undefined);
    if (small !== undefined) found.set(file, small);
  }
  return found;
}

function isSmallPicture({ name, bytes }: RecordFile): boolean {
  return PICTURE.test(name) && bytes > 0 && bytes <= LARGEST;
}
