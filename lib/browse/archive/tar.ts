/**
 * tar archives (POSIX ustar; names that do not fit have a pax record in front). The caller compresses.
 *
 * tar-stream stays at 3.1.7: later ones ask for native add-ons of a runtime that we do not use.
 */
import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { type ArchiveOptions, type ArchiveSink, type ArchiveWriter, ENTRY_MODE } from './entry.js';
import { archiveFlow } from './flow.js';

/** Writes an archive into the sink. */
export function tarArchive(sink: ArchiveSink, { time }: ArchiveOptions): ArchiveWriter {
  const tar = pack();
  const mtime = new Date(time * 1000);
  return archiveFlow(sink, {
    packed: tar as unknown as Readable,
    take({ name, size }, source, done) {
      const entry = tar.entry({ name, size, mtime, mode: ENTRY_MODE & 0o777 }, done);
      entry.on('error', done);
      source.pipe(entry);
    },
    finish: () => tar.finalize(),
  });
}
