/**
 * What the archive writers have in common: pieces of entries go into the packer of a library as they are wanted, and what it packs goes to the client
 * at the client's pace.
 */
import { Readable } from 'node:stream';
import { type ArchiveEntry, type ArchiveSink, type ArchiveWriter, checkedName } from './archive.js';

/** The packer of a library. */
export interface Packer {
  /** What it packs. */
  readonly packed: AsyncIterable<Uint8Array>;
  /** Takes an entry: reads the source to its end; `done` when that is so, or with what went wrong. */
  take(entry: ArchiveEntry, source: Readable, done: (fault?: Error | null) => void): void;
  finish(): void;
  /** Calls back for what goes wrong elsewhere. */
  onError?(callback: (fault: Error) => void): void;
}

/** Writes what a packer makes into the sink. */
export function archiveFlow(sink: ArchiveSink, packer: Packer): ArchiveWriter {
  const failed = new Promise<never>((_resolve, reject) => packer.onError?.(reject));
  const sent = Promise.race([send(packer.packed, sink), failed]);
  // Whoever adds or ends is told; without this a fault between two entries would end the program.
  sent.catch(() => {});
  return {
    async add(entry) {
      checkedName(entry.name);
      if (sink.gone) return;
      const source = Readable.from(entry.content(), { objectMode: false });
      const taken = new Promise<void>((resolve, reject) => {
        source.once('error', reject);
        packer.take(entry, source, (fault) => (fault ? reject(fault) : resolve()));
      });
      try {
        await Promise.race([taken, sent]);
      } catch (error) {
        if (!sink.gone) throw error;
      } finally {
        taken.catch(() => {});
        source.destroy();
      }
    },
    async end() {
      if (sink.gone) return;
      packer.finish();
      await sent;
    },
  };
}

/** Settles when everything has been sent, or when the client has gone: leaving the loop stops the packer. */
async function send(packed: AsyncIterable<Uint8Array>, sink: ArchiveSink): Promise<void> {
  for await (const bytes of packed) {
    await sink.write(bytes);
    if (sink.gone) return;
  }
}
