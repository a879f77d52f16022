/**
 * Pages of other servers in a real browser: no form and no script of theirs changes anything here, though the browser may do all of it for pages of
 * ours. Skipped where there is no Chromium.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { NO_BROWSER, openPage, startBrowser } from '../tools/browser.js';
import { exampleSite } from '../tools/example-site.js';

/** What a site keeps: names and contents below its folders, without what each request leaves behind. */
function stateOf(folder: string): string {
  const lines: string[] = [];
  const walk = (path: string, below: string): void => {
    for (const name of readdirSync(path).sort()) {
      const [full, inside] = [join(path, name), `${below}/${name}`];
      if (statSync(full).isDirectory()) walk(full, inside);
      else lines.push(`${inside} ${readFileSync(full, 'latin1')}`);
    }
  };
  for (const name of ['export', 'queue', 'cite/kept', 'mails']) {
    const path = join(folder, 'state', name);
    if (existsSync(path)) walk(path, name);
  }
  const logs = readdirSync(join(folder, 'log')).filter((name) => /_\d\.log$/.test(name));
  return [...lines, ...logs.sort()].join('\n');
}

t.test('pages of other servers', { skip: NO_BROWSER, timeout: 580_000 }, async (t) => {
  const settings = ['EXPORT_MIN_FREE = 0', 'MAIL_CMD = /bin/true', 'WORK_QUEUE_BROKER = spool'];
  const { url, folder } = await exampleSite(t, {}, settings);
  const base = url.replace(/\/server$/, '');
  // Another port is another origin, and of the same site: what `same-site` lets through must be refused, too.
  const foreign = createServer((_request, response) =>
    response.end('<!DOCTYPE html><html lang="en"><title>x</title><body></body></html>'),
  );
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  t.teardown(() => foreign.close());
  const port = (foreign.address() as AddressInfo).port;

  const browser = await startBrowser();
  t.teardown(() => browser.close());
  const { page, context } = await openPage(browser);
  t.teardown(() => context.close());
  const record = 'prog:Examples,level:na,series:Params[9497]';
  const exported = { sel: record, method: 'url', confirm: 'on', mail: 'a@x.org' };

  // The same form from a page of ours does its work: so the forms below are right.
  await page.goto(`${base}/browse`);
  const own = await page.evaluate(sendForm({ action: `${base}/browse/export`, fields: exported }, { mode: 'cors' }));
  t.equal(own, 200, 'a page of this server may ask for an export');
  const id = readdirSync(join(folder, 'state/export')).flatMap((year) =>
    /^\d{4}$/.test(year) ? readdirSync(join(folder, 'state/export', year)) : [],
  )[0];
  t.ok(id);
  const before = stateOf(folder);

  const forms: readonly (readonly [string, Record<string, string>])[] = [
    ['/browse/export', exported],
    ['/browse/export', { ...exported, key: '0123456789abcdef-0-0' }],
    ['/browse/request', exported],
    [`/browse/export/${id}/cancel`, {}],
    [`/browse/export/${id}/repeat`, {}],
    [`/browse/export/${id}/extend`, {}],
    ['/browse/drms/jsoc_fetch', { op: 'exp_request', ds: record, method: 'url', notify: 'a@x.org' }],
    ['/log', { action: 'deleteAll', ip: '127.0.0.1', type: 'das2' }],
    ['/log', { action: 'deleteAll', ip: '127.0.0.1', type: 'das2', token: 'x' }],
    ['/server/cite', { dataset: 'Examples/Params', start_time: '2026-01-01', end_time: '2026-01-02' }],
    ['/server/verify', { dataset: 'Examples/Params', start_time: '2026-01-01', end_time: '2026-01-02' }],
  ];
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    for (const [path, fields] of forms) {
      const form = { action: base + path, fields };
      for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
        await page.goto(`http://${host}/`);
        await page.evaluate(submitForm(form, enctype));
        await page.waitForURL((at) => at.port !== String(port));
      }
      await page.goto(`http://${host}/`);
      const query = new URLSearchParams(fields).toString();
      await page.evaluate(loadImage(`${base}${path}?${query}`));
      await page.evaluate(sendForm(form, { mode: 'no-cors', credentials: 'include' }));
      await page.evaluate(sendForm(form, { mode: 'cors' }));
      t.equal(stateOf(folder), before, `${host}: ${path} ${Object.keys(fields).join()}`);
    }
  }
});

interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** In the page: a form that is sent as the visitor would. */
function submitForm({ action, fields }: Form, enctype: string): string {
  return `{
    const form = document.createElement('form');
    Object.assign(form, { action: ${JSON.stringify(action)}, method: 'post', enctype: ${JSON.stringify(enctype)} });
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
      const input = document.createElement('input');
      Object.assign(input, { name, value });
      form.append(input);
    }
    document.body.append(form);
    setTimeout(() => form.submit());
  }`;
}

/** In the page: the same by script; the status of the answer, 0 where the page may not see it. */
function sendForm({ action, fields }: Form, options: { readonly mode: string; readonly credentials?: string }): string {
  return `fetch(${JSON.stringify(action)}, {
    method: 'POST', body: new URLSearchParams(${JSON.stringify(fields)}), ...${JSON.stringify(options)},
  }).then(({ status }) => status, () => 0)`;
}

/** In the page: an address that changes something would do so as an image. */
function loadImage(address: string): string {
  return `new Promise((resolve) => {
    const image = new Image();
    image.onload = image.onerror = () => resolve();
    image.src = ${JSON.stringify(address)};
  })`;
}
