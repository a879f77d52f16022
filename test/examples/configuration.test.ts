/** The example configuration files: free of faults, safe as they are, and complete in their keys and defaults. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { readPeers } from '../../lib/conf/peers.js';
import { WITHOUT_EFFECT } from '../../lib/conf/setting-meanings.js';
import { isSettingKey, setting, settingKeys } from '../../lib/conf/settings.js';
import { TOP } from './run-reader.js';

const text = readFileSync(join(TOP, 'conf/das2server.conf.example'), 'utf8');
const place = { file: '/srv/das2/etc/das2server.conf', prefix: '/srv/das2' };

/** Lines with a key that are comments, as they would be without the mark. */
const dormant = [...text.matchAll(/^#([A-Z][A-Z0-9_]+) = (.*)$/gm)].map((match) => ({
  key: match[1]!,
  line: `${match[1]} = ${match[2]}`,
  value: match[2]!,
}));

t.test('the example is a configuration without a fault, and a safe one', async (t) => {
  const configuration = new Configuration(text, place);
  t.same(configuration.warnings, []);
  t.equal(configuration.path('DSDF_ROOT'), '/srv/das2/datasets');
  t.equal(configuration.path('STATE_ROOT'), '/srv/das2/state');
  t.equal(configuration.raw('TEST_FROM'), undefined, 'nobody is exempt from passwords');
  t.equal(configuration.raw('CACHE_ROOT'), undefined);
  t.equal(configuration.raw('VOYAGER_DATA'), undefined);
});

t.test('all of it at once is a configuration without a fault, too', async (t) => {
  const awake = new Configuration(text.replace(/^#([A-Z][A-Z0-9_]+ = )/gm, '$1'), place);
  t.same(awake.warnings, []);
});

t.test('each key is there once: those that do something, and no other', async (t) => {
  const active = [...text.matchAll(/^([A-Z][A-Z0-9_]+) = /gm)].map((match) => match[1]!);
  const keys = [...active, ...dormant.map(({ key }) => key)];
  t.equal(new Set(keys).size, keys.length);
  t.same(
    keys.filter((key) => isSettingKey(key)).sort(),
    settingKeys()
      .filter((key) => !WITHOUT_EFFECT.has(key))
      .sort(),
  );
  t.same(
    keys.filter((key) => !isSettingKey(key)),
    ['VOYAGER_DATA'],
  );
});

t.test('what is commented out shows the default', async (t) => {
  for (const { key, value } of dormant) {
    const given = isSettingKey(key) ? setting(key).default : undefined;
    if (given === undefined) continue;
    const plain = value.replace(/^"(.*)"$/, '$1');
    const expected = given.replace('$STATE_ROOT', '../state').replace('$ETC/', '').replace('$PREFIX', '..');
    t.equal(plain, expected, key);
  }
});

t.test('peers, accounts and groups', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'das2srv-conf-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'etc'));
  const peers = join(folder, 'etc', 'das2peers.ini');
  const example = (name: string) => readFileSync(join(TOP, 'conf', `${name}.example`), 'utf8');
  writeFileSync(peers, example('das2peers.ini'));
  const warnings: string[] = [];
  const found = readPeers(peers, (line) => warnings.push(line));
  t.same(warnings, []);
  t.ok(found.length > 0 && found.every((peer) => peer.url?.startsWith('https://') && peer.description));
  t.equal(example('passwd'), 'testuser:lLp764MZK2EPo\n');
  t.equal(example('group'), 'testgroup:::testuser\n');
});
