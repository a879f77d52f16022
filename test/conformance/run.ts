/** Sends the conformance cases through a driver and reports each as a test. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { ProtocolDriver } from '../tools/protocol-driver.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { CASES } from './cases.js';
import { differences } from './check.js';
import type { ConformanceCase } from './expected.js';
import { SITES, type SiteName } from './sites.js';

export interface RunOptions {
  /** Cases to leave out, with the reason. */
  readonly skip?: ReadonlyMap<number, string>;
}

/** Runs every case; the sites are laid out at first use and removed at the end. */
export async function runConformance(t: Test, driver: ProtocolDriver, options: RunOptions = {}): Promise<void> {
  const sites = new Map<SiteName, ProtocolFixture>();
  t.teardown(async () => {
    await driver.close();
    for (const site of sites.values()) site.remove();
  });
  for (const item of CASES) {
    const reason = options.skip?.get(item.number);
    await t.test(title(item), reason === undefined ? {} : { skip: reason }, async (t) => {
      const response = await driver.send(siteOf(sites, item.site ?? 'plain'), item.request);
      t.same(differences(response, item.expected), []);
    });
  }
}

function title(item: ConformanceCase): string {
  const { method = 'GET', path = '', query } = item.request;
  return `${item.number}: ${method} ${path}${query === undefined ? '' : `?${query}`}`;
}

function siteOf(sites: Map<SiteName, ProtocolFixture>, name: SiteName): ProtocolFixture {
  let site = sites.get(name);
  if (site === undefined) {
    const { remove, ...layout } = SITES[name];
    site = layOutProtocolFixture(layout);
    for (const file of remove ?? []) rmSync(join(site.root, file));
    sites.set(name, site);
  }
  return site;
}
