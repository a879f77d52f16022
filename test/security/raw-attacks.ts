/**
 * What cannot be said as a request: senders that take their time, and bytes that are no HTTP. The server must let go of the former,
 * answer the latter with 4xx or not at all, and serve everybody else meanwhile.
 */
import { connect } from 'node:net';
import type { Test } from 'tap';
import { exchange, type RawTarget, sendHttp } from '../tools/raw-http.js';

/** Milliseconds after which a sender that dawdles must have been cut off: 10 s for a header, and the server looks now and then. */
const PATIENCE_MS = 120_000;

export interface RawOptions {
  /** Connections with unfinished bodies are closed, not only answered. */
  readonly cutsSlowBodies: boolean;
  /** It answers old and odd forms of HTTP as if they were right; then it matters only that nothing else is answered. */
  readonly isLenient: boolean;
}

/** Runs all of it against a server. */
export async function attackRaw(t: Test, target: RawTarget, options: RawOptions): Promise<void> {
  const path = target.mountPath;
  const slowHeaders = Array.from({ length: 15 }, (_, i) =>
    dawdle(target, i % 2 === 0 ? `GET ${path}?server=list HTTP/1.1\r\nHost: x\r\nX-Slow: ` : 'GE', 'a'),
  );
  const slowBodies = Array.from({ length: 5 }, () =>
    dawdle(target, `POST ${path}?server=list HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`, 'b'),
  );
  for (const bytes of brokenRequests(path)) {
    const { bytes: answer } = await exchange(target, bytes).catch(() => ({ bytes: Buffer.alloc(0) }));
    const text = answer.toString('latin1');
    // A body is not looked at, so a broken one does no harm; neither does HTTP/0.9.
    const good = options.isLenient || bytes.includes('chunked') || /^GET \S+\r\n/.test(bytes) ? '200|' : '';
    const front = options.isLenient ? '|<!DOCTYPE' : '';
    t.match(text, new RegExp(`^(?:$|HTTP/1\\.[01] (?:${good}[34]\\d\\d|501|505) ${front})`), nameOf(bytes));
    t.notMatch(text, /\bX-Evil: yes\r\n|\bat .*:\d+:\d+/);
  }
  const smuggled = `GET ${path}?server=id HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET ${path}?server=list HTTP/1.1\r\nHost: x\r\n\r\n`;
  const { bytes } = await exchange(target, smuggled).catch(() => ({ bytes: Buffer.alloc(0) }));
  t.notMatch(bytes.toString('latin1'), 'Canary|', 'no second request in the body of the first');
  t.equal((await sendHttp(target, { query: 'server=id' })).status, 200, 'others are served meanwhile');

  const headers = await Promise.all(slowHeaders);
  t.ok(
    headers.every(({ closed }) => closed),
    `senders of slow headers are let go (${Math.max(...headers.map(({ seconds }) => seconds)).toFixed(0)} s)`,
  );
  t.notOk(headers.some(({ text }) => text.startsWith('HTTP/1.1 200')));
  const bodies = await Promise.all(slowBodies);
  t.ok(
    bodies.every(({ text }) => /^HTTP\/1\.[01] (?:405|408)/.test(text)),
    'a body is not waited for',
  );
  if (options.cutsSlowBodies)
    t.ok(
      bodies.every(({ closed }) => closed),
      'senders of slow bodies are let go',
    );
}

/** The bytes as the name of a check. */
function nameOf(bytes: string): string {
  return JSON.stringify(bytes.slice(0, 60)).replaceAll('#', '');
}

interface Dawdled {
  /** The server closed the connection. */
  readonly closed: boolean;
  readonly seconds: number;
  readonly text: string;
}

/** Sends the beginning, and then a letter each half second until the server has had enough. */
function dawdle(target: RawTarget, beginning: string, letter: string): Promise<Dawdled> {
  const start = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(target.port, target.host, () => socket.write(beginning));
    const timer = setInterval(() => socket.write(letter), 500);
    const end = (closed: boolean): void => {
      clearInterval(timer);
      clearTimeout(limit);
      socket.destroy();
      resolve({ closed, seconds: (performance.now() - start) / 1000, text });
    };
    const limit = setTimeout(() => end(false), PATIENCE_MS);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.on('end', () => end(true));
  });
}

function brokenRequests(path: string): string[] {
  const close = 'Host: x\r\nConnection: close\r\n\r\n';
  return [
    '\r\n\r\n\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n',
    'EVIL\r\n\r\n',
    `GET\r\n\r\n`,
    `GET ${path}\r\n\r\n`,
    `GET ${path} HTTP/9.9\r\n${close}`,
    `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\nHost: y\r\n${close}`,
    `GET ${path} x HTTP/1.1\r\n${close}`,
    `GET\t${path}\tHTTP/1.1\r\n${close}`,
    `GET ${path}?a=\r\nX-Evil: yes\r\n HTTP/1.1\r\n${close}`,
    `GET ${path}?a=\x00b HTTP/1.1\r\n${close}`,
    `GET ${path} HTTP/1.1\r\nHost : x\r\nConnection: close\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\nX Y: z\r\n${close}`,
    `GET ${path} HTTP/1.1\r\nno colon\r\n${close}`,
    `GET ${path} HTTP/1.1\r\n: nameless\r\n${close}`,
    `GET ${path} HTTP/1.1\r\nContent-Length: -1\r\n${close}`,
    `GET ${path} HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${close}a`,
    `GET ${path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${close}zz\r\n`,
    `GET ${path} HTTP/1.1\r\nX: ${'x'.repeat(200_000)}\r\n${close}`,
    `GET ${path} HTTP/1.1\r\n${'X: y\r\n'.repeat(5000)}${close}`,
    `GET ${path}?${'x'.repeat(100_000)} HTTP/1.1\r\n${close}`,
    `GET /${'x'.repeat(10_000)} HTTP/1.1\r\n${close}`,
    `GET /${'../'.repeat(50)}etc/passwd HTTP/1.1\r\n${close}`,
    `GET http://evil.org/ HTTP/1.1\r\n${close}`,
    `CONNECT evil.org:80 HTTP/1.1\r\n${close}`,
    `GET evil HTTP/1.1\r\n${close}`,
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  ];
}
