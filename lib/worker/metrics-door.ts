/**
 * Where the numbers of the worker come out: a file (for a collector that reads text files), or HTTP on the loopback.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Das2Error } from '../error.js';

/** Reads `HOST:PORT` of `--metrics`. Only addresses of this machine: nobody is asked who they are. */
export function metricsAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(localhost|127(?:\.\d{1,3}){3}|\[::1\]):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new Das2Error('usage', '--metrics must be HOST:PORT with a loopback address such as 127.0.0.1:9309', {
      exitStatus: 13,
    });
  }
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

/** Answers `GET /metrics` until it is closed; tells where. */
export async function openMetricsDoor(
  address: { readonly host: string; readonly port: number },
  text: () => Promise<string>,
): Promise<{ readonly url: string; close(): void }> {
  const { createServer } = await import('node:http');
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('only GET /metrics\n');
      return;
    }
    text().then(
      (body) => response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Das2Error('usage', `--metrics: cannot listen there: ${error.code ?? error.message}`, { exitStatus: 13 }),
      ),
    );
    server.listen(address.port, address.host, resolve);
  });
  server.unref();
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}/metrics`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Replaces the file in one step. */
export function writeMetricsFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}
