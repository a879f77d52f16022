/**
 * Builds das2 streams for tests, byte by byte and independently of lib/stream.
 */

/** A header, comment or exception packet with a right length. */
export function headerPacket(id: string, content: string): Buffer {
  return Buffer.from(`[${id}]${String(Buffer.byteLength(content)).padStart(6, '0')}${content}`);
}

export const STREAM = headerPacket('00', '<stream version="2.2">\n</stream>\n');

/** Packet header text around plane elements. */
export function packetHeader(id: number, planes: string): Buffer {
  return headerPacket(String(id).padStart(2, '0'), `<packet>\n${planes}\n</packet>\n`);
}

/** One field as its type says. Times are us2000 numbers. */
export function field(type: string, value: number): Buffer {
  const width = Number(/\d+$/.exec(type)?.[0]);
  if (type.startsWith('ascii')) {
    const digits = Math.min(17, Math.max(0, width - 8));
    return Buffer.from(`${value.toExponential(digits).padStart(width - 1)} `);
  }
  if (type.startsWith('time')) {
    const whole = Math.floor(value / 1e6);
    const date = new Date(Date.UTC(2000, 0, 1) + whole * 1000).toISOString().slice(0, 19);
    const fraction = String(Math.round(value - whole * 1e6)).padStart(6, '0');
    return Buffer.from(`${date}.${fraction}`.slice(0, width - 1).padEnd(width));
  }
  const bytes = Buffer.alloc(width);
  if (width === 4) type.startsWith('little') ? bytes.writeFloatLE(value) : bytes.writeFloatBE(value);
  else type.startsWith('little') ? bytes.writeDoubleLE(value) : bytes.writeDoubleBE(value);
  return bytes;
}

/** A data packet: one type per value. The last byte becomes a newline where the last field is text. */
export function record(id: number, types: readonly string[], values: readonly number[]): Buffer {
  const bytes = Buffer.concat([
    Buffer.from(`:${String(id).padStart(2, '0')}:`),
    ...values.map((value, i) => field(types[Math.min(i, types.length - 1)] as string, value)),
  ]);
  if (/^(?:ascii|time)/.test(types.at(-1) ?? '')) bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

/** Cuts bytes into chunks of these sizes, over and over. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? bytes.length);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
