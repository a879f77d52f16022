/**
 * One record, fetched from the main program inside this process, or one file of an archive, kept in a file until it is whole (browse-export 9.3).
 *
 * Contract: the same checks, limits and log as for a client who asks himself. What fails has no file: a reader that ends badly, a stream that
 * ends in an exception, an answer that was cut, nothing in the interval. The file has no name any more when this comes back, so nothing is left behind
 * whatever happens.
 */
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Lend, PIECE } from '../../../browse/archive/piece-pool.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import type { RecordFile } from '../../../browse/inventory/record-files.js';
import { asDas2Error, Das2Error } from '../../../error.js';
import { QSTREAM_TEXT_TYPE } from '../../../reply/build-reply.js';
import type { Reply, ReplySink } from '../../../reply/reply.js';
import { firstValues, parseQuery } from '../../../request/query-string.js';
import type { Request } from '../../../request/request.js';
import type { ServerContext } from '../../../server/context.js';
import { Turns } from '../../../turns.js';
import { handle } from '../../router.js';

export interface FetchedRecord {
  readonly bytes: number;
  readonly sha256: string;
  /** `d2s`, `d2t`, `qds`, `csv` or `png`; '' for a file of the archive. */
  readonly extension: string;
  content(lend: Lend): Iterable<Uint8Array>;
  close(): void;
}

export interface FetchOptions {
  /** Where the file lies while it grows. */
  readonly folder: string;
  readonly mostBytes: number;
  /** Who waits for it: when the client goes, nobody needs the rest. */
  readonly client?: WaitingClient;
}

/** A client who waits for many records, one after the other: it is asked once to tell when it goes, so that no record is held until the last one. */
export class WaitingClient {
  readonly #sink: Pick<ReplySink, 'gone' | 'onGone'>;
  #leave: () => void = () => {};

  constructor(sink: Pick<ReplySink, 'gone' | 'onGone'>) {
    this.#sink = sink;
    sink.onGone(() => this.#leave());
  }

  get gone(): boolean {
    return this.#sink.gone;
  }

  /** What to do when it goes; takes the place of what was to be done before. */
  whenGone(leave: () => void): void {
    this.#leave = leave;
    if (this.gone) leave();
  }
}

/** The last bytes of a stream. */
class Tail {
  readonly #bytes = Buffer.allocUnsafeSlow(8192);
  #length = 0;

  add(bytes: Uint8Array): void {
    const size = this.#bytes.length;
    const added = bytes.length > size ? bytes.subarray(-size) : bytes;
    const kept = Math.min(this.#length, size - added.length);
    this.#bytes.copyWithin(0, this.#length - kept, this.#length);
    this.#bytes.set(added, kept);
    this.#length = kept + added.length;
  }

  text(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }
}

/** A comment packet that is an exception and that nothing follows. */
const EXCEPTION = /^\[..\]\d{6}\s*<exception((?:\s+\w+\s*=\s*(?:"[^"]*"|'[^']*'))+)\s*(?:\/>|>\s*<\/exception>|>)\s*$/;
const ATTRIBUTE = /(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Fetches the answer to a data address. Throws `readerFailed`, or what the main program says against it. */
export async function fetchRecord(facts: BrowseFacts, url: string, options: FetchOptions): Promise<FetchedRecord> {
  const { createHash } = await import('node:crypto');
  const descriptor = openNameless(options.folder);
  try {
    const context: ServerContext = { ...facts.context, notes: {}, afterwards: [] };
    const reply = await handle(context, mainRequest(facts, url));
    const sums = { bytes: 0, hash: createHash('sha256'), tail: new Tail() };
    const take = (bytes: Uint8Array): void => {
      sums.bytes += bytes.length;
      if (sums.bytes > options.mostBytes) return;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      sums.hash.update(bytes);
      sums.tail.add(bytes);
    };
    const { client } = options;
    const isCut = await receive(reply, take, () => sums.bytes > options.mostBytes, client);
    await runAfterwards(context, sums.bytes, isCut);
    if (client?.gone) throw new Das2Error('readerFailed', 'the client has gone');
    refuseBad(reply, context, isCut, sums.tail.text());
    if (sums.bytes > options.mostBytes) throw tooMuch();
    return fetchedFile(descriptor, sums.bytes, sums.hash.digest('hex'), extensionOf(reply, url));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** A file of the archive, as it was at one time: what is copied cannot change any more. Throws `notFound` for one that cannot be read. */
export async function fetchFile(file: RecordFile, options: FetchOptions): Promise<FetchedRecord> {
  if (file.bytes > options.mostBytes) throw tooMuch();
  const { createHash } = await import('node:crypto');
  let source: number;
  try {
    source = openSync(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new Das2Error('notFound', 'the file cannot be read just now', { cause });
  }
  let target: number | undefined;
  try {
    target = openNameless(options.folder);
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafeSlow(PIECE);
    const turns = new Turns();
    let bytes = 0;
    for (let count = readSync(source, piece); count > 0; count = readSync(source, piece)) {
      bytes += count;
      if (bytes > options.mostBytes) throw tooMuch();
      if (options.client?.gone) throw new Das2Error('readerFailed', 'the client has gone');
      for (let at = 0; at < count; ) at += writeSync(target, piece, at, count - at);
      hash.update(piece.subarray(0, count));
      await turns.next();
    }
    return fetchedFile(target, bytes, hash.digest('hex'), '');
  } catch (error) {
    if (target !== undefined) closeSync(target);
    throw error;
  } finally {
    closeSync(source);
  }
}

function tooMuch(): Das2Error {
  return new Das2Error('outputLimit', 'it is larger than what is left of the export');
}

/** Made apart from the fetching, so that an archive that still knows the content of its entries knows nothing of how they came. */
function fetchedFile(descriptor: number, bytes: number, sha256: string, extension: string): FetchedRecord {
  return {
    bytes,
    sha256,
    extension,
    content: (lend) => pieces(descriptor, bytes, lend),
    close: () => closeSync(descriptor),
  };
}

function openNameless(folder: string): number {
  const file = join(folder, `.part-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const descriptor = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  return descriptor;
}

/** A request of the same client to an address of the main program; das2 form, so that faults can be told from data. */
export function mainRequest({ request, paths, places }: BrowseFacts, url: string): Request {
  const mark = url.indexOf('?');
  const query = mark < 0 ? '' : url.slice(mark + 1);
  const pairs = parseQuery(query);
  const credentials = request.headers.get('authorization');
  return {
    ...request,
    method: 'GET',
    mountPath: paths.main,
    baseUrl: places.main,
    path: url.slice(places.main.length, mark < 0 ? undefined : mark),
    query,
    pairs,
    parameters: firstValues(pairs),
    fault: undefined,
    isBrowser: false,
    headers: new Map(credentials === undefined ? [] : [['authorization', credentials]]),
    readBody: undefined,
  };
}

/** Takes the body; true if it was cut. */
async function receive(
  reply: Reply,
  take: (bytes: Uint8Array) => void,
  isTooLong: () => boolean,
  client: FetchOptions['client'],
): Promise<boolean> {
  const { body } = reply;
  if (body.kind === 'bytes') take(body.bytes);
  if (body.kind !== 'stream') return false;
  let isCut = false;
  let leave: () => void = () => {};
  const sink: ReplySink = {
    write: (bytes) => {
      take(bytes);
      if (isTooLong()) leave();
    },
    get gone() {
      return isTooLong() || client?.gone === true;
    },
    onGone: (callback) => {
      leave = callback;
      client?.whenGone(callback);
    },
    abort: () => {
      isCut = true;
    },
  };
  try {
    await body.run(sink);
  } finally {
    client?.whenGone(() => {});
  }
  return isCut;
}

/** What the main program does behind an answer, such as noting what was delivered. */
async function runAfterwards(context: ServerContext, bytes: number, aborted: boolean): Promise<void> {
  for (const work of context.afterwards) {
    try {
      await work({ bytes, firstByteAt: Date.now(), clientGone: false, aborted });
    } catch (error) {
      context.log.line(`Behind a record: ${asDas2Error(error).message}`);
    }
  }
}

const NO_DATA = 'no data in this record';

function refuseBad(reply: Reply, context: ServerContext, isCut: boolean, tail: string): void {
  const exception = lastException(tail);
  const words = exception?.message ?? '';
  if (isTableError(reply)) throw new Das2Error('readerFailed', tableErrorWords(tail));
  if (reply.status !== 200) throw new Das2Error('readerFailed', words || `the server answered ${reply.status}`);
  if (exception !== undefined) {
    throw new Das2Error(
      'readerFailed',
      words || (exception.type === 'NoDataInInterval' ? NO_DATA : 'the reader failed'),
    );
  }
  if (isCut) throw new Das2Error('readerFailed', 'the reader failed before its end');
  const { readerExit } = context.notes;
  if (readerExit !== undefined && readerExit !== 0)
    throw new Das2Error('readerFailed', `the reader ended with status ${readerExit}`);
}

/** True for the answers of HAPI that have no rows: errors, and nothing in the interval. */
function isTableError({ reason }: Reply): boolean {
  return reason !== undefined && /; HAPI 1(?:201|4\d\d|5\d\d)\b/.test(reason);
}

/** What an error document of HAPI says; an answer without rows says nothing of that kind. */
function tableErrorWords(text: string): string {
  const [, message] = /"message":"HAPI error \d{4}: ((?:[^"\\]|\\.){1,300})/.exec(text) ?? [];
  return message === undefined ? NO_DATA : message.replace(/\\(.)/g, '$1');
}

/** The exception packet that a stream ends in, whatever the order of its attributes; `tail`: the last bytes of the stream. */
function lastException(tail: string): { readonly type: string; readonly message: string } | undefined {
  const at = Math.max(tail.lastIndexOf('[xx]'), tail.lastIndexOf('[XX]'));
  const [, element = ''] = (at < 0 ? null : EXCEPTION.exec(tail.slice(at))) ?? [];
  if (element === '') return undefined;
  const attributes = new Map(
    [...element.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name, double ?? single ?? '']),
  );
  return { type: attributes.get('type') ?? '', message: unescaped(attributes.get('message') ?? '') };
}

function unescaped(text: string): string {
  return text
    .replace(/&#\d{1,6};|\s+/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()
    .slice(0, 300);
}

function extensionOf(reply: Reply, url: string): string {
  const type = reply.headers.find(([name]) => name === 'Content-Type')?.[1] ?? '';
  if (type.startsWith('image/png')) return 'png';
  if (type.startsWith('text/csv')) return 'csv';
  if (type.startsWith(QSTREAM_TEXT_TYPE.split(';', 1)[0] ?? '') || type.includes('qstream')) return 'qds';
  return url.includes('&ascii=1') ? 'd2t' : 'd2s';
}

/** The first `size` bytes of an open file, in pieces that `lend` gives. */
export function* pieces(descriptor: number, size: number, lend: Lend): Generator<Uint8Array> {
  for (let at = 0; at < size; ) {
    const piece = lend(Math.min(PIECE, size - at));
    const count = readSync(descriptor, piece, 0, piece.length, at);
    if (count === 0) throw new Error('the file of a record is shorter than it was');
    at += count;
    yield count < piece.length ? piece.subarray(0, count) : piece;
  }
}
