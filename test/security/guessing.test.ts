/** What a guesser of names and passwords may learn or gain: nothing by the work of a try, nothing by many tries at one time (server-internals 4.3, 4.4). */
import { mkdirSync } from 'node:fs';
import t from 'tap';
import { verifyPassword } from '../../lib/auth/hash/password-hash.js';
import { LogInLimit } from '../../lib/auth/log-in-limit.js';
import { authorise } from '../../lib/auth/read-access.js';
import { Configuration } from '../../lib/conf/configuration.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

/** Hash of `correct horse`. */
const QUICK = '$5$das2salt$DQUDeGxxrC1sOzfR/jd16thUB.v2I2UCzpO7V7FWCm4';

/** How often others get their turn while something is done: the long hashes give way every so many rounds. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const take = (): void => {
    turns++;
    if (!isDone) setImmediate(take);
  };
  setImmediate(take);
  await work();
  isDone = true;
  return turns;
}

t.test('a wrong password is as much work for those with an account as for those without', async (t) => {
  const wrong = (hashes: readonly string[]) => () =>
    verifyPassword({ user: 'u', password: 'wrong', hashes, now: Date.now(), log: () => {} });
  const tries: Readonly<Record<string, readonly string[]>> = {
    'DES crypt': ['lLp764MZK2EPo'],
    'Apache MD5': ['$apr1$das2salt$.bDKRLKTZtVGPAfS0aNAW0'],
    'few rounds': [QUICK],
    locked: ['*'],
    'a hash that is none': ['$2y$10$short'],
    'two quick ones': ['lLp764MZK2EPo', QUICK],
  };
  for (const hashes of Object.values(tries)) await wrong(hashes)();
  const nobody = await turnsDuring(wrong([]));
  t.ok(nobody >= 9, `nobody's hash gives way ${nobody} times`);
  for (const [name, hashes] of Object.entries(tries)) {
    const turns = await turnsDuring(wrong(hashes));
    t.ok(turns >= 9, `${name}: ${turns}`);
  }
});

t.test('of many tries at one time no more than ten and those under way count', async (t) => {
  const folder = temporaryFolder(t);
  const configuration = new Configuration(
    `USER_PASSWD = ${folder.write('passwd', `don:${QUICK}\n`)}\nSTATE_ROOT = ${folder.path}/state\n`,
    { file: `${folder.path}/das2server.conf`, prefix: folder.path },
  );
  mkdirSync(`${folder.path}/state`);
  const log: string[] = [];
  const ask = async (password: string): Promise<string> => {
    const authorization = `Basic ${Buffer.from(`don:${password}`).toString('base64')}`;
    const access = await authorise({
      source: { id: 'A/B', readAccess: 'USER:don' },
      realm: 'r',
      range: undefined,
      applicant: {
        clientAddress: '192.0.2.7',
        headers: new Map([['authorization', authorization]]),
      },
      configuration,
      now: 1_800_000_000_000,
      log: (line) => log.push(line),
    });
    return access.outcome;
  };
  const guesses = [...Array.from({ length: 40 }, (_, i) => `guess ${i}`), 'correct horse'];
  const outcomes = await Promise.all(guesses.map(ask));
  t.equal(outcomes.at(-1), 'tooMany', 'the right one comes too late');
  const count = outcomes.filter((outcome) => outcome === 'challenge').length;
  t.ok(count >= 10 && count < 16, `${count} of them were tried`);
  t.equal(log.filter((line) => line.includes('log-in failed')).length, count);
});

t.test('addresses that one guesser has count as one', (t) => {
  const { path } = temporaryFolder(t);
  const limit = (address: string, user = 'don') => new LogInLimit(path, user, address);
  for (let i = 0; i < 10; i++) limit(`2001:db8:0:7:${i + 1}::9`).fail(1000);
  t.ok(limit('2001:db8:0:7:ffff::1').secondsToWait(1000) > 0, 'of the same network');
  t.ok(limit('2001:0DB8::7:0:0:0:1').secondsToWait(1000) > 0, 'however it is written');
  for (const other of ['2001:db8:0:8::1', '192.0.2.7', '', '2001:db8'])
    t.equal(limit(other).secondsToWait(1000), 0, other);
  t.equal(limit('2001:db8:0:7::1', 'ann').secondsToWait(1000), 0, 'of another user');
  for (let i = 0; i < 10; i++) limit('::ffff:192.0.2.8').fail(1000);
  t.ok(limit('192.0.2.8').secondsToWait(1000) > 0, 'IPv4 in either form');
  t.equal(limit('192.0.2.9').secondsToWait(1000), 0);
  t.end();
});
