/**
 * The answer that holds a table: the document around its rows, coded for clients that take it (server-internals 6.5).
 *
 * Contract: rows come by and by. A table that breaks off gets no end, so that no client takes a part for the whole.
 */
import type { KnownQuestion } from '../../hapi/question.js';
import { bytesReply, streamReply } from '../../reply/build-reply.js';
import { acceptsGzip } from '../../reply/gzip-document.js';
import { gzipSink } from '../../reply/gzip-sink.js';
import { hapiReason, hapiStatus } from '../../reply/hapi-status.js';
import type { Header } from '../../reply/headers.js';
import type { Reply, ReplySink } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { ReplyHead } from '../data/prepare-reply.js';
import { aroundRows } from './table-stage.js';

/** How the rows come. */
export interface TableRows {
  /** Who hears what is sent, before it is coded. */
  listenTo?(target: ReplySink): ReplySink;
  /** Writes them; false if there is more that will never come. */
  write(target: ReplySink): Promise<boolean>;
  /** What is to be done behind the last byte of a whole table. */
  afterwards?: (() => Promise<void>) | undefined;
}

/** What is answered: a table under a head, which has what caches need to tell coded forms from others. */
export interface TableAnswer {
  readonly table: KnownQuestion;
  readonly head: ReplyHead;
}

/** A table without rows: code 1201. */
export function emptyTable(context: ServerContext, request: Request, { table, head }: TableAnswer): Reply {
  const { before, after } = aroundRows(context.configuration, request, table, hapiStatus(1201));
  const reply = bytesReply(request, Buffer.from(before + after), { ...head, reason: hapiReason(200, 1201) });
  // An empty answer of today may have something in it tomorrow: no validator but that of settled blocks.
  return { ...reply, isDocument: false };
}

/** A table with rows. */
export function filledTable(
  context: ServerContext,
  request: Request,
  { table, head }: TableAnswer,
  rows: TableRows,
): Reply {
  const isCoded = acceptsGzip(request.headers.get('accept-encoding'));
  const send = async (sink: ReplySink): Promise<void> => {
    const coder = isCoded ? await gzipSink(sink) : undefined;
    const plain = coder ?? sink;
    const target = rows.listenTo?.(plain) ?? plain;
    const { before, after } = aroundRows(context.configuration, request, table, hapiStatus(1200));
    if (before !== '') await target.write(Buffer.from(before));
    if (!(await rows.write(target))) return;
    if (after !== '') await target.write(Buffer.from(after));
    await coder?.end();
    await rows.afterwards?.();
  };
  const coding: Header[] = isCoded ? [['Content-Encoding', 'gzip']] : [];
  return streamReply(request, send, { ...head, headers: [...head.headers, ...coding] });
}
