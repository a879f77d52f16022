/** das2_srv_cite equivalent: two digests that stand for the same data. */
import t from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { declareEquivalent, type EquivalentOptions } from '../../../lib/worker/cite/equivalent.js';
import { ASK, FIRST, SECOND } from '../../routes/cite/requests.js';
import { citeSite, hours } from '../../tools/cite-site.js';

t.test('declared once, listed, refused without reason or where the log has no such digest', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  site.setStream('plain', hours(100));
  await site.serve({ query: ASK });
  const printed: string[] = [];
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const declare = (words: readonly string[], options: EquivalentOptions = {}, json = false): string => {
    const place = { configuration, root: site.citeRoot, json, print: (text: string) => void printed.push(text) };
    t.equal(declareEquivalent(place, words, options), 0);
    return printed.splice(0).join('');
  };
  const refused = (words: readonly string[], options: EquivalentOptions, why: RegExp): void => {
    t.throws(() => declare(words, options), { code: 'usage', message: why });
  };
  t.equal(declare([]), 'nothing was declared equivalent\n');
  const reason = 'another compiler';
  refused([FIRST, SECOND], {}, /--reason/);
  refused([FIRST], { reason }, /two digests/);
  refused([FIRST, FIRST], { reason }, /two digests/);
  refused([FIRST, 'ab'.repeat(32)], { reason }, /the log has no/);
  refused([FIRST.slice(0, 20), SECOND], { reason }, /64/);
  refused([FIRST, `sha256-q1:${SECOND}`], { reason }, /the log has no/);
  refused([FIRST, SECOND], { reason, relative: 'much' }, /--relative/);
  t.equal(
    declare([FIRST, `sha256-d2c1:${SECOND}`], { reason, relative: '2e-16', packets: '24', name: 'K' }),
    'declared equivalent\n',
  );
  t.equal(declare([SECOND, FIRST], { reason }), 'they were equivalent already\n');
  t.match(declare([]), /another compiler/);
  t.match(JSON.parse(declare([], {}, true)), [
    { old: FIRST, new: SECOND, relative: 2e-16, packets: 24, name: 'K', reason },
  ]);
  const verified = await site.serve({
    path: '/verify',
    query: `url=${encodeURIComponent(`http://das.example.org/das/server?${ASK}`)}&hash=${FIRST}`,
  });
  t.match(JSON.parse(verified.text), { result: 'unchanged-equivalent', equivalences: [{ relative: 2e-16 }] });
});
