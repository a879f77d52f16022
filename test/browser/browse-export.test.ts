/**
 * The page of an export in a real browser: it looks by itself how far the worker is (browse-export 9.5), and pictures of files are seen (10). Skipped where
 * there is no Chromium.
 */
import t from 'tap';
import { DAY, filesSite, ITEM } from '../browse/files/files-site.js';
import { NO_BROWSER, openPage, startBrowser } from '../tools/browser.js';

t.test('exports and files in a browser', { skip: NO_BROWSER, timeout: 580_000 }, async (t) => {
  const site = await filesSite(t);
  const browser = await startBrowser();
  t.teardown(() => browser.close());

  await t.test('the page of an export takes over what has changed', async (t) => {
    const answer = await site.post('/export', [
      ['sel', ITEM(DAY)],
      ['method', 'url'],
    ]);
    const { page, complaints } = await openPage(browser);
    let loads = 0;
    page.on('load', () => loads++);
    await page.goto(answer.headers.get('location') ?? '');
    t.match(await page.locator('#state').textContent(), 'is waiting for a worker');
    t.equal(await page.getByRole('link', { name: 'Check again' }).count(), 1);
    site.work();
    await page.getByText('is ready.').waitFor();
    t.equal(await page.locator('#ready table tbody tr').count(), 4);
    t.equal(await page.getByRole('link', { name: 'Archive (ZIP)' }).count(), 1);
    t.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
    t.equal(loads, 1, 'without being loaded again');
    t.same(complaints, []);
  });

  await t.test('small pictures', async (t) => {
    const pixel = Buffer.from('R0lGODlhAQABAIAAAP8AAP8AACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
    site.put('archive/images/2020.06.03/a_20200603_1200.gif', pixel);
    const { page, complaints } = await openPage(browser, { viewport: { width: 320, height: 700 } });
    await page.goto(site.url(`/file/cam/lev1/images/${DAY + 2}`));
    const picture = page.getByRole('img', { name: 'a_20200603_1200.gif' });
    await picture.waitFor();
    await page.waitForFunction('[...document.images].every((image) => image.complete)');
    t.equal(await page.evaluate('document.querySelector(".sheet img").naturalWidth'), 1, 'it can be shown');
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
    await page.getByLabel('Nearest to').fill('11:00');
    await page.getByRole('button', { name: 'Tick these' }).click();
    t.equal(await page.getByRole('checkbox', { name: /a_20200603/ }).isChecked(), true);
    await page.getByRole('button', { name: 'Request the selected' }).click();
    t.match(await page.locator('.remark').first().textContent(), '1 file of 1 record');
    t.same(complaints, []);
  });
});
