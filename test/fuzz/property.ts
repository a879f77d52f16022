/**
 * What a target of the fuzzer is, and how it says that a property does not hold.
 */
import type { Random } from './random.js';

/** A property that must hold for every input did not hold for this one. */
export class PropertyFailure extends Error {
  override readonly name = 'PropertyFailure';

  constructor(
    /** Stable words for the property: finds with the same words are one find. */
    readonly property: string,
    details: string,
  ) {
    super(`${property}: ${details.slice(0, 600)}`);
  }
}

/** How an input came about, which decides what can be demanded. */
export type Nature =
  /** A generated stream as it is. */
  | 'whole'
  /** A generated stream that ends somewhere. */
  | 'cut'
  /** Anything else. */
  | 'damaged';

/** What is known about an input that was generated and not damaged. */
export interface InputFacts {
  /** Only what every filter must take without a fault. */
  readonly usual: boolean;
  readonly records: number;
  readonly values: number;
  readonly headers: number;
  readonly exceptions: number;
}

export interface FuzzInput {
  readonly bytes: Uint8Array;
  readonly args: readonly string[];
  readonly nature: Nature;
  readonly facts?: InputFacts | undefined;
}

export interface Target {
  readonly name: string;
  /** How many executions it gets in comparison to other targets; 1 without it. More for those that look at one value only. */
  readonly share?: number;
  /** A random input; `seeds` are small streams that damage may start from. */
  make(random: Random, seeds: readonly Uint8Array[]): FuzzInput;
  /** Runs the code and checks every property; returns how many times the code under test ran. Throws what it finds. */
  check(input: FuzzInput, random: Random): number;
}

/** The words as an error, unless the property holds. */
export function demand(holds: boolean, property: string, details: () => string): void {
  if (!holds) throw new PropertyFailure(property, details());
}
