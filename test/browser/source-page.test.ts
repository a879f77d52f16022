/**
 * The pages in a real browser, against the example sources: what is drawn, what is asked of the server, form and address, keyboard, small
 * screens, no scripts. Skipped where there is no Chromium.
 */

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { NO_BROWSER, openPage, startBrowser, type WatchedPage } from '../tools/browser.js';
import { startExampleSite } from '../tools/example-site.js';

const FAULTY = {
  'Test/Broken':
    "description = 'Always fails'\nreader = 'echo no such file >&2; false'\ndas2Stream = 1\nexampleRange = '2026-01-01 to 2026-01-02'\n",
  'Test/Secret':
    "description = 'For some'\nreader = random_walk\ndas2Stream = 1\nreadAccess = 'GROUP:testgroup'\nexampleRange = '2026-01-01 to 2026-01-02'\n",
};

/** Values of a data request that a page has made. */
const asked = (requests: readonly string[]): URLSearchParams[] =>
  requests.filter((address) => address.includes('server=dataset')).map((address) => new URL(address).searchParams);

/** Waits until the plot shows what came. */
async function drawn(page: Page): Promise<void> {
  await page.locator('#plot:not([aria-busy]) .status', { hasText: 'record' }).waitFor();
  await page.locator('.panel canvas').first().waitFor();
}

/** For each panel how many pixels are drawn, and how many different colours they have. */
function pixels(page: Page): Promise<{ drawn: number; colours: number }[]> {
  return page.evaluate(`[...document.querySelectorAll('.panel canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    let drawn = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      drawn++;
      colours.add(data[i] * 65536 + data[i + 1] * 256 + data[i + 2]);
    }
    return { drawn, colours: colours.size };
  })`);
}

function run(browser: Browser, base: string) {
  return async (t: Test, path: string, options: BrowserContextOptions = {}): Promise<WatchedPage> => {
    const watched = await openPage(browser, options);
    t.teardown(() => watched.context.close());
    await watched.page.goto(base + path);
    return watched;
  };
}

t.test('pages in a browser', { skip: NO_BROWSER, timeout: 580_000 }, async (t) => {
  const base = await startExampleSite(t, FAULTY);
  const browser = await startBrowser();
  t.teardown(() => browser.close());
  const open = run(browser, base);
  const host = new URL(base).host;
  const isQuiet = (t: Test, { complaints, requests }: WatchedPage): void => {
    t.same(complaints, [], 'no complaint on the console');
    t.same(
      requests.filter((address) => new URL(address).host !== host),
      [],
      'no request leaves the server',
    );
  };

  await t.test('lines: drawn in the resolution of the screen, again when zoomed', async (t) => {
    const watched = await open(t, '/source/Examples/OrbitField.html');
    const { page, requests } = watched;
    await drawn(page);
    const panels = await pixels(page);
    t.equal(panels.length, 3, 'a panel for each unit');
    for (const panel of panels) t.ok(panel.drawn > 2000 && panel.colours > 5, `${panel.drawn} pixels drawn`);
    const [first] = asked(requests);
    const resolution = Number(first?.get('resolution'));
    t.ok(resolution > 15 && resolution < 30, `six hours on some thousand pixels: ${resolution} s`);

    const over = await page.locator('.u-over').first().boundingBox();
    if (over === null) throw new Error('there is no plot to drag over');
    const middle = over.y + over.height / 2;
    await page.mouse.move(over.x + over.width * 0.25, middle);
    await page.locator('.readout', { hasText: /^2026-01-01 01:\d\d.*\|B\|/ }).waitFor();
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.5, middle, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/start_time=2026-01-01T01:[23]/);
    await drawn(page);
    const zoomed = asked(requests).at(-1);
    t.equal(asked(requests).length, 2);
    t.ok(
      Math.abs(Number(zoomed?.get('resolution')) / resolution - 0.25) < 0.02,
      'a quarter of the range, a quarter of the step',
    );
    t.equal(await page.inputValue('#start_time'), zoomed?.get('start_time'));
    t.match(await page.locator('[data-call=curl]').textContent(), zoomed?.get('start_time') ?? '?', 'calls follow');

    await page.goBack();
    await page.waitForURL(/OrbitField\.html$/);
    while ((await page.inputValue('#start_time')) !== '2026-01-01') await page.waitForTimeout(20);
    await drawn(page);
    t.equal(asked(requests).length, 3, 'Back shows the range before');
    await page.getByRole('button', { name: 'Later' }).click();
    await page.waitForURL(/start_time=2026-01-01T03:00/);
    t.match(page.url(), 'end_time=2026-01-01T09:00');
    isQuiet(t, watched);
  });

  await t.test('an address is a state', async (t) => {
    const watched = await open(
      t,
      '/source/Examples/Params.html?start_time=2026-01-01&end_time=2026-01-03&params~mag=on&params~uT=on',
    );
    const { page, requests } = watched;
    await drawn(page);
    t.equal(asked(requests)[0]?.get('params'), 'mag uT');
    await page.getByLabel('Component x').check();
    t.match(await page.locator('[data-call=autoplot]').textContent(), /&x%20mag%20uT$/, 'calls follow at once');
    t.equal(asked(requests).length, 1, 'data when they are asked for');
    await page.fill('#resolution', '3600');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/params~x=on/);
    await drawn(page);
    t.same([asked(requests).at(-1)?.get('params'), asked(requests).at(-1)?.get('resolution')], ['x mag uT', '3600']);
    await page.reload();
    await drawn(page);
    t.ok(await page.getByLabel('Component x').isChecked(), 'and comes again with the address');
    t.equal(await page.inputValue('#resolution'), '3600');
    isQuiet(t, watched);
  });

  await t.test('a spectrogram', async (t) => {
    const watched = await open(t, '/source/Examples/Spectra.html?start_time=2026-01-01&end_time=2026-01-01T00:02');
    await drawn(watched.page);
    const [panel] = await pixels(watched.page);
    t.ok((panel?.drawn ?? 0) > 150_000, `${panel?.drawn} pixels drawn`);
    t.ok((panel?.colours ?? 0) > 150, `${panel?.colours} colours`);
    await watched.page.getByText('The plot in words').click();
    t.match(await watched.page.locator('.words').textContent(), /Frequency \(Hz\): 20 to 10220/);
    await watched.page.getByText('Values as a table').click();
    t.equal(await watched.page.locator('.words tbody tr').count(), 200);
    isQuiet(t, watched);
  });

  await t.test('a source with intervals, and a waveform', async (t) => {
    const ephemeris = await open(t, '/source/Examples/Ephemeris.html');
    await drawn(ephemeris.page);
    t.equal(asked(ephemeris.requests)[0]?.get('interval'), '86400');
    t.equal(asked(ephemeris.requests)[0]?.get('resolution'), null);
    t.equal(await ephemeris.page.locator('.legend input:checked').count(), 8, 'of many lines some');
    const before = await pixels(ephemeris.page);
    await ephemeris.page.getByLabel('Jupiter x (AU)').check();
    // Another line is drawn, or this would never end.
    while ((await pixels(ephemeris.page))[0]?.drawn === before[0]?.drawn) await ephemeris.page.waitForTimeout(20);
    isQuiet(t, ephemeris);
    const waveform = await open(
      t,
      '/source/Examples/Waveform.html?start_time=2026-01-01T00:05:55&end_time=2026-01-01T00:05:55.1',
    );
    await drawn(waveform.page);
    t.match(await waveform.page.locator('.words').textContent(), /Electric field \(V m⁻¹\)/);
    t.ok(((await pixels(waveform.page))[0]?.drawn ?? 0) > 3000);
    isQuiet(t, waveform);
  });

  await t.test('what the server says is shown as text', async (t) => {
    const message = async (
      path: string,
      options: BrowserContextOptions = {},
    ): Promise<{ text: string; kind: string | null }> => {
      const { page } = await open(t, path, options);
      const place = page.locator('#plot > [role=alert]');
      await place.waitFor({ state: 'visible' });
      return { text: (await place.textContent()) ?? '', kind: await place.getAttribute('class') };
    };
    t.match(await message('/source/Test/Broken.html'), { text: /no such file/, kind: 'problem' });
    t.match(await message('/source/Examples/Random.html?start_time=1950-01-01&end_time=1950-01-02'), {
      text: /No data found/,
      kind: 'note',
    });
    const secret = await open(t, '/source/Test/Secret.html');
    await secret.page.waitForTimeout(300);
    t.same(asked(secret.requests), [], 'no password is asked for before somebody wants data');
    const query = 'start_time=2026-01-01&end_time=2026-01-02';
    t.match(
      await message(`/source/Test/Secret.html?${query}`, {
        httpCredentials: { username: 'testuser', password: 'wrong' },
      }),
      { text: /needs a user name and password/, kind: 'problem' },
    );
    const member = await open(t, '/source/Test/Secret.html?start_time=2026-01-01&end_time=2026-01-02', {
      httpCredentials: { username: 'testuser', password: 'test' },
    });
    await drawn(member.page);
  });

  await t.test('a form that cannot be sent says where and why', async (t) => {
    /** The field that has the focus, whether it is marked, and the words that describe it. */
    const place = async (page: Page): Promise<{ id: string; invalid: string | null; words: string[] }> =>
      (await page.evaluate(`(() => {
        const e = document.activeElement;
        const words = (e.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent);
        return { id: e.id, invalid: e.getAttribute('aria-invalid'), words };
      })()`)) as { id: string; invalid: string | null; words: string[] };
    const isAt = async (t: Test, page: Page, id: string, words: string): Promise<void> => {
      await page.locator(`#${id}:focus[aria-invalid]`).waitFor();
      t.match(await place(page), { id, invalid: 'true', words: [words, /./] });
      t.equal(await page.locator('[aria-invalid]').count(), 1);
      t.equal(await page.locator('.fault').count(), 1);
    };
    for (const javaScriptEnabled of [true, false]) {
      await t.test(javaScriptEnabled ? 'with scripts' : 'without scripts', async (t) => {
        const watched = await open(t, '/source/Examples/Random.html?start_time=x&end_time=2026-01-02', {
          javaScriptEnabled,
        });
        const { page, requests } = watched;
        await isAt(t, page, 'start_time', '“Begin (UTC)” is not a time: ');
        t.same(asked(requests), []);
        /** Presses a button. Without scripts each sends the form, and the page that comes back is the next one. */
        const press = async (name: string): Promise<void> => {
          const next = javaScriptEnabled ? undefined : page.waitForEvent('domcontentloaded');
          await page.getByRole('button', { name }).click();
          await next;
        };
        await page.fill('#start_time', '2026-01-03');
        await press('Show');
        await isAt(t, page, 'end_time', '“End (UTC)” must be later than “Begin (UTC)”; they were read as');
        await page.fill('#end_time', '2026-01-04');
        await page.fill('#resolution', 'coarse');
        await press('Download data');
        await isAt(t, page, 'resolution', '“Resolution in seconds” is not a number of seconds such as 60 or 0.5.');
        t.match(page.url(), '/source/Examples/Random.html?', 'still the page');
        t.equal(await page.inputValue('#start_time'), '2026-01-03', 'and what was written');
        await page.fill('#resolution', '');
        await page.evaluate(`document.querySelector('#params').closest('details').open = true`);
        await page.fill('#params', 'a;b');
        await press('Show');
        await isAt(t, page, 'params', '“Words for the reader” has a character or sequence');
        await press('Download data');
        await isAt(t, page, 'params', '“Words for the reader” has a character or sequence');
        await page.fill('#params', '');
        await press('Show');
        if (javaScriptEnabled) await drawn(page);
        await page.locator('form:not(:has([aria-invalid]))').waitFor();
        t.equal(await page.locator('.fault').count(), 0);
        t.same(
          watched.complaints.filter((text) => !/status of 400/.test(text)),
          [],
        );
      });
    }
  });

  await t.test('by keyboard alone', async (t) => {
    const watched = await open(t, '/source/Examples/Random.html');
    const { page } = watched;
    await drawn(page);
    const focus = (expression: string): Promise<unknown> =>
      page.evaluate(`(() => { const e = document.activeElement; return ${expression}; })()`);
    await page.keyboard.press('Tab');
    t.equal(await focus('e.textContent'), 'Skip to content');
    await page.keyboard.press('Enter');
    const seen = new Set<unknown>();
    for (let i = 0; i < 30 && !seen.has('Plot'); i++) {
      await page.keyboard.press('Tab');
      seen.add(
        await focus(`(e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).replace(/:.*/, '')`),
      );
      t.not(await focus(`getComputedStyle(e).outlineStyle`), 'none', 'the focus can be seen');
    }
    for (const name of ['Begin (UTC)', 'End (UTC)', 'Show', 'Download data', '← Earlier', 'Zoom in', 'Plot']) {
      t.ok(seen.has(name), `${name} is reached`);
    }
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/start_time=2026-01-01T12:00/);
    await drawn(page);
    await page.keyboard.press('+');
    await page.waitForURL(/start_time=2026-01-01T18:00/);
    await drawn(page);
    t.match(page.url(), 'end_time=2026-01-02T06:00');
    isQuiet(t, watched);
  });

  await t.test('without scripts', async (t) => {
    const watched = await open(t, '/', { javaScriptEnabled: false });
    const { page } = watched;
    await page.getByRole('link', { name: 'Browse the data sources' }).click();
    await page.getByRole('link', { name: 'Examples' }).click();
    await page.fill('#find', 'solar wind');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'Examples/Params' }).click();
    t.match(await page.locator('#plot').textContent(), /needs scripts/);
    await page.getByLabel('Component y').check();
    await page.fill('#end_time', '2026-01-01T02:00');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/params%7Ey=on/);
    t.match(await page.locator('[data-call=curl]').textContent(), /end_time=2026-01-01T02:00&params=y'$/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download data' }).click();
    t.equal((await download).suggestedFilename(), 'Params_2026-01-01_2026-01-01T02-00.d2s');
    t.same(
      watched.requests.filter((address) => new URL(address).host !== host),
      [],
    );
  });

  await t.test('narrow, and dark', async (t) => {
    for (const path of [
      '/',
      '/source/index.html',
      '/source/Examples/index.html',
      '/source/Examples/OrbitField.html',
      '/source/Examples/Ephemeris.html',
    ]) {
      const watched = await open(t, path, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
      if (path.endsWith('d.html') || path.endsWith('s.html')) await drawn(watched.page);
      t.ok(Number(await watched.page.evaluate('document.documentElement.scrollWidth')) <= 360, `${path} fits`);
      t.equal(await watched.page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(14, 22, 33)');
      isQuiet(t, watched);
    }
  });
});
