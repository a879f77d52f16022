/**
 * What is being done, for people: at a terminal one line with a bar that is written over, elsewhere a line for each step
 * (server-internals 3.5).
 *
 *   [############........]  60%  2 of 5 jobs left; Writing: 1979-03-01_bin-1s.d2s
 */

const BAR = 20;
/** Width of a terminal that does not say its own. */
const USUAL_WIDTH = 80;

export interface ProgressLine {
  /** Shows how far it is, from 0 to 1, and what is done. The same as before is not shown again. */
  step(fraction: number, text: string): void;
  /** A line that stays. */
  say(text: string): void;
  /** Ends the line that is written over. */
  end(): void;
}

export interface ProgressOptions {
  /** Writes text, as to standard error. */
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Columns of the terminal. */
  readonly width?: number | undefined;
}

/** A line of progress. */
export function progressLine({ write, isTerminal, width = USUAL_WIDTH }: ProgressOptions): ProgressLine {
  let shown = '';
  const clear = (): void => {
    if (isTerminal && shown !== '') write('\r\u001b[K');
  };
  return {
    step(fraction, text) {
      const line = isTerminal ? bar(fraction, text, width) : text;
      if (line === shown) return;
      clear();
      write(isTerminal ? line : `${line}\n`);
      shown = line;
    },
    say(text) {
      clear();
      write(`${text}\n`);
      shown = '';
    },
    end() {
      clear();
      shown = '';
    },
  };
}

function bar(fraction: number, text: string, width: number): string {
  const part = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const full = Math.floor(part * BAR);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  // One column stays free: a full line would make some terminals scroll.
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${percent}%  ${text}`.slice(0, Math.max(BAR, width - 1));
}
