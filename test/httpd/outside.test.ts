/** Methods and addresses outside of all programs of the embedded server. */
import t from 'tap';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { header } from '../tools/protocol-driver.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { exchange, sendHttp } from '../tools/raw-http.js';

t.test('outside of all programs', async (t) => {
  const site = layOutProtocolFixture();
  const program = await httpdProgram();
  const server = await startHttpd(program, site.configurationFile);
  t.teardown(async () => {
    await server.stop();
    program.remove();
    site.remove();
  });
  const ask = (method: string, path: string) => sendHttp({ ...server, mountPath: '' }, { method, path });
  for (const [method, path, status] of [
    ['GET', '/', 302],
    ['HEAD', '/', 302],
    ['OPTIONS', '/', 204],
    ['POST', '/', 405],
    ['GET', '/nope', 404],
    ['HEAD', '/nope', 404],
    ['OPTIONS', '/nope', 204],
    ['DELETE', '/nope', 405],
    ['GET', '/das/serverx', 404],
  ] as const) {
    const response = await ask(method, path);
    t.equal(response.status, status, `${method} ${path}`);
    t.equal(response.body.length > 0, method !== 'HEAD' && status > 400);
    if (status === 405) t.equal(header(response, 'Allow'), 'GET, HEAD, OPTIONS');
    if (status === 302) {
      t.equal(header(response, 'Location'), '/das/server');
      t.equal(header(response, 'Cache-Control'), 'no-store');
    }
  }
  for (const [text, status] of [
    ['FOO /das/server?server=id HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['GET /das/server?server=id HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n', 400],
    ['nonsense\r\n\r\n', 400],
    ['GET /das/server?server=id HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: x\r\nBad\x01Name: 1\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(140_000)}\r\n\r\n`, 431],
    ['GET / HTTP/3.7\r\n\r\n', 505],
    ['GET /das/server?server=id HTTP/1.0\r\n\r\n', 200],
  ] as const) {
    const answer = (await exchange(server, text)).bytes.toString();
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), text.slice(0, 60));
    t.match(answer, '\r\nContent-Type: text/plain; charset=utf-8\r\n');
    t.equal(answer.includes('\r\nAllow: GET, HEAD, OPTIONS\r\n'), status === 405);
  }
});
