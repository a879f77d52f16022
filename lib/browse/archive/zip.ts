/**
 * ZIP archives without compression: entries stored as they are, with their check sums and sizes behind them, the directory at the end; in the
 * 64-bit form where an entry has 4 GiB or begins behind them.
 */
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { type ArchiveOptions, type ArchiveSink, type ArchiveWriter, ENTRY_MODE } from './entry.js';
import { archiveFlow } from './flow.js';

/** Writes an archive into the sink. */
export function zipArchive(sink: ArchiveSink, { time }: ArchiveOptions): ArchiveWriter {
  const zip = new ZipFile();
  const mtime = new Date(time * 1000);
  return archiveFlow(sink, {
    packed: zip.outputStream as unknown as Readable,
    take({ name, size }, source, done) {
      source.once('end', done);
      zip.addReadStream(source, name, { mtime, mode: ENTRY_MODE, compress: false, size });
    },
    finish: () => zip.end(),
    onError: (callback) => zip.on('error', callback),
  });
}
