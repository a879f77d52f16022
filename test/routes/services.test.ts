/** What the capability document names is what a client gets (server-protocol 6.1). */
import t from 'tap';
import { inProcessSite } from '../tools/in-process.js';

t.test('what is switched on and provided is named, with an address that is answered', async (t) => {
  const { ask } = inProcessSite(t, { settings: { PNG_MAKER: 'false', ENABLE_HAPI_SUBSYS: 'true' } });
  const services: Record<string, { _reference: string }> = JSON.parse((await ask({ path: '/services' })).text);
  t.ok('image' in services);
  t.ok('HAPI' in services);
  for (const [name, { _reference: reference }] of Object.entries(services)) {
    const [path = '', query] = reference.replace(/^http:\/\/das\.example\.org\/das\/server/, '').split('?');
    const real = (text: string): string =>
      text.replace('ID', 'Examples/Range').replace('BEGIN', '2017-01-01').replace('END', '2017-01-02');
    const request = { path: real(path), ...(query === undefined ? {} : { query: real(query) }), method: 'HEAD' };
    t.equal((await ask(request)).status, 200, name);
  }
  t.equal((await ask({ path: '/hapi/capabilities' })).status, 200);
});

t.test('what is switched off is not named', async (t) => {
  const { ask } = inProcessSite(t);
  const services = JSON.parse((await ask({ path: '/services.json' })).text);
  t.notOk('image' in services);
  t.equal((await ask({ path: '/hapi' })).status, 404);
});
