/** Small streams through the averager of das2_bin_avgsec, and the parts of what it writes: what its tests share. */
import { Das2Error } from '../../lib/error.js';
import { type BinAvgsecOptions, createBinAvgsec } from '../../lib/filter/bin-avgsec.js';
import { headerPacket, packetHeader, STREAM } from './build-stream.js';
import { valuesOf } from './run-filter.js';
import { type Element, type Packet, planesOf, splitStream } from './split-stream.js';

/** An x plane, and its type. */
export const X = '<x type="little_endian_real8" units="us2000"/>';
export const REAL8 = 'little_endian_real8';

/** What came out, as packets and as bytes, and the fault that ended it. */
export interface Outcome {
  readonly packets: Packet[];
  readonly output: Buffer;
  readonly error: Das2Error | undefined;
}

/** What the averager makes of these chunks; a coded error is part of the result, any other is thrown. */
export function reduce(options: BinAvgsecOptions, ...chunks: Uint8Array[]): Outcome {
  const pieces: Buffer[] = [];
  let fault: Das2Error | undefined;
  try {
    const filter = createBinAvgsec(options, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
    for (const chunk of chunks) filter.push(chunk);
    filter.end();
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    fault = error;
  }
  const output = Buffer.concat(pieces);
  return { packets: splitStream(output), output, error: fault };
}

/** Values of the data packets, record by record. */
export const data = ({ packets }: Outcome): (number | string)[][] =>
  packets.filter(({ tag }) => tag.startsWith(':')).map(valuesOf);
/** The tags of all packets in a row. */
export const tags = ({ packets }: Outcome): string => packets.map(({ tag }) => tag).join('');

/** The properties of the output for a stream header with these. */
export function streamProperties(properties: string, seconds: number): Record<string, string> {
  const { packets } = reduce(
    { seconds },
    headerPacket('00', `<stream version="2.2"><properties ${properties}/></stream>`),
  );
  return Object.fromEntries(packets[0]?.root?.children[0]?.attributes ?? []);
}

/** The output planes of a packet header with these planes. */
export function planes(input: string, options: BinAvgsecOptions, stream: Uint8Array = STREAM): Element[] {
  const { packets } = reduce(options, stream, packetHeader(1, input));
  return planesOf(packets[1]?.root as Element);
}

/** Names of planes in a row, `-` for none. */
export const names = (list: readonly Element[]): string =>
  list.map((plane) => plane.attributes.get('name') ?? '-').join(' ');
/** The properties of a plane. */
export const own = (plane: Element | undefined): Record<string, string> =>
  Object.fromEntries(plane?.children[0]?.attributes ?? []);
