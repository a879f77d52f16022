/** Symbolic links below DSDF_ROOT and the static folder, through every front (server-internals 8.5, 9: 70). */
import { chmodSync, chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { apacheDriver, apacheMissing, BIN } from '../tools/apache.js';
import { cgiDriver } from '../tools/cgi-driver.js';
import { httpdDriver } from '../tools/httpd-driver.js';
import type { ProtocolDriver } from '../tools/protocol-driver.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';

const ANOTHER_ACCOUNT = 1;
const isRoot = process.getuid?.() === 0;
const definition = "description = 'Linked'\nreader = stub_rdr\ndas2Stream = 1\n";

/** A name below DSDF_ROOT, and whether it may be reached. The rules about owners can only be shown by root. */
const SOURCES: Readonly<Record<string, boolean>> = {
  'Links/inside': true,
  'Links/inside-folder/Random': true,
  'Links/same-owner': true,
  'Links/allowed': true,
  'Links/allowed-folder/Source': true,
  'Links/foreign-target': !isRoot,
  'Links/foreign-link': !isRoot,
  'Links/foreign-folder/Source': !isRoot,
  'Links/through-two': !isRoot,
  'Links/writable-target': false,
  'Links/dangling': false,
  'Links/loop': false,
  'Links/loop-folder/loop-folder/loop': false,
};

function layOut(): ProtocolFixture {
  const site = layOutProtocolFixture({ settings: { DSDF_ALLOW_ROOTS: '$PREFIX/allowed' } });
  const at = (name: string): string => join(site.root, name);
  for (const folder of ['datasets/Links', 'own', 'allowed', 'foreign']) mkdirSync(at(folder));
  for (const folder of ['own', 'allowed', 'foreign']) writeFileSync(at(`${folder}/Source.dsdf`), definition);
  writeFileSync(at('own/Writable.dsdf'), definition);
  chmodSync(at('own/Writable.dsdf'), 0o666);
  const link = (target: string, name: string): void => symlinkSync(target, at(`datasets/Links/${name}`));
  link('../Examples/Random.dsdf', 'inside.dsdf');
  link('../Examples', 'inside-folder');
  link(at('own/Source.dsdf'), 'same-owner.dsdf');
  link(at('own/Writable.dsdf'), 'writable-target.dsdf');
  link(at('allowed/Source.dsdf'), 'allowed.dsdf');
  link(at('allowed'), 'allowed-folder');
  link(at('foreign/Source.dsdf'), 'foreign-target.dsdf');
  link(at('foreign'), 'foreign-folder');
  link('foreign-target.dsdf', 'through-two.dsdf');
  link(at('own/Source.dsdf'), 'foreign-link.dsdf');
  link('nowhere.dsdf', 'dangling.dsdf');
  link('loop.dsdf', 'loop.dsdf');
  link('.', 'loop-folder');
  symlinkSync(at('own/Source.dsdf'), at('static/own.txt'));
  symlinkSync(at('foreign/Source.dsdf'), at('static/foreign.txt'));
  if (isRoot) {
    for (const name of ['foreign/Source.dsdf', 'foreign', 'allowed/Source.dsdf', 'allowed']) {
      chownSync(at(name), ANOTHER_ACCOUNT, ANOTHER_ACCOUNT);
    }
    lchownSync(at('datasets/Links/foreign-link.dsdf'), ANOTHER_ACCOUNT, ANOTHER_ACCOUNT);
  }
  return site;
}

if (existsSync(join(BIN, 'das2_srvcgi_main'))) process.env.DAS2SRV_BIN ||= BIN;
const drivers: ProtocolDriver[] = [await cgiDriver(), await httpdDriver()];
if (apacheMissing() === undefined) drivers.push(apacheDriver());

for (const driver of drivers) {
  await t.test(driver.name, async (t) => {
    const site = layOut();
    t.teardown(async () => {
      await driver.close();
      site.remove();
    });
    const unknown = await driver.send(site, { query: 'server=dsdf&dataset=Links/Unknown' });
    const list = (await driver.send(site, { query: 'server=list' })).body.toString();
    for (const [id, isReached] of Object.entries(SOURCES)) {
      const dsdf = await driver.send(site, { query: `server=dsdf&dataset=${id}` });
      t.equal(dsdf.status, isReached ? 200 : 404, id);
      if (!isReached) t.equal(dsdf.body.toString(), unknown.body.toString(), 'like one that does not exist');
      const data = await driver.send(site, { path: `/data/${id}`, query: 'start_time=2017-01-01&end_time=2017-01-02' });
      t.equal(data.status, isReached ? 200 : 404, `data of ${id}`);
      t.equal(list.includes(`\n${id}|`), isReached, `list of ${id}`);
    }
    t.equal((await driver.send(site, { path: '/static/own.txt' })).status, 200);
    t.equal((await driver.send(site, { path: '/static/foreign.txt' })).status, isRoot ? 404 : 200);
  });
}
