/**
 * A client that sees what libdas2 sees: one request on a connection of its own, HTTP/1.0 or 1.1, header names as they were
 * sent, nothing decoded but chunks. For the checker only; it keeps the first 16 MiB of a body and counts the rest.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export interface PlainRequest {
  /** Whole address, http or https. */
  readonly url: string;
  readonly method?: 'GET' | 'HEAD';
  readonly version?: '1.0' | '1.1';
  readonly headers?: Readonly<Record<string, string>>;
  /** Put behind the path as it stands, with its `?`. */
  readonly query?: string;
  readonly timeoutMs: number;
}

export interface PlainResponse {
  readonly status: number;
  /** As sent, in order. */
  readonly headers: readonly (readonly [string, string])[];
  /** Bytes of status line and header lines. */
  readonly headerBytes: number;
  readonly isChunked: boolean;
  readonly body: Buffer;
  /** The body is shorter than announced, or its last chunk is missing. */
  readonly isCut: boolean;
  readonly firstByteMs: number;
}

const MOST_KEPT = 16 << 20;

/** Sends the request; rejects if there is no connection, no answer in time, or one that is no HTTP. */
export async function plainRequest(request: PlainRequest): Promise<PlainResponse> {
  const start = performance.now();
  const url = new URL(request.url);
  const { bytes, firstByteMs } = await exchange(url, requestText(request, url), request.timeoutMs);
  return parse(bytes, request.method === 'HEAD', firstByteMs - start);
}

/** The value of a header by its name in exactly these letters. */
export function exactHeader(response: PlainResponse, name: string): string | undefined {
  return response.headers.find(([key]) => key === name)?.[1];
}

function requestText(request: PlainRequest, url: URL): string {
  const version = request.version ?? '1.1';
  const lines = [
    `${request.method ?? 'GET'} ${url.pathname}${request.query ?? url.search} HTTP/${version}`,
    `Host: ${url.host}`,
    ...Object.entries({ 'User-Agent': 'das2_srv_check', ...request.headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function exchange(url: URL, text: string, timeoutMs: number): Promise<{ bytes: Buffer; firstByteMs: number }> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port) || (isSecure ? 443 : 80);
    const parts: Buffer[] = [];
    let kept = 0;
    let firstByteMs = 0;
    const socket: Socket = isSecure
      ? connectSecurely({ host, port, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) }, () =>
          socket.write(text),
        )
      : connect(port, host, () => socket.write(text));
    const timer = setTimeout(
      () => socket.destroy(new Error(`no complete answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    socket.on('data', (chunk) => {
      firstByteMs ||= performance.now();
      if (kept < MOST_KEPT) parts.push(chunk);
      kept += chunk.length;
    });
    const done = (): void => resolve({ bytes: Buffer.concat(parts), firstByteMs });
    socket.on('error', (error) => {
      // A reset behind the first bytes is an answer that was cut.
      if (parts.length > 0 && (error as NodeJS.ErrnoException).code === 'ECONNRESET') done();
      else reject(error);
    });
    socket.on('end', done);
    socket.on('close', () => {
      clearTimeout(timer);
      done();
    });
  });
}

function parse(bytes: Buffer, isHead: boolean, firstByteMs: number): PlainResponse {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1]);
  if (end < 0 || Number.isNaN(status)) throw new Error('the answer is no HTTP');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const value = (name: string): string | undefined => headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const isChunked = value('transfer-encoding')?.toLowerCase() === 'chunked';
  const raw = bytes.subarray(end + 4);
  const { body, complete } = isChunked && !isHead ? joinChunks(raw) : { body: raw, complete: true };
  const length = value('content-length');
  const isShort = !isHead && length !== undefined && body.length < Math.min(Number(length), MOST_KEPT / 2);
  return { status, headers, headerBytes: end + 4, isChunked, body, isCut: !complete || isShort, firstByteMs };
}

function joinChunks(raw: Buffer): { body: Buffer; complete: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.subarray(at, Math.max(at, lineEnd)).toString('latin1'), 16);
    if (lineEnd < 0 || Number.isNaN(size)) return { body: Buffer.concat(parts), complete: raw.length >= MOST_KEPT };
    if (size === 0) return { body: Buffer.concat(parts), complete: true };
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
