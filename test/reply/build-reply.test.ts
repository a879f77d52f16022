/** Headers of answers and the refusal of header values that would inject something (server-protocol 2.1). */
import t from 'tap';
import {
  bytesReply,
  emptyReply,
  htmlReply,
  jsonReply,
  redirectReply,
  streamReply,
  textReply,
} from '../../lib/reply/build-reply.js';
import { checkHeaders, mergeHeaders } from '../../lib/reply/headers.js';
import { disposition, mediaTypeOf } from '../../lib/reply/media-type.js';
import type { Reply } from '../../lib/reply/reply.js';
import { testRequest } from '../tools/make-test-request.js';

const headersOf = (reply: Reply): Record<string, string> => Object.fromEntries(reply.headers);
const request = testRequest();

t.test('headers of a dynamic answer', async (t) => {
  t.same(headersOf(textReply(request, 'µ')), {
    'Content-Type': 'text/plain; charset=utf-8',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET',
    'Access-Control-Allow-Headers': 'Content-Type',
    'X-Content-Type-Options': 'nosniff',
    Expires: 'now',
    'Content-Length': '2',
  });
});

t.test('with credentials there is no CORS, and caches keep away', async (t) => {
  const headers = headersOf(textReply(testRequest({ headers: { Authorization: 'Basic x' } }), 'x'));
  t.equal(headers['Access-Control-Allow-Origin'], undefined);
  t.equal(headers['Access-Control-Allow-Methods'], undefined);
  t.equal(headers['Cache-Control'], 'private');
  t.equal(headers.Vary, 'Authorization');
});

t.test('kinds', async (t) => {
  t.equal(
    headersOf(bytesReply(request, new Uint8Array(3), { contentType: 'image/png', dynamic: false })).Expires,
    undefined,
  );
  t.equal(headersOf(streamReply(request, async () => {}, { contentType: 'x/y' }))['Content-Length'], undefined);
  t.equal(headersOf(jsonReply(request, {}))['Content-Type'], 'application/json; charset=utf-8');
  t.match(headersOf(htmlReply(request, ''))['Content-Security-Policy'], "default-src 'self'");
  t.equal(emptyReply(request, 204).status, 204);
  const redirect = redirectReply(request, 'http://x.org/?a=b');
  t.equal(redirect.status, 301);
  t.match(headersOf(redirect), { Location: 'http://x.org/?a=b', 'Cache-Control': 'no-store', 'Content-Length': '0' });
  t.throws(() => redirectReply(request, `http://x.org/${'a'.repeat(1010)}`), { code: 'queryTooLong' });
  const merged = mergeHeaders([['Vary', 'a']], [['vary', 'b']], [['Expires', 'now']]);
  t.same(merged, [
    ['vary', 'b'],
    ['Expires', 'now'],
  ]);
});

t.test('bad header values are our fault', async (t) => {
  for (const value of ['a\r\nX: y', 'a\nb', 'a\0b', 'a\x7fb', '€', 'a\x1bb']) {
    t.throws(() => checkHeaders([['X', value]]), { code: 'internal' }, JSON.stringify(value));
  }
  t.throws(() => checkHeaders([['Content-Disposition', 'x'.repeat(196)]]), { code: 'internal' });
  t.throws(() => checkHeaders([['Content-Type', 'x'.repeat(128)]]), { code: 'internal' });
  t.throws(
    () =>
      checkHeaders([
        ['A', 'x'.repeat(900)],
        ['B', 'x'.repeat(900)],
      ]),
    { code: 'internal' },
  );
  t.doesNotThrow(() =>
    checkHeaders([
      ['A', 'x'.repeat(1000)],
      ['B', 'µ\tx'.repeat(100)],
    ]),
  );
  t.throws(() => textReply(request, 'x', { headers: [['X-Evil', 'a\r\nb']] }), { code: 'internal' });
});

t.test('media types', async (t) => {
  t.equal(mediaTypeOf('a.PNG')?.contentType, 'image/png');
  t.equal(mediaTypeOf('a.b.d2s')?.contentType, 'application/vnd.das2.das2stream');
  t.equal(mediaTypeOf('a'), undefined);
  t.equal(mediaTypeOf('a.constructor'), undefined);
  t.equal(mediaTypeOf('a.'), undefined);
  t.equal(disposition('inline', 'a b"c\r\n.d2s'), 'inline; filename="a_b_c__.d2s"');
  const long = disposition('attachment', `${'x'.repeat(300)}.d2s`);
  t.ok(long.length <= 195 && long.endsWith('x.d2s"'));
});
