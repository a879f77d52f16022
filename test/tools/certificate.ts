/** A certificate that signs itself, for the tests of sites with HTTPS, and a client that believes it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

/** Makes fullchain.pem and privkey.pem in a folder, for a name and perhaps an address; false where there is no openssl. */
export function makeCertificate(folder: string, address?: string): boolean {
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=das.example.org'],
    ...(address === undefined ? [] : ['-addext', `subjectAltName=IP:${address}`]),
    ...['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')],
  ]);
  return status === 0;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** GET over HTTPS from the loopback interface, whatever the certificate says. */
export function getHttps(port: number, path: string, headers: Record<string, string> = {}): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers: { Host: 'das.example.org', ...headers },
      rejectUnauthorized: false,
      agent: false,
    };
    request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (chunk: Buffer) => parts.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}
