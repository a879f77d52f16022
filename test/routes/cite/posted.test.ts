/** Whole citations that are posted for a comparison (citation 12.2). */
import t from 'tap';
import { citeSite, digestOf, hours } from '../../tools/cite-site.js';
import { CITE, DAY } from './requests.js';

const FORMS = ['text', 'bibtex', 'ris', 'csl-json', 'datacite-json', 'jsonld', 'json'];

t.test('every form of a citation', async (t) => {
  const site = citeSite(t);
  const post = (body: string) => site.serve({ method: 'POST', path: '/verify', body });
  const made: [string, string][] = [];
  for (const format of FORMS) made.push([format, (await site.serve({ query: `${CITE}&format=${format}` })).text]);
  for (const [format, text] of made) {
    const { status, text: said } = await post(text);
    t.equal(status, 200, format);
    t.match(JSON.parse(said), { result: 'unchanged', cited: { digest: digestOf(hours()) } }, format);
  }
  site.setStream('plain', hours(100));
  await site.serve({ query: `server=dataset&dataset=C/Plain&${DAY}` });
  for (const [format, text] of made) t.match(JSON.parse((await post(text)).text), { result: 'changed' }, format);

  const digest = `sha256-d2c1:${digestOf(hours())}`;
  const address: string = JSON.parse(made.at(-1)?.[1] ?? '').links.data;
  t.match(JSON.parse((await post(`${digest}, ${address}.`)).text), { result: 'changed' }, 'an address of data');
  const other = `sha256-d2c1:${digestOf(hours(100))}`;
  for (const text of [
    '',
    'nothing',
    digest,
    address,
    `${digest} ${other} ${address}`,
    `${digest} http://x.example.org/`,
  ]) {
    t.equal((await post(text)).status, 400, text);
  }
});

t.test('only this address takes a body', async (t) => {
  const site = citeSite(t);
  t.equal((await site.serve({ method: 'POST', path: '/verify' })).status, 400);
  t.equal((await site.serve({ method: 'POST', path: '/verify/x' })).status, 405);
  t.equal((await site.serve({ method: 'PUT', path: '/verify' })).status, 405);
});
