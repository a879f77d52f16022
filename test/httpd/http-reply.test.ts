/** Answers through node:http to clients that take their time. */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { writeHttpReply } from '../../lib/httpd/http-reply.js';
import { streamReply } from '../../lib/reply/build-reply.js';
import type { ReplyOutcome } from '../../lib/reply/cgi-reply.js';
import { testRequest } from '../tools/make-test-request.js';

const PIECE = new Uint8Array(1 << 20);
/** More than lies between two programs of one machine. */
const PIECES = 64;

/** A server that answers once, and what became of that; `leftAt` is told when the client counts as gone. */
async function answering(test: Test, patienceMs: number, leave: () => void = () => {}) {
  let tell: (outcome: ReplyOutcome) => void;
  const outcome = new Promise<ReplyOutcome>((resolve) => {
    tell = resolve;
  });
  const request = testRequest();
  const server = createServer((_message, response) => {
    const reply = streamReply(
      request,
      async (sink) => {
        sink.onGone(leave);
        for (let i = 0; i < PIECES && !sink.gone; i++) await sink.write(PIECE);
      },
      { contentType: 'application/octet-stream' },
    );
    void writeHttpReply(reply, request, response, patienceMs).then(tell);
  });
  test.teardown(() => server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  test.teardown(() => client.destroy());
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return { client, outcome };
}

t.test('a client that takes nothing is let go, and its reader with it', async (t) => {
  let left = 0;
  const { client, outcome } = await answering(t, 50, () => left++);
  client.pause();
  const { clientGone, aborted, bytes } = await outcome;
  t.ok(clientGone);
  t.notOk(aborted);
  t.equal(left, 1);
  t.ok(bytes < PIECES * PIECE.length);
});

t.test('one that goes on taking gets all of it', async (t) => {
  const { client, outcome } = await answering(t, 60_000);
  client.resume();
  t.match(await outcome, { clientGone: false, aborted: false, bytes: PIECES * PIECE.length });
});

t.test('a connection that closes while the last bytes leave is told by its end alone', async (t) => {
  const request = testRequest();
  const outcome = await new Promise<ReplyOutcome>((resolve, reject) => {
    const server = createServer((_message, response) => {
      // What Bun does with a client that resets the connection just then: all is finished and closed, and nobody is called back.
      const end = response.end.bind(response);
      response.end = () => end(() => response.destroy());
      const reply = streamReply(request, async (sink) => sink.write(new Uint8Array(10)), { contentType: 'text/plain' });
      writeHttpReply(reply, request, response).then(resolve, reject);
    });
    t.teardown(() => server.close());
    server.listen(0, '127.0.0.1', () => {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      t.teardown(() => client.destroy());
      client.on('error', () => {});
      client.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
  });
  t.match(outcome, { clientGone: true, aborted: false });
});
