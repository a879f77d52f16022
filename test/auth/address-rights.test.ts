/** When a loopback address proves that somebody at this machine asks: proxies, foreign names that lead here (server-internals 4.3, 5.2). */
import { hostname } from 'node:os';
import t from 'tap';
import { addressDoubt, isAllowedAddress } from '../../lib/auth/address-rights.js';
import { Configuration } from '../../lib/conf/configuration.js';

const configured = (text: string): Configuration =>
  new Configuration(text, { file: '/x/das2server.conf', prefix: '/x' });

const doubt = (clientAddress: string, headers: Record<string, string>, settings = ''): Promise<string | undefined> =>
  addressDoubt({ clientAddress, headers: new Map(Object.entries(headers)) }, configured(settings));

t.test('names that no stranger can own', async (t) => {
  const machine = hostname();
  for (const host of [
    'localhost',
    'LocalHost:8080',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1:80',
    '192.0.2.1:8080',
    '[::1]',
    '[::1]:8080',
    '[::ffff:127.0.0.1]',
    machine,
    `${machine.toUpperCase()}:8080`,
    machine.split('.')[0] ?? '',
    '',
  ]) {
    t.equal(await doubt('127.0.0.1', { host }), undefined, host);
    t.equal(await doubt('::1', { host }), undefined, host);
  }
  t.equal(await doubt('127.0.0.1', {}), undefined, 'HTTP/1.0, and a program started by hand');
});

t.test('names of others that lead here', async (t) => {
  for (const host of [
    'evil.example',
    'evil.example:8080',
    'evil.example.',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    `${hostname()}.evil.example`,
    'das.example.org',
    'localhost@evil.example',
    'localhost:80:evil.example',
    'localhost/evil.example',
    '[::1].evil.example',
    '[evil.example]',
    'localhost..',
    'localhost, evil.example',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '.',
    ':80',
    ' ',
  ]) {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      t.match(await doubt(address, { host }), `this one is to '${host}'`, `${address} ${host}`);
    }
  }
  t.equal((await doubt('127.0.0.1', { host: 'e'.repeat(3000) }))?.includes('e'.repeat(100)), false, 'told in short');
});

t.test('the name that the administrator has written', async (t) => {
  for (const url of [
    'http://das.example.org/das/server',
    'https://DAS.example.org:8443/das/server/',
    'https://das.example.org.',
  ]) {
    const settings = `SERVER_URL = ${url}\n`;
    for (const host of ['das.example.org', 'das.example.org:8080', 'Das.Example.org.']) {
      t.equal(await doubt('127.0.0.1', { host }, settings), undefined, `${url} ${host}`);
    }
    t.ok(await doubt('127.0.0.1', { host: 'evil.example' }, settings));
    t.ok(await doubt('127.0.0.1', { host: 'x.das.example.org' }, settings));
    t.ok(await doubt('127.0.0.1', { host: 'example.org' }, settings));
  }
  t.ok(await doubt('127.0.0.1', { host: 'evil.example' }, 'SERVER_URL = evil.example\n'), 'no URL');
});

t.test('what a proxy hands on', async (t) => {
  const settings = 'TRUSTED_PROXIES = 127.0.0.1\n';
  for (const name of ['x-forwarded-for', 'forwarded', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']) {
    for (const host of ['localhost', '127.0.0.1:8080', 'evil.example']) {
      t.match(await doubt('127.0.0.1', { host, [name]: 'localhost' }, settings), 'TRUSTED_PROXIES', `${name} ${host}`);
    }
  }
});

t.test('other addresses are believed under any name', async (t) => {
  for (const address of ['192.0.2.1', '10.0.0.1', '::2', 'fe80::1%lo', '', 'localhost']) {
    t.equal(await doubt(address, { host: 'evil.example', via: '1.1 x' }), undefined, address);
  }
});

t.test('an address of a list', async (t) => {
  const configuration = configured('TEST_FROM = 127.0.0.1 192.0.2.1\n');
  const lines: string[] = [];
  const ask = (clientAddress: string, host: string): Promise<boolean> =>
    isAllowedAddress({ clientAddress, headers: new Map([['host', host]]) }, 'TEST_FROM', {
      configuration,
      log: (line) => lines.push(line),
    });
  t.equal(await ask('127.0.0.1', 'localhost'), true);
  t.equal(await ask('192.0.2.1', 'evil.example'), true);
  t.equal(await ask('192.0.2.2', 'localhost'), false);
  t.equal(await ask('::1', 'evil.example'), false);
  t.same(lines, [], 'nothing to say about those that are not listed');
  t.equal(await ask('127.0.0.1', 'evil.example'), false);
  t.match(lines.join('\n'), /^TEST_FROM lists 127\.0\.0\.1, but .*SERVER_URL.*'evil\.example'$/);
});
