/**
 * Runs a filter program as a function, with its command line, and looks at what came out, independently of lib/stream.
 */
import { Das2Error } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { type Element, itemCount, type Packet, planesOf, splitStream, valueWidth } from './split-stream.js';

export interface FilterRun {
  readonly output: Buffer;
  readonly error: Das2Error | undefined;
  /** Exit status that the program would have. */
  readonly status: number;
  /** Message of the fault; empty if there was none. */
  readonly message: string;
}

/** What the program makes of these chunks; a coded error is part of the result, any other is thrown. */
export function runProgram(
  program: FilterProgram,
  args: readonly string[],
  ...chunks: readonly Uint8Array[]
): FilterRun {
  const pieces: Buffer[] = [];
  let error: Das2Error | undefined;
  try {
    const filter = program.create(args, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
    for (const chunk of chunks) filter.push(chunk);
    filter.end();
  } catch (fault) {
    if (!(fault instanceof Das2Error)) throw fault;
    error = fault;
  }
  const status = error?.code === 'usage' ? program.usageStatus : (error?.exitStatus ?? 0);
  return { output: Buffer.concat(pieces), error, status, message: error?.message ?? '' };
}

/** Values of a data packet: numbers as numbers, text as text. */
export function valuesOf(packet: Packet | undefined): (number | string)[] {
  if (packet?.data === undefined) throw new Error('no data packet');
  const bytes = Buffer.from(packet.data);
  let at = 0;
  return planesOf(packet.header as Element).flatMap((plane) =>
    Array.from({ length: itemCount(plane) }, () => {
      const type = plane.attributes.get('type') ?? '';
      const start = at;
      at += valueWidth(plane);
      if (/^(?:ascii|time)/.test(type)) return bytes.toString('latin1', start, at);
      const little = type.startsWith('little');
      if (type.endsWith('4')) return little ? bytes.readFloatLE(start) : bytes.readFloatBE(start);
      return little ? bytes.readDoubleLE(start) : bytes.readDoubleBE(start);
    }),
  );
}

/** Values of all data packets of a stream, record by record. */
export function dataOf(output: Uint8Array): (number | string)[][] {
  return splitStream(output)
    .filter(({ tag }) => tag.startsWith(':'))
    .map(valuesOf);
}

/** The tags of all packets, in order. */
export function tagsOf(output: Uint8Array): string {
  return splitStream(output)
    .map(({ tag }) => tag)
    .join('');
}

/** The planes of the nth packet, as elements. */
export function planesOfPacket(output: Uint8Array, index: number): readonly Element[] {
  return planesOf(splitStream(output)[index]?.root as Element);
}

/** Attributes of the `<properties>` of an element. */
export function propertiesOf(element: Element | undefined): Record<string, string> {
  return Object.fromEntries(element?.children[0]?.attributes ?? []);
}
