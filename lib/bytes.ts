/**
 * Text to bytes and back for what every start of a CGI program needs, without `Buffer`: a program that never touches it starts 0.2 ms
 * sooner (docs/architecture.md, "Start-up"). Where a `Buffer` is at hand anyway, its own methods do as well.
 */

let encoder: InstanceType<typeof TextEncoder> | undefined;

/** The text in UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

/** Whether the text has more than `limit` bytes in UTF-8. */
export function hasMoreBytesThan(text: string, limit: number): boolean {
  // Each UTF-16 unit makes one to three bytes.
  if (text.length > limit) return true;
  return text.length * 3 > limit && utf8Bytes(text).length > limit;
}

/** The text in ISO-8859-1; of higher code points the low byte is kept. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** What the bytes say in UTF-8; malformed ones become U+FFFD, a byte order mark stays. */
export function utf8Text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** What the bytes say in ISO-8859-1, one character each. */
export function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * What a file says that somebody wrote by hand: UTF-8, or ISO-8859-1, which old files use, if it has bytes that are no UTF-8; then `warn` is
 * told so.
 */
export function fileText(bytes: Uint8Array, warn?: (line: string) => void): string {
  const text = utf8Text(bytes);
  if (!text.includes('\ufffd')) return text;
  const old = latin1Text(bytes);
  // In UTF-8 the replacement character itself is EF BF BD.
  if (old.includes('\xef\xbf\xbd')) return text;
  warn?.('not UTF-8; read as ISO-8859-1');
  return old;
}

/** All parts in a row, as one array of their own. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
