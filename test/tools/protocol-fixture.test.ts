/** The stub programs of the conformance cases do what the cases expect of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { layOutProtocolFixture, STUB_HEADER, stubComment } from './protocol-fixture.js';

t.test('the stub programs do what the conformance cases expect', async (t) => {
  const site = layOutProtocolFixture({ settings: { SITE_NAME: undefined }, sources: { 'New/One': 'reader = x\n' } });
  t.teardown(() => site.remove());
  const run = (name: string, args: string[], input = ''): string =>
    execFileSync(join(site.binPath, name), args, { input, encoding: 'utf8' });

  t.equal(run('stub_rdr', ['fixed', '2017', 'b c']), STUB_HEADER + stubComment('rdr', 'fixed', '2017', 'b c'));
  t.equal(run('stub_rdr', []), STUB_HEADER + stubComment('rdr'));
  t.equal(run('stub_rdr', ['µ&']), `${STUB_HEADER}${stubComment('rdr', 'µ&amp;')}`, 'length in bytes, escaped');
  t.equal(run('stub_red', ['60.5'], STUB_HEADER), STUB_HEADER + stubComment('red', '60.5'));
  t.equal(run('stub_red', ['60.5']), '', 'nothing stays nothing');
  t.equal(run('stub_txt', [], STUB_HEADER), STUB_HEADER + stubComment('txt'));
  t.equal(run('stub_none', []), '');
  const failed = spawnSync(join(site.binPath, 'stub_fail'));
  t.equal(failed.status, 7);
  t.match(String(failed.stderr), 'no such file');
  const late = spawnSync(join(site.binPath, 'stub_late'));
  t.same([late.status, String(late.stdout)], [3, STUB_HEADER]);
  const half = spawnSync(join(site.binPath, 'stub_half'));
  t.same([half.status, String(half.stdout)], [3, `${STUB_HEADER}[xx]0`]);
  t.notMatch(readFileSync(site.configurationFile, 'utf8'), 'SITE_NAME', 'a setting can be left out');
  t.ok(existsSync(join(site.dsdfRoot, 'New', 'One.dsdf')), 'sources can be added');
});
