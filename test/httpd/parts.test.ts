/** Parts of the embedded web server that need no socket: destinations, mount paths, SCGI headers. */
import fc from 'fast-check';
import t from 'tap';
import { findDestination, normalizeMountPath } from '../../lib/httpd/mounts.js';
import { readScgiHeader } from '../../lib/httpd/scgi-server.js';

t.test('destinations', async (t) => {
  const find = (target: string, base = '/das') => findDestination(target, base);
  t.match(find('/das/server'), { kind: 'program', mountPath: '/das/server', path: '', query: '' });
  t.match(find('/das/server/data/A%2FB?x=%20#f'), { kind: 'program', path: '/data/A/B', query: 'x=%20' });
  t.match(find('/das/server?a?b'), { kind: 'program', path: '', query: 'a?b' });
  t.match(find('HTTPS://h:1/das/server?q'), { kind: 'program', query: 'q' });
  t.match(find('/das/servers'), { kind: 'nowhere' });
  t.match(find('/server', ''), { kind: 'program', mountPath: '/server' });
  t.match(find('/?x', '/a/b'), { kind: 'redirect', path: '/a/b/server' });
  t.match(find('*'), { kind: 'nowhere' });
  t.match(find('/favicon.ico', '/a/b'), { kind: 'redirect', path: '/a/b/server/static/logo.png' });
  t.match(find('/das/favicon.ico'), { kind: 'nowhere' });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (target) => find(target) !== undefined));
});

t.test('mount paths', async (t) => {
  t.equal(normalizeMountPath('/das/'), '/das');
  t.equal(normalizeMountPath('/'), '');
  for (const bad of ['das', '/a b', '/..', '/a//b', '/a?b']) t.equal(normalizeMountPath(bad), undefined, bad);
});

t.test('SCGI headers', async (t) => {
  const whole = Buffer.from('24:CONTENT_LENGTH\x000\0SCGI\x001\0,');
  t.same(readScgiHeader(whole), { CONTENT_LENGTH: '0', SCGI: '1' });
  for (let i = 0; i < whole.length; i++) t.equal(readScgiHeader(whole.subarray(0, i)), 'incomplete', `${i} bytes`);
  for (const bad of ['x', '1234567890', '5:abcde,', '4:a\0b\0;', '4:a\0bc,', ':,', '-1:', ' 4:a\0b\0,']) {
    t.equal(readScgiHeader(Buffer.from(bad)), 'bad', JSON.stringify(bad));
  }
  for (const long of ['1048577:', '99999999:']) t.equal(readScgiHeader(Buffer.from(long)), 'tooLong');
  t.equal(readScgiHeader(Buffer.from('1048576:')), 'incomplete');
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readScgiHeader(Buffer.from(bytes)) !== undefined));
});
