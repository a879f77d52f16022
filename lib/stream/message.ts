/**
 * Out of band messages: comments and exceptions, and the two packets by which a server reports a failed request.
 *
 * Contract: types, sources and texts are passed on whatever they are (D-09); a missing attribute is an empty string. Writing
 * escapes once. This file does not read XML, so a server that only reports an error does not load the parser.
 *
 * Rules: stream-format 8; error packets: server-protocol 2.3.
 */
import { frameHeader } from './tag.js';
import { escapeAttribute, removeForbidden } from './xml-escape.js';

export interface Comment {
  readonly type: string;
  readonly source: string;
  readonly value: string;
}

export interface StreamException {
  readonly type: string;
  readonly message: string;
}

/** The comment as the content of an `[xx]` packet, final newline included (stream-format 8.2). */
export function formatComment(comment: Comment): string {
  return `<comment type="${escapeAttribute(comment.type)}" source="${escapeAttribute(comment.source)}" value="${escapeAttribute(comment.value)}" />\n`;
}

/** The exception as the content of an `[xx]` packet, final newline included. */
export function formatException(exception: StreamException): string {
  return `<exception type="${escapeAttribute(exception.type)}" message="${escapeAttribute(exception.message)}" />\n`;
}

/** Longest message of an error packet in bytes, after escaping. */
const MESSAGE_LIMIT = 4096;

const REPORT_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#13;&#10;',
};

/**
 * The text as it stands in the `message` attribute of an error packet: without forbidden characters and outer blank lines, line
 * breaks as character references (a literal one would be read back as a blank), and at most 4096 bytes, cut between characters.
 */
export function escapeReport(message: string): string {
  const text = removeForbidden(message)
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
  let escaped = '';
  let size = 0;
  for (const character of text) {
    const piece = REPORT_ESCAPES[character] ?? character;
    size += Buffer.byteLength(piece);
    if (size > MESSAGE_LIMIT) break;
    escaped += piece;
  }
  return escaped;
}

export interface ErrorPacketOptions {
  readonly type: string;
  readonly message: string;
  /** The client expects a QStream: its reader refuses a stream header without `dataset_id`. */
  readonly qstream?: boolean;
}

/** One `[xx]` exception packet as the server appends it to a stream that already has its headers. */
export function exceptionPacket(type: string, message: string): Uint8Array {
  return frameHeader('xx', `<exception type="${escapeReport(type)}" message="${escapeReport(message)}" />\n`);
}

/** The whole body of a failed request for a das2 client: a stream header and an exception (server-protocol 2.3). */
export function errorPackets(options: ErrorPacketOptions): Uint8Array {
  const root = options.qstream === true ? '<stream dataset_id="none" />\n' : '<stream version="2.2" />\n';
  return Buffer.concat([frameHeader('00', root), exceptionPacket(options.type, options.message)]);
}

/** True for the type of an exception that only says that there are no data. */
export function isNoData(type: string): boolean {
  return /^no_?data_?in_?interval$/i.test(type);
}
