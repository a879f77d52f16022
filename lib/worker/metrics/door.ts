/**
 * Where the numbers of the worker come out: a file (for a collector that reads text files), or HTTP on the loopback. A page that a browser of this
 * machine shows cannot read them, whatever name leads here (auth/address-rights.ts).
 */
import { renameSync, writeFileSync } from 'node:fs';
import { hostDoubt } from '../../auth/address-rights.js';
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

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

/** What can be asked for. */
export interface MetricsAnswers {
  readonly numbers: () => Promise<string>;
  readonly health: () => Promise<{ readonly ok: boolean }>;
  readonly configuration: () => Configuration;
}

/** Answers `GET /metrics` and `GET /health` (503 if something is wrong) until it is closed; tells where. */
export async function openMetricsDoor(
  address: { readonly host: string; readonly port: number },
  answers: MetricsAnswers,
): Promise<{ readonly url: string; close(): void }> {
  const { createServer } = await import('node:http');
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/metrics': async () => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await answers.numbers(),
    }),
    '/health': async () => {
      const health = await answers.health();
      return { status: health.ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify(health)}\n` };
    },
  };
  const answer = async (page: () => Promise<Page>, host = ''): Promise<Page> => {
    const doubt = await hostDoubt(host, answers.configuration());
    return doubt === undefined ? page() : { status: 403, type: 'text/plain', body: `only for ${doubt}\n` };
  };
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    const url = request.url ?? '';
    const page = request.method === 'GET' && Object.hasOwn(pages, url) ? pages[url] : undefined;
    if (page === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('only GET /metrics and GET /health\n');
      return;
    }
    answer(page, request.headers.host).then(
      ({ status, type, body }) => response.writeHead(status, { 'Content-Type': type }).end(body),
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
