/**
 * A listener in a pipeline: it is shown the bytes that pass in front of the converters, and changes none of them.
 *
 * Contract: the bytes go on first. They stay as they are until what `write` returns is settled; a promise makes the producer wait, so a listener that
 * needs a moment holds nothing back in memory. It must not throw.
 */
import type { Consumer } from './running/flow.js';

export interface PipelineTap {
  /** The bytes have gone on; `taken` is settled when they have been taken. What comes back is waited for instead of it. */
  write(bytes: Uint8Array, taken: void | Promise<void>): void | Promise<void>;
}

/** The consumer `next`, listened to. */
export function tapped(next: Consumer, tap: PipelineTap): Consumer {
  return {
    write: (bytes) => tap.write(bytes, next.write(bytes)),
    end: () => next.end(),
  };
}
