/**
 * The block of programs that end with status 0 and say nothing. To a request that means that there are no data (server-protocol 2.3), so it
 * means the same here; a request would otherwise ask for the block for ever.
 *
 * A file of no bytes is no stream, and counts as missing (server-internals 2.7 rule 1, 2.9): the block holds the stream that a client would
 * get, a header without properties and the exception. Which programs ended well is the business of the builders: each status counts.
 */
import { formatException } from '../../stream/message.js';
import { frameHeader } from '../../stream/tag.js';

/** A whole stream without records. */
export function emptyStream(kind: 'das2' | 'qstream'): Uint8Array {
  const header = kind === 'qstream' ? '<stream dataset_id="none"/>\n' : '<stream version="2.2" />\n';
  const exception = formatException({ type: 'NoDataInInterval', message: 'No data in the interval of this block' });
  return Buffer.concat([frameHeader('00', header), frameHeader('xx', exception)]);
}
