/** Data requests that say what they expect. Test cases C44 and C45 of citation 16. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import t from 'tap';
import { citeSite, digestOf, hours } from '../../tools/cite-site.js';
import { ASK, FIRST, SECOND } from './requests.js';

t.test('C44: equal, different, no entry', async (t) => {
  const site = citeSite(t);
  const ask = (more: string, headers = {}) => site.serve({ query: `${ASK}${more}`, headers });
  const unknown = await ask(`&expect=${FIRST}`);
  t.equal(unknown.status, 200);
  t.ok(unknown.bytes.equals(hours()), 'no entry, and the right data');
  t.ok((await ask(`&expect=sha256-d2c1:${FIRST.toUpperCase()}`)).bytes.equals(hours()));
  t.ok((await ask(`&expect=${FIRST.slice(0, 16)}`)).bytes.equals(hours()));
  const other = await ask(`&expect=${SECOND}`);
  t.equal(other.status, 412);
  t.match(JSON.parse(other.text), { result: 'changed', basis: 'log', current: { digest: FIRST }, warning: /differ/ });
  t.notMatch(other.text, ':01:');
  t.equal((await ask('', { 'Das2-Expect': `sha256-d2c1:${SECOND}` })).status, 412);
  for (const bad of ['&expect=xyz', '&expect=abc', `&expect=${FIRST}00`, `&expect=${FIRST}&expect_mode=x`]) {
    t.equal((await ask(bad)).status, 400, bad);
  }
});

t.test('data that turn out to be others say so at their end, and are refused from then on', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  site.setStream('plain', hours(100));
  const sent = await site.serve({ query: `${ASK}&expect=${FIRST}` });
  t.equal(sent.status, 200, 'the log knew nothing of it');
  t.ok(sent.bytes.subarray(0, hours(100).length).equals(hours(100)));
  t.match(
    sent.bytes.subarray(hours(100).length).toString(),
    /^\[xx\]\d{6}<comment type="log:warning" source="das2srv" value="These are not/,
  );
  t.equal(digestOf(sent.bytes), SECOND, 'a whole stream');
  t.equal((await site.serve({ query: `${ASK}&expect=${FIRST}` })).status, 412);
  t.equal(site.entries().at(-1)?.raw, undefined);
});

t.test('a warning instead of a refusal', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const { status, bytes, headers } = await site.serve({ query: `${ASK}&expect=${SECOND}&expect_mode=warn` });
  t.equal(status, 200);
  t.match(headers.Link, /^<http:\/\/das\.example\.org\/das\/server\/verify\?url=.*&hash=.*>; rel="describedby"$/);
  t.match(bytes.toString('latin1'), /^\[00\]\d{6}<stream[^[]*\n\[xx\]\d{6}<comment type="log:warning"/);
  t.equal(digestOf(bytes), FIRST, 'a whole stream');
});

t.test('C45: strict, though the log is old', async (t) => {
  const site = citeSite(t);
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('das2-held-'));
  await site.serve({ query: ASK });
  const same = await site.serve({ query: `${ASK}&expect=${FIRST}&expect_mode=strict` });
  t.equal(same.status, 200);
  t.ok(same.bytes.equals(hours()));
  site.setStream('plain', hours(100));
  const changed = await site.serve({ query: `${ASK}&expect=${FIRST}&expect_mode=strict` });
  t.equal(changed.status, 412);
  t.notMatch(changed.text, ':01:', 'nothing is sent');
  t.match(JSON.parse(changed.text), { result: 'changed', current: { digest: SECOND } });
  t.match(site.entries().at(-1), { state: 'ok', d2c1: SECOND }, 'the log knows it now');
  const small = citeSite(t, { CITE_STRICT_MAX: '100 B' });
  t.equal(
    (await small.serve({ query: `${ASK}&expect=${FIRST}&expect_mode=strict` })).status,
    500,
    'too long to be held back',
  );
  const dies = await site.serve({ query: `${ASK.replace('Plain', 'Dies')}&expect=${FIRST}&expect_mode=strict` });
  t.equal(dies.status, 500);
  t.same(
    readdirSync(tmpdir()).filter((name) => name.startsWith('das2-held-')),
    before,
    'no file is left',
  );
});

t.test('without digests nothing can be promised', async (t) => {
  const site = citeSite(t, { CITE_ENABLE: 'no' });
  t.equal((await site.serve({ query: `${ASK}&expect=${FIRST}&expect_mode=strict` })).status, 501);
  t.equal((await site.serve({ query: `${ASK}&expect=${FIRST}` })).status, 200);
});
