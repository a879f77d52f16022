/**
 * Questions to somebody at a terminal, with or without echo.
 *
 * Contract: the terminal is in raw mode between `open` and `close`, so nothing that is typed shows unless it is echoed here;
 * what is typed ahead serves the next question. Editing: Backspace, Ctrl-U; Ctrl-C and Ctrl-D end the dialogue. Standard input
 * is used if it is a terminal, else the terminal of the session (`/dev/tty`), so that the program can stand in a pipe.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';

const INTERRUPT = 0x03;
const END_OF_TEXT = 0x04;
const BACKSPACE = new Set([0x08, 0x7f]);
const KILL_LINE = 0x15;
const ESCAPE = 0x1b;
const ARROWS: Readonly<Record<string, string>> = { '[A': 'up', OA: 'up', '[B': 'down', OB: 'down' };
const LINE_ENDS = new Set([0x0a, 0x0d]);
/** Nobody types more; it bounds what a runaway paste can do. */
const LONGEST = 4096;

/** The terminal of somebody who is asked; see the head of this file. */
export class Terminal {
  readonly #input: ReadStream;
  readonly #output: number;
  readonly #opened: number | undefined;
  #typed: number[] = [];
  #wake: () => void = () => {};
  #ended = false;

  /** The terminal of this program; undefined if there is none. */
  static open(): Terminal | undefined {
    if (isatty(0)) return new Terminal(0, isatty(2) ? 2 : 1, undefined);
    let descriptor: number;
    try {
      descriptor = openSync('/dev/tty', 'r+');
    } catch {
      return undefined;
    }
    return new Terminal(descriptor, descriptor, descriptor);
  }

  private constructor(input: number, output: number, opened: number | undefined) {
    this.#input = new ReadStream(input);
    this.#output = output;
    this.#opened = opened;
    this.#input.setRawMode(true);
    this.#input.on('data', (chunk: Buffer | string) => {
      this.#typed.push(...Buffer.from(chunk));
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#input.on('end', end);
    this.#input.on('error', end);
    this.#input.on('close', end);
  }

  /** The line that is typed as an answer; undefined if the dialogue was ended instead. */
  async ask(question: string, echo: 'hidden' | 'shown'): Promise<string | undefined> {
    this.#say(question);
    const line: number[] = [];
    for (;;) {
      const byte = await this.#next();
      if (byte === undefined || byte === INTERRUPT || (byte === END_OF_TEXT && line.length === 0)) {
        this.#say('\r\n');
        return undefined;
      }
      if (LINE_ENDS.has(byte)) break;
      if (BACKSPACE.has(byte)) {
        if (eraseCharacter(line) && echo === 'shown') this.#say('\b \b');
      } else if (byte === KILL_LINE) {
        while (eraseCharacter(line)) if (echo === 'shown') this.#say('\b \b');
      } else if (line.length < LONGEST) {
        line.push(byte);
        if (echo === 'shown') this.#say(Buffer.from([byte]));
      }
    }
    this.#say('\r\n');
    return Buffer.from(line).toString('utf8');
  }

  /**
   * The next key: a character, or `up`, `down`, `enter`; undefined if the dialogue was ended instead. Other keys that send several bytes
   * are `other`.
   */
  async key(): Promise<string | undefined> {
    const byte = await this.#next();
    if (byte === undefined || byte === INTERRUPT || byte === END_OF_TEXT) return undefined;
    if (LINE_ENDS.has(byte)) return 'enter';
    if (byte !== ESCAPE) return byte < 0x80 ? String.fromCharCode(byte) : 'other';
    // What follows of a key comes with it; Escape itself comes alone.
    const rest = String.fromCharCode(...this.#typed.splice(0, 2));
    return ARROWS[rest] ?? 'other';
  }

  /** Shows text; lines must end in CR and LF. */
  show(text: string): void {
    this.#say(text);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#input.setRawMode(false);
    this.#input.pause();
    this.#input.destroy();
    if (this.#opened !== undefined) {
      try {
        closeSync(this.#opened);
      } catch {
        // The stream has closed it.
      }
    }
  }

  async #next(): Promise<number | undefined> {
    while (this.#typed.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#typed.shift();
  }

  #say(text: string | Uint8Array): void {
    try {
      writeSync(this.#output, typeof text === 'string' ? Buffer.from(text) : text);
    } catch {
      // A terminal that takes no output still gives answers.
    }
  }
}

/** Takes the last character (all bytes of it) away; false if there was none. */
function eraseCharacter(line: number[]): boolean {
  let byte = line.pop();
  if (byte === undefined) return false;
  while (byte !== undefined && (byte & 0xc0) === 0x80) byte = line.pop();
  return true;
}
