/**
 * Runs cases of targets and keeps what they find. A case is named by target, seed and number, and can be run again alone.
 */
import { type FuzzInput, PropertyFailure, type Target } from './property.js';
import { Random } from './random.js';

export interface Find {
  readonly target: string;
  readonly index: number;
  /** Same for the same defect, as far as that can be told. */
  readonly key: string;
  readonly text: string;
}

/** The input of a case. */
export function inputOf(target: Target, seed: number, index: number, seeds: readonly Uint8Array[]): FuzzInput {
  return target.make(new Random(seed, target.name, index), seeds);
}

/** Checks one input; the find, or how many times the code ran. */
export function checkInput(target: Target, input: FuzzInput, seed: number, index: number): number | Find {
  try {
    return target.check(input, new Random(seed ^ 0x5bd1e995, target.name, index));
  } catch (error) {
    return { target: target.name, index, key: `${target.name}: ${keyOf(error)}`, text: textOf(error) };
  }
}

function keyOf(error: unknown): string {
  if (error instanceof PropertyFailure) return error.property;
  if (!(error instanceof Error)) return String(error);
  // Name and the place where it was thrown.
  const place = /\n\s+at ([^\n]*)/.exec(error.stack ?? '')?.[1] ?? '';
  return `${error.name} ${place.replace(/[:\d]+\)?$/, '')}`;
}

function textOf(error: unknown): string {
  if (error instanceof PropertyFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 8).join('\n') : String(error);
}
