/**
 * Runs a filter program as a function on whole input, in chunks of a given size.
 */
import { isDas2Error } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { StreamReader } from '../../lib/stream/stream-reader.js';
import { cut } from './build-stream.js';
import { PacketCollector, type StreamPacket } from './read-stream.js';

export interface ProgramRun {
  readonly output: Buffer;
  /** Exit status that the program would have. */
  readonly status: number;
  /** Message of the fault; empty if there was none. */
  readonly message: string;
}

/** Output, status and message. Faults that are no `Das2Error` are thrown on. */
export function runProgram(
  program: FilterProgram,
  args: readonly string[],
  input: Uint8Array,
  chunkSize = 65536,
): ProgramRun {
  const pieces: Uint8Array[] = [];
  const done = (status: number, message: string): ProgramRun => ({ output: Buffer.concat(pieces), status, message });
  try {
    const filter = program.create(args, { write: (bytes) => pieces.push(Uint8Array.from(bytes)) });
    for (const piece of cut(input, [chunkSize])) filter.push(piece);
    filter.end();
    return done(0, '');
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return done(error.code === 'usage' ? program.usageStatus : error.exitStatus, error.message);
  }
}

/** The packets of a stream, as far as it can be read. */
export function packetsOf(bytes: Uint8Array): readonly StreamPacket[] {
  const collector = new PacketCollector();
  const reader = new StreamReader(collector);
  reader.push(bytes);
  reader.end();
  return collector.packets;
}
