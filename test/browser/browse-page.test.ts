/**
 * Browse in a real browser, against the example sources: from the form to an archive without scripts (B55), by keyboard, with scripts, on small
 * screens (browse-export 7.5, 12). Skipped where there is no Chromium.
 */
import { readFileSync } from 'node:fs';
import type { BrowserContextOptions } from 'playwright-core';
import t, { type Test } from 'tap';
import { NO_BROWSER, openPage, startBrowser } from '../tools/browser.js';
import { startExampleSite } from '../tools/example-site.js';

t.test('browse in a browser', { skip: NO_BROWSER, timeout: 580_000 }, async (t) => {
  const main = await startExampleSite(t, {}, ['EXPORT_MIN_FREE = 0']);
  const base = main.replace(/\/server$/, '/browse');
  const browser = await startBrowser();
  t.teardown(() => browser.close());
  const open = async (t: Test, path: string, options: BrowserContextOptions = {}) => {
    const watched = await openPage(browser, options);
    t.teardown(() => watched.context.close());
    await watched.page.goto(base + path);
    return watched;
  };

  await t.test('B55: the whole path without scripts', async (t) => {
    const { page } = await open(t, '', { javaScriptEnabled: false });
    await page.getByLabel('Start').fill('2026-01-01');
    await page.getByLabel('Stop').fill('+1h');
    await page.getByText('More choices').click();
    await page.getByLabel('Series', { exact: true }).fill('Params');
    await page.getByRole('button', { name: 'Find records' }).click();
    t.match(await page.locator('p.summary').textContent(), /^1 dataset in 1 series /);
    t.match(await page.locator('#count').textContent(), 'Up to 1 datasets selected');
    await page.getByLabel('Select all 1 result').check();
    await page.getByRole('button', { name: 'Request the selected' }).click();
    t.equal(await page.locator('h1').textContent(), 'Request of 1 item');
    await page.getByLabel('Archive', { exact: false }).first().check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Get it' }).click();
    const file = await (await download).path();
    const bytes = readFileSync(file);
    t.equal(bytes.readUInt32LE(0), 0x04034b50, 'a ZIP archive');
    t.match(bytes.toString('latin1'), 'data/Examples/na/Params/2026.01.01_9497.d2s');
  });

  await t.test('B56: by keyboard, and the summary of faults has the focus', async (t) => {
    const { page } = await open(t, '/find?start=nonsense');
    t.equal(await page.evaluate('document.activeElement.getAttribute("role")'), 'alert');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#field-start$/);
    await page.getByLabel('Start', { exact: true }).focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('2026-01-01');
    await page.keyboard.press('Enter');
    await page.waitForURL(/start=2026-01-01/);
    t.match(await page.locator('p.summary').textContent(), /datasets in \d+ series/);
  });

  await t.test('with scripts: count, groups, all, other pages', async (t) => {
    const { page, complaints, requests } = await open(t, '/find?start=2026-01-01&series=Waveform&limit=10');
    const count = page.locator('#count');
    const boxes = page.locator('input[name="sel"]');
    await boxes.nth(2).check();
    t.equal(await count.textContent(), '1 of 24 datasets selected');
    t.equal(await page.evaluate('document.querySelector("input[name=group]").indeterminate'), true);
    await page.locator('input[name="group"]').first().check();
    t.equal(await count.textContent(), '10 of 24 datasets selected');
    await page.getByRole('link', { name: 'Next page' }).click();
    await page.waitForURL(/after=/);
    await page.locator('input[name="sel"]').first().check();
    t.equal(await count.textContent(), '11 of 24 datasets selected', 'the selection goes along');
    await page.locator('#all').check();
    t.equal(await count.textContent(), 'All 24 datasets selected');
    await page.locator('input[name="sel"]').nth(3).uncheck();
    t.equal(await page.locator('#all').isChecked(), false, 'one less is not all');
    await page.getByRole('button', { name: 'Request the selected' }).click();
    t.equal(await page.locator('h1').textContent(), 'Request of 19 items');
    t.same(complaints, []);
    t.ok(requests.every((address) => new URL(address).host === new URL(base).host));
  });

  await t.test('with scripts: a calendar beside a time, and a filter of rows', async (t) => {
    const { page, complaints } = await open(t, '?start=2026-01-01T05:30');
    const start = page.getByLabel('Start', { exact: true });
    await page.getByLabel('Start: choose a day').fill('2026-02-03');
    t.equal(await start.inputValue(), '2026-02-03T05:30', 'the time of day stays');
    await page.getByLabel('Stop: choose a day').fill('2026-02-04');
    t.equal(await page.getByLabel('Stop', { exact: true }).inputValue(), '2026-02-04');
    await start.fill('1999.10.09');
    await start.blur();
    t.equal(
      await page.getByLabel('Start: choose a day').inputValue(),
      '',
      'a time of another form is none of its days',
    );
    await page.goto(`${base}/find?start=2026-01-01&stop=%2B2h`);
    const rows = page.locator('form.selection tbody tr:not(.group)');
    const all = await rows.count();
    await page.locator('input[name="sel"]').first().check();
    await page.getByLabel('Show only rows with').fill('waveform 00:00');
    t.equal(await rows.filter({ visible: true }).count(), 1);
    t.match(await page.locator('.row-filter [role="status"]').textContent(), `1 of ${all} rows`);
    await page.keyboard.press('Enter');
    t.match(page.url(), '/find?', 'the form is not sent');
    t.match(await page.locator('#count').textContent(), /^1 of /, 'what is hidden stays selected');
    await page.getByLabel('Show only rows with').fill('');
    t.equal(await rows.filter({ visible: true }).count(), all);
    t.same(complaints, []);
  });

  await t.test('some planes, as CSV, without scripts', async (t) => {
    const path = '/request?all=on&start=2026-01-01&stop=%2B1h&series=Ephemeris';
    const { page } = await open(t, path, { javaScriptEnabled: false });
    await page.getByText('Only some planes').click();
    await page.getByLabel('Venus, distance').check();
    await page.getByLabel('Form of data').selectOption('csv');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Get it' }).click();
    const text = readFileSync(await (await download).path(), 'latin1');
    t.match(text, 'data/Examples/na/Ephemeris/2026_26_venus_r.csv');
    t.match(text, /time \(UTC\),venus_r \(AU\)\n2026-01-01T00:00:00\.0*,7\.27/);
  });

  await t.test('what is selected can be asked for from any place of a long table', async (t) => {
    const { page } = await open(t, '/find?start=2026-01-01&series=Waveform', {
      viewport: { width: 1000, height: 600 },
    });
    const button = page.getByRole('button', { name: 'Request the selected' });
    const bottom = async () => ((await button.boundingBox())?.y ?? 0) + ((await button.boundingBox())?.height ?? 0);
    const isFarther = await page.evaluate('document.documentElement.scrollHeight > 1200');
    t.ok(isFarther, 'the table is longer than the window');
    await page.locator('input[name="sel"]').nth(3).focus();
    t.ok((await bottom()) <= 600, 'in sight while the table goes on');
    await page.locator('input[name="sel"]').nth(12).focus();
    const box = await page.locator('input[name="sel"]').nth(12).boundingBox();
    const bar = await page.locator('.action').boundingBox();
    t.ok((box?.y ?? 600) + (box?.height ?? 0) <= (bar?.y ?? 0), 'and nothing that has the focus is behind it');
  });

  await t.test('320 pixels wide', async (t) => {
    for (const path of [
      '',
      '/find?start=2026-01-01',
      '/when',
      '/series/Examples/na/OrbitField',
      '/request?all=on&start=2026-01-01',
    ]) {
      const { page } = await open(t, path, { viewport: { width: 320, height: 700 } });
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, path);
      // Labels that take more than one line do not lie over each other.
      const overlaps = await page.evaluate(
        `[...document.querySelectorAll('.choices')].flatMap((list) => {
          const lines = [...list.querySelectorAll('.flag label')].map((label) => label.getBoundingClientRect());
          return lines.filter((line, i) => i > 0 && line.top < lines[i - 1].bottom - 1 && line.left < lines[i - 1].right);
        }).length`,
      );
      t.equal(overlaps, 0, `labels of ${path}`);
    }
  });
});
