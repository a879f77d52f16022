/**
 * Reads and writes the file of the source index in STATE_ROOT. Reading never fails: what is no plain file, too large or gone
 * is no index. Writing goes to a new file that is then renamed, so that no reader sees half of it and links are never
 * written through; if it fails the server works without, and says so once.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

const LARGEST_BYTES = 1 << 28;
/** A temporary file of this age was left behind by a process that died. */
const ABANDONED_MS = 3_600_000;

/** The file of one source index. */
export class IndexFile {
  readonly #folder: string;
  readonly #name: string;
  readonly #mayCreate: boolean;
  readonly #log: (line: string) => void;
  #failed = false;

  /** `mayCreate`: the folder was chosen by the administrator and may be made if it is missing. */
  constructor(options: {
    readonly folder: string;
    readonly name: string;
    readonly mayCreate: boolean;
    readonly log: (line: string) => void;
  }) {
    this.#folder = options.folder;
    this.#name = options.name;
    this.#mayCreate = options.mayCreate;
    this.#log = options.log;
  }

  /** The content, at the beginning of its memory; undefined if there is none. */
  read(): ArrayBuffer | undefined {
    let file: number | undefined;
    try {
      const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
      file = openSync(`${this.#folder}/${this.#name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > LARGEST_BYTES || (stats.mode & 0o002) !== 0) return undefined;
      const memory = new ArrayBuffer(stats.size);
      const bytes = new Uint8Array(memory);
      let length = 0;
      while (length < bytes.length) {
        const count = readSync(file, bytes, length, bytes.length - length, null);
        if (count === 0) return undefined;
        length += count;
      }
      return memory;
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** Puts a new content in place. */
  write(bytes: Uint8Array): void {
    if (this.#failed) return;
    const temporary = `${this.#folder}/${this.#name}.${process.pid}.${Math.floor(Math.random() * 1e9)}.tmp`;
    let made = false;
    try {
      const file = this.#create(temporary);
      made = true;
      try {
        let length = 0;
        while (length < bytes.length) length += writeSync(file, bytes, length);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, `${this.#folder}/${this.#name}`);
      this.#removeAbandoned();
    } catch (error) {
      this.#failed = true;
      const reason = (error as NodeJS.ErrnoException).code ?? 'error';
      this.#log(
        `STATE_ROOT ${this.#folder}: the source index cannot be written (${reason}); lists are made for each request`,
      );
      if (made) this.#remove(temporary);
    }
  }

  #create(path: string): number {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const open = (): number => openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o664);
    try {
      return open();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !this.#mayCreate) throw error;
      // The folder itself may be missing; one above it is not made, the configuration would be wrong.
      mkdirSync(this.#folder, { mode: 0o2770 });
      return open();
    }
  }

  #removeAbandoned(): void {
    for (const name of readdirSync(this.#folder)) {
      if (!name.startsWith(this.#name) || !name.endsWith('.tmp')) continue;
      const path = `${this.#folder}/${name}`;
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS) this.#remove(path);
    }
  }

  #remove(path: string): void {
    try {
      unlinkSync(path);
    } catch {
      // Another process was quicker.
    }
  }
}
