/** Who is answered where the worker shows its numbers: nobody whose browser was led here by a stranger's name. */
import { get } from 'node:http';
import { hostname } from 'node:os';
import t from 'tap';
import { Configuration } from '../../../lib/conf/configuration.js';
import { openMetricsDoor } from '../../../lib/worker/metrics/door.js';

t.test('the name in Host must be one of this machine', async (t) => {
  const text = 'SERVER_URL = https://das.example.org/das/server\n';
  const configuration = new Configuration(text, { file: 'das2server.conf', prefix: '/nowhere' });
  const door = await openMetricsDoor(
    { host: '127.0.0.1', port: 0 },
    { numbers: async () => 'numbers\n', health: async () => ({ ok: true }), configuration: () => configuration },
  );
  t.teardown(() => door.close());
  const ask = (path: string, host: string): Promise<{ status: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      get(new URL(path, door.url), { headers: { Host: host } }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk)).on('end', () => resolve({ status: response.statusCode, body }));
      }).on('error', reject);
    });
  for (const host of ['localhost:9309', '127.0.0.1', '[::1]:9309', hostname(), 'das.example.org'])
    t.match(await ask('/metrics', host), { status: 200, body: 'numbers\n' }, host);
  for (const path of ['/metrics', '/health'])
    t.match(await ask(path, 'stranger.example.com'), {
      status: 403,
      body: /localhost.*SERVER_URL.*'stranger\.example\.com'/,
    });
  t.match(await ask('/other', 'stranger.example.com'), { status: 404 });
});
