/**
 * A client that sees everything: one request on a connection of its own, header names as they were sent, cut answers as such.
 */
import { connect } from 'node:net';
import type { ProtocolResponse, RequestSpec } from './protocol-driver.js';

export interface RawTarget {
  readonly host: string;
  readonly port: number;
  /** Path of the program, e.g. `/das/server`. */
  readonly mountPath: string;
  /** Value of `Host`; default `das.example.org`. */
  readonly hostName?: string;
}

/** Sends a request and reads the answer to the end of the connection. */
export async function sendHttp(target: RawTarget, request: RequestSpec): Promise<ProtocolResponse> {
  const { bytes, wasReset } = await exchange(target, requestText(target, request));
  return parseHttp(bytes, wasReset, request.method === 'HEAD');
}

/** The bytes of a request. */
export function requestText(target: RawTarget, request: RequestSpec): string {
  const query = request.query === undefined ? '' : `?${request.query}`;
  const lines = [
    `${request.method ?? 'GET'} ${target.mountPath}${request.path ?? ''}${query} HTTP/${request.httpVersion ?? '1.1'}`,
    `Host: ${target.hostName ?? 'das.example.org'}`,
    ...Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Sends bytes and takes all that comes back. */
export function exchange(
  target: { readonly host: string; readonly port: number },
  text: string,
): Promise<{ bytes: Buffer; wasReset: boolean }> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(target.port, target.host, () => socket.write(text, 'latin1'));
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer for a minute')));
    socket.on('data', (chunk) => parts.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve({ bytes: Buffer.concat(parts), wasReset: true });
      else reject(error);
    });
    socket.on('end', () => resolve({ bytes: Buffer.concat(parts), wasReset: false }));
  });
}

/** Takes an answer apart. */
export function parseHttp(bytes: Buffer, wasReset: boolean, isHead = false): ProtocolResponse {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no header block in ${JSON.stringify(bytes.toString('latin1').slice(0, 500))}`);
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const value = (name: string): string | undefined => headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const raw = bytes.subarray(end + 4);
  const length = value('content-length');
  let body = raw;
  let isShort = length !== undefined && !isHead && raw.length < Number(length);
  if (value('transfer-encoding') === 'chunked' && !isHead) {
    const joined = joinChunks(raw);
    body = joined.body;
    isShort = !joined.complete;
  }
  return {
    status: Number(statusLine.split(' ')[1]),
    reason: statusLine.split(' ').slice(2).join(' '),
    headers,
    body,
    aborted: wasReset || isShort,
    headerBytes: end + 4,
  };
}

function joinChunks(raw: Buffer): { body: Buffer; complete: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const lineEnd = raw.indexOf('\r\n', at);
    if (lineEnd < 0) break;
    const size = Number.parseInt(raw.subarray(at, lineEnd).toString('latin1'), 16);
    if (size === 0) return { body: Buffer.concat(parts), complete: true };
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return { body: Buffer.concat(parts), complete: false };
}
