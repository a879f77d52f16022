/** Records of DOIs fetched from servers of this test: public addresses, redirects, limits. Test case C37 of citation 16. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type DoiFetchOptions, fetchDoi, resolverAddress } from '../../../lib/cite/doi/fetch.js';
import { isPublicAddress } from '../../../lib/conf/public-address.js';
import { makeCertificate } from '../../tools/certificate.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { DATACITE, DOI, type Handler, json, optionsFor, serverOf } from './doi-servers.js';

t.test('addresses of the public network', async (t) => {
  for (const address of ['8.8.8.8', '193.0.6.139', '2001:4860:4860::8888', '2606:4700::1111'])
    t.ok(isPublicAddress(address), address);
  for (const address of [
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
    ],
    ...[
      '::',
      '::1',
      '::ffff:8.8.8.8',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '64:ff9b::808:808',
      '2002:808:808::1',
      '2001::1',
      '2001:db8::1',
    ],
    ...['', 'x', '8.8.8', '08.8.8.8'],
  ])
    t.notOk(isPublicAddress(address), address);
});

t.test('fetched: what is asked for, and what comes of the answers', async (t) => {
  t.equal(
    resolverAddress('https://doi.org/', '10.1000/a b<>?#%')?.href,
    'https://doi.org/10.1000/a%20b%3C%3E%3F%23%25',
  );
  t.equal(resolverAddress('file:///etc/', '10.1000/x'), undefined);
  t.equal(resolverAddress('nonsense', '10.1000/x'), undefined);
  const answers: Record<string, Handler> = {
    [`/${DOI}`]: (_request, response) => json(response, DATACITE),
    '/10.5072/none': (_request, response) => void response.writeHead(404).end(),
    '/10.5072/broken': (_request, response) => void response.writeHead(500).end('no'),
    '/10.5072/page': (_request, response) => void response.end('<html>'),
    '/10.5072/cut': (request) => request.socket.destroy(),
    '/10.5072/long': (_request, response) => {
      response.on('error', () => {});
      const part = Buffer.alloc(1 << 20, 0x20);
      for (let i = 0; i < 5; i++) response.write(part);
      json(response, DATACITE);
    },
  };
  const { port, asked } = await serverOf(t, (request, response) => answers[request.url ?? '']?.(request, response));
  const fetched = (doi: string) => fetchDoi(doi, optionsFor(port));
  t.match(await fetched(DOI), { outcome: 'good', record: { year: '2016' }, source: `127.0.0.1:${port}` });
  t.match(asked[0]?.headers.accept, /^application\/vnd\.datacite\.datacite\+json, application\/vnd\.citationstyles/);
  t.equal(asked[0]?.headers['user-agent'], 'das2srv/test (mailto:a@b.org)');
  t.match(await fetched('10.5072/none'), { outcome: 'notFound' });
  t.match(await fetched('10.5072/broken'), { outcome: 'failed', reason: 'status 500' });
  t.match(await fetched('10.5072/page'), { outcome: 'failed', reason: /no record/ });
  t.match(await fetched('10.5072/cut'), { outcome: 'failed' });
  t.match(await fetched('10.5072/long'), { outcome: 'failed', reason: /more than 1048576 bytes/ });
  t.match(await fetchDoi(DOI, optionsFor(1)), { outcome: 'failed', reason: 'ECONNREFUSED' });
});

t.test('C37: an answer that never ends is given up', async (t) => {
  const { port } = await serverOf(t, (_request, response) => void response.write('{'));
  t.match(await fetchDoi(DOI, optionsFor(port)), { outcome: 'failed', reason: 'no answer within 5 s' });
});

t.test('C37: redirects', async (t) => {
  const { path } = temporaryFolder(t);
  if (!makeCertificate(path, '127.0.0.1')) {
    t.pass('openssl is not there: nothing to see');
    return;
  }
  const secure = await serverOf(
    t,
    (request, response) => {
      if (request.url === '/record') json(response, DATACITE);
      else response.writeHead(302, { Location: '/round' }).end();
    },
    path,
  );
  let location = '';
  const { port } = await serverOf(
    t,
    (_request, response) => void response.writeHead(302, { Location: location }).end(),
  );
  const authority = readFileSync(join(path, 'fullchain.pem'), 'utf8');
  const from = (to: string, more: Partial<DoiFetchOptions> = {}) => {
    location = to;
    const hosts = [`127.0.0.1:${secure.port}`, `localhost:${secure.port}`];
    return fetchDoi(DOI, optionsFor(port, { hosts, authority, ...more }));
  };
  for (const host of ['127.0.0.1', 'localhost'])
    t.match(await from(`https://${host}:${secure.port}/record`), { outcome: 'failed', reason: /not public/ }, host);
  t.match(await from('https://elsewhere.example.org/record'), { reason: /not of CITE_DOI_HOSTS/ });
  t.match(await from(`http://127.0.0.1:${port}/x`), { reason: /plain https/ });
  t.match(await from(`https://u:p@127.0.0.1:${secure.port}/record`), { reason: /plain https/ });
  t.match(await from('https://['), { reason: /no address/ });
  t.match(await from('https://169.254.169.254/x', { hosts: ['169.254.169.254'] }), { reason: /not public/ });
  t.same(secure.asked, [], 'nothing was asked there');
  const isAllowed = (): boolean => true;
  t.match(await from(`https://127.0.0.1:${secure.port}/record`, { isAllowed }), {
    outcome: 'good',
    record: { year: '2016' },
    source: `127.0.0.1:${secure.port}`,
  });
  t.match(await from(`https://127.0.0.1:${secure.port}/round`, { isAllowed }), { reason: 'more than 4 redirects' });
  const otherName = await from(`https://localhost:${secure.port}/record`, { isAllowed });
  t.match(otherName, { reason: /ERR_TLS_CERT_ALTNAME_INVALID/ }, 'certificates are looked at');
});
