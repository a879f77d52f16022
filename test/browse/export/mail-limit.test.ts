/** Messages at the end of exports: a few a day to one address, whoever asks, and a few for one client. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { BrowseFacts } from '../../../lib/browse/facts/facts.js';
import { isMailWithin, noteMail, requireMailWithin } from '../../../lib/routes/browse/export/mail.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { exportSite } from './export-site.js';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

function factsOf(stateRoot: string) {
  return (clientAddress: string, now = NOW): BrowseFacts =>
    ({
      context: { configuration: { path: () => stateRoot } },
      request: { clientAddress },
      now,
    }) as unknown as BrowseFacts;
}

t.test('an address gets ten a day, whoever asks', async (t) => {
  const { path } = temporaryFolder(t);
  const facts = factsOf(path);
  for (let n = 0; n < 10; n++) {
    t.equal(isMailWithin(facts(`192.0.2.${n}`), 'Don@x.org'), true);
    noteMail(facts(`192.0.2.${n}`), n % 2 === 0 ? 'don+a@x.org' : 'DON@x.org');
  }
  t.throws(() => requireMailWithin(facts('192.0.2.99'), 'don@x.org'), { code: 'tooMany', message: /^mail: / });
  t.equal(isMailWithin(facts('192.0.2.99'), 'dora@x.org'), true, 'others are told');
  t.equal(isMailWithin(facts('192.0.2.99', NOW + DAY), 'don@x.org'), true, 'and the next day it is');
  t.doesNotThrow(() => requireMailWithin(facts('192.0.2.99'), undefined));
  const folder = join(path, 'mails');
  const kept = readdirSync(folder).map((name) => name + readFileSync(join(folder, name), 'utf8'));
  t.notMatch(kept.join(), /don|x\.org|192\.0/, 'nothing tells the address');
});

t.test('a client has thirty, for all addresses', async (t) => {
  const facts = factsOf(temporaryFolder(t).path);
  for (let n = 0; n < 30; n++) noteMail(facts(`2001:db8::${n}`), `u${n}@x.org`);
  t.equal(isMailWithin(facts('2001:db8::ffff'), 'new@x.org'), false);
  t.equal(isMailWithin(facts('2001:db8:0:1::1'), 'new@x.org'), true);
});

t.test('the form says so', async (t) => {
  const site = exportSite(t, 'MAIL_CMD = /bin/true\n');
  for (let n = 0; n < 10; n++) t.equal((await site.start([['mail', `don+${n}@x.org`]])).status, 303);
  const refused = await site.start([['mail', 'don@x.org']]);
  t.equal(refused.status, 429);
  t.match(refused.text, 'no more messages are sent to this address');
});
