/**
 * Documents in gzip form, for clients that ask for it (RFC 9110 12.5.3). Which answers are documents is for document.ts to say; das2
 * clients never ask, so this is loaded for those who do.
 */
import type { Header } from './headers.js';
import type { Reply } from './reply.js';

/** True if `Accept-Encoding` allows gzip. */
export function acceptsGzip(field: string | undefined): boolean {
  if (field === undefined) return false;
  let any = false;
  for (const item of field.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim());
    if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== '*') continue;
    const weight = parameters.find((part) => part.startsWith('q='));
    const wanted = weight === undefined || Number(weight.slice(2)) > 0;
    if (coding !== '*') return wanted;
    any = wanted;
  }
  return any;
}

/** The answer with its body coded; as it was where that saves nothing. */
export async function gzipped(reply: Reply, bytes: Uint8Array): Promise<Reply> {
  const { gzip } = await import('node:zlib');
  const coded = await new Promise<Uint8Array | undefined>((resolve) => {
    gzip(bytes, (error, result) => resolve(error === null ? result : undefined));
  });
  if (coded === undefined || coded.length >= bytes.length) return reply;
  const headers: Header[] = reply.headers.map(([name, value]) => [
    name,
    name === 'Content-Length' ? String(coded.length) : value,
  ]);
  return { ...reply, headers: [...headers, ['Content-Encoding', 'gzip']], body: { kind: 'bytes', bytes: coded } };
}
