/**
 * What tests of DOIs have in common: a record as DataCite sends it, and servers of the test that send it.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DoiFetchOptions } from '../../../lib/cite/doi/fetch.js';

export const DOI = '10.5072/juno-fgm';
export const DATACITE = {
  creators: [
    {
      name: 'Doe, Jane',
      nameType: 'Personal',
      givenName: 'Jane',
      familyName: 'Doe',
      nameIdentifiers: [{ nameIdentifier: 'https://orcid.org/0000-0002-1825-0097', nameIdentifierScheme: 'ORCID' }],
      affiliation: [{ name: 'University of Example' }],
    },
    { name: 'FGM Team', nameType: 'Organizational' },
    { name: ':unav' },
  ],
  titles: [{ title: 'A subtitle', titleType: 'Subtitle' }, { title: 'Fields\nof Jupiter' }],
  publisher: { name: 'Example Archive', publisherIdentifier: 'https://ror.org/012345678' },
  publicationYear: 2016,
  version: '5',
  rightsList: [{ rightsIdentifier: 'cc0-1.0', rightsUri: 'https://creativecommons.org/publicdomain/zero/1.0/' }],
};

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that is closed, with all its connections, when the test ends. */
export async function serverOf(
  test: { teardown(clean: () => Promise<void>): unknown },
  handler: Handler,
  certificate?: string,
): Promise<{ port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const answer: Handler = (request, response) => {
    asked.push(request);
    handler(request, response);
  };
  const server =
    certificate === undefined
      ? createServer(answer)
      : createSecureServer(
          {
            key: readFileSync(join(certificate, 'privkey.pem')),
            cert: readFileSync(join(certificate, 'fullchain.pem')),
          },
          answer,
        );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

export const json = (response: ServerResponse, value: unknown): void => void response.end(JSON.stringify(value));

export const optionsFor = (port: number, more: Partial<DoiFetchOptions> = {}): DoiFetchOptions => ({
  resolver: `http://127.0.0.1:${port}`,
  hosts: [],
  userAgent: 'das2srv/test (mailto:a@b.org)',
  ...more,
});
