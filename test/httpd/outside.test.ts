/** Methods and addresses outside of all programs of the embedded server. */
import t from 'tap';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { header } from '../tools/protocol-driver.js';
import { layOutProtocolFixture } from '../tools/protocol-fixture.js';
import { sendHttp } from '../tools/raw-http.js';

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
    if (status === 302) t.equal(header(response, 'Location'), '/das/server');
  }
});
