/** Pages: escaping, the frame around every page, and the static files inside the program. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { embeddedFile } from '../../lib/page/embedded.js';
import { EMBEDDED_FILES } from '../../lib/page/embedded-files.js';
import { escapeKeepingReferences, html } from '../../lib/page/html.js';
import { page } from '../../lib/page/layout.js';
import { testRequest } from '../tools/make-test-request.js';

t.test('everything is escaped unless it is markup', async (t) => {
  const inner = html`<b>${'<i>'}</b>`;
  t.equal(
    html`<p title="${'"\'&'}">${inner}${[inner, 'x<']}${undefined}${false}${3}</p>`.markup,
    '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>x&lt;3</p>',
  );
});

t.test('character references in addresses', async (t) => {
  t.equal(escapeKeepingReferences('a&#64;b&#x40;c&amp;d').markup, 'a&#64;b&#x40;c&amp;d');
  t.equal(escapeKeepingReferences('<a&b;c&#;&#x;').markup, '&lt;a&amp;b;c&amp;#;&amp;#x;');
});

t.test('the frame of a page', async (t) => {
  const conf = (text: string): Configuration => new Configuration(text, { file: '/e/das2server.conf', prefix: '/e' });
  const make = (text: string): string =>
    page(conf(text), testRequest(), { title: 'T<', main: html`<h1>x</h1>`, links: [['L', '/x?a=1&b=2']] });
  const full = make(
    "SITE_NAME = 'A & B'\nSERVER_ID = tst\nCONTACT_EMAIL = 'me&#64;x.org'\nCONTACT_URL = https://x.org/c\nSTYLE_SHEET = my.css",
  );
  t.match(full, '<title>T&lt; – A &amp; B</title>');
  t.match(full, '<span class="badge" title="Server ID">TST</span>');
  t.match(full, '<a href="mailto:me&#64;x.org">me&#64;x.org</a>, <a href="https://x.org/c">');
  t.match(full, 'href="/das/server/static/my.css"');
  t.match(full, 'href="/x?a=1&amp;b=2"');
  t.match(full, '<html lang="en">');
  const bare = make('');
  t.match(bare, 'das2 server');
  t.notMatch(bare, /undefined|Contact/);
  t.notMatch(make('CONTACT_URL = javascript:alert(1)'), 'href="javascript');
  t.notMatch(full, /<script|style=|onclick/);
});

t.test('built-in files are those of conf/static', async (t) => {
  const folder = new URL('../../conf/static/', import.meta.url);
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  t.same(Object.keys(EMBEDDED_FILES).sort(), names.sort(), 'run scripts/embed');
  for (const name of names) {
    const bytes = readFileSync(new URL(name, folder));
    const file = embeddedFile(name);
    t.ok(bytes.equals(file?.bytes ?? Buffer.alloc(0)), `${name}: run scripts/embed`);
    t.equal(file?.hash, createHash('sha256').update(bytes).digest('hex').slice(0, 16), 'the hash of this content');
  }
  t.equal(embeddedFile('__proto__'), undefined);
  t.equal(embeddedFile('constructor'), undefined);
});
