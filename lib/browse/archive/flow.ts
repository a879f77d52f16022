/**
 * What the archive writers have in common: pieces of entries go into the packer of a library as they are wanted, and what it packs goes to the client
 * at the client's pace.
 */
import { Readable, Writable } from 'node:stream';
import { type ArchiveEntry, type ArchiveSink, type ArchiveWriter, checkedName } from './entry.js';
import { PiecePool } from './piece-pool.js';

/** The packer of a library. */
export interface Packer {
  /** What it packs. */
  readonly packed: Readable;
  /** Takes an entry: reads the source to its end; `done` when that is so, or with what went wrong. */
  take(entry: ArchiveEntry, source: Readable, done: (fault?: Error | null) => void): void;
  finish(): void;
  /** Calls back for what goes wrong elsewhere. */
  onError?(callback: (fault: Error) => void): void;
}

/** Pieces as a stream of bytes. Packers keep the streams of all entries until their end, so that this one lets go of the pieces when it is through. */
class PieceSource extends Readable {
  #pieces: Iterator<Uint8Array> | undefined;

  constructor(pieces: Iterable<Uint8Array>) {
    super();
    this.#pieces = pieces[Symbol.iterator]();
  }

  override _read(): void {
    try {
      for (let next = this.#pieces?.next(); next !== undefined && !next.done; next = this.#pieces?.next()) {
        if (next.value.length > 0) {
          this.push(next.value);
          return;
        }
      }
      this.#pieces = undefined;
      this.push(null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pieces?.return?.();
    this.#pieces = undefined;
    done(error);
  }
}

/** Writes what a packer makes into the sink. */
export function archiveFlow(sink: ArchiveSink, packer: Packer): ArchiveWriter {
  const pool = new PiecePool();
  const failed = new Promise<never>((_resolve, reject) => packer.onError?.(reject));
  const sent = Promise.race([send(packer.packed, sink, pool), failed]);
  // One entry at a time listens to the end: a race with it would be remembered until then for each of them.
  let hasEnded = false;
  let tell: (fault?: unknown) => void = () => {};
  const end = (fault?: unknown): void => {
    hasEnded = true;
    tell(fault);
  };
  // Whoever adds or ends is told; without this a fault between two entries would end the program.
  sent.then(() => end(), end);
  return {
    async add(entry) {
      checkedName(entry.name);
      if (sink.gone) return;
      const source = new PieceSource(entry.content((size) => pool.lend(size)));
      try {
        if (hasEnded) return await sent;
        await new Promise<void>((resolve, reject) => {
          tell = (fault) => (fault === undefined ? resolve() : reject(fault));
          source.once('error', reject);
          packer.take(entry, source, (fault) => (fault ? reject(fault) : resolve()));
        });
      } catch (error) {
        if (!sink.gone) throw error;
      } finally {
        tell = () => {};
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

/** Settles when everything has been sent, or when the client has gone: that stops the packer. */
function send(packed: Readable, sink: ArchiveSink, pool: PiecePool): Promise<void> {
  return new Promise((resolve, reject) => {
    const target = new Writable({
      write(bytes: Uint8Array, _encoding, done) {
        const taken = sink.write(bytes);
        if (taken === undefined) settle(bytes, done);
        else taken.then(() => settle(bytes, done), done);
      },
    });
    // Pieces go on as they are; whoever asks for them by `read` gets copies of several in one.
    packed.on('error', reject).pipe(target);
    target.on('error', reject).on('finish', resolve);

    function settle(bytes: Uint8Array, done: () => void): void {
      pool.giveBack(bytes);
      if (sink.gone) {
        packed.destroy();
        resolve();
      } else {
        done();
      }
    }
  });
}
