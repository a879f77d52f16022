/** Types of command-line.mjs, for the programs in test that are scripts. */
import type { ParseArgsConfig, parseArgs } from 'node:util';

export function refuseCommandLine(name: string, message: string): never;
export function readCommandLine<T extends ParseArgsConfig>(
  name: string,
  help: string,
  config: T,
): ReturnType<typeof parseArgs<T>>;
