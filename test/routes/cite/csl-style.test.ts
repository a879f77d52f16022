/** Text styles that a program of the site puts into words (citation 9). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CiteSite, citeSite } from '../../tools/cite-site.js';

const CITE = 'server=citation&dataset=C/Plain&start_time=2017-01-01&end_time=2017-01-02&format=text';

/** A site whose program for styles does this. */
function styleSite(t: Test, script: string, settings: Readonly<Record<string, string>> = {}): CiteSite {
  const site = citeSite(t, { CITE_CSL_CMD: 'format --csl', CITE_CSL_DIR: '../csl', ...settings });
  const folder = join(site.root, 'csl');
  mkdirSync(folder);
  for (const name of ['vancouver.csl', 'apa.csl', 'notes.txt', 'Bad Name.csl']) writeFileSync(join(folder, name), '');
  site.writeProgram('format', script);
  return site;
}

t.test('a style of the site', async (t) => {
  const site = styleSite(
    t,
    `title=$(sed 's/.*"title":"\\([^"]*\\)".*/\\1/')\necho "  Styled by $1"; basename "$2"; echo "of $title"\n`,
  );
  const { styles } = JSON.parse((await site.serve({ path: '/cite/styles' })).text);
  t.same(styles.slice(-1), ['vancouver'], 'behind our own');
  t.equal(styles.filter((name: string) => name === 'apa').length, 1);
  const { status, headers, text } = await site.serve({ query: `${CITE}&style=vancouver` });
  t.equal(status, 200);
  t.match(headers['Content-Type'], 'style=vancouver');
  t.match(
    text,
    /^Styled by --csl vancouver\.csl of A field\. Subset: 2017-01-01T00:00:00 to .* http\S+\n/,
    'in one line, with the part that is cited',
  );
  const ours = await site.serve({ query: `${CITE}&style=apa` });
  t.notMatch(ours.text, 'Styled', 'our own need no program');
  for (const style of ['nope', '../csl/vancouver', 'Bad Name', 'notes', '--csl', 'vancouver.csl']) {
    const refused = await site.serve({ query: `${CITE}&style=${encodeURIComponent(style)}` });
    t.equal(refused.status, 406, style);
    t.ok(JSON.parse(refused.text).styles.includes('vancouver'));
  }
  const accepted = await site.serve({
    query: CITE.replace('&format=text', ''),
    headers: { Accept: 'text/x-bibliography; style=vancouver' },
  });
  t.match(accepted.text, /^Styled/);
});

t.test('the language of a style', async (t) => {
  const site = styleSite(t, 'echo "$1 in $2"', { CITE_CSL_CMD: 'format lang={locale}' });
  const of = async (more: string, headers?: Record<string, string>) => {
    const query = headers === undefined ? CITE + more : CITE.replace('&format=text', '') + more;
    const answer = await site.serve({ query, ...(headers && { headers }) });
    return { words: answer.text.slice(0, 10), language: answer.headers['Content-Language'] };
  };
  t.match(await of('&style=vancouver'), { words: /^lang=en-US/, language: 'en-US' });
  t.match(await of('&style=vancouver&locale=fr'), { words: /^lang=fr in/, language: 'fr' });
  const accept = { Accept: 'text/x-bibliography; style=vancouver; locale=de-DE' };
  t.match(await of('', accept), { words: /^lang=de-DE/, language: 'de-DE' });
  t.match(await of('&locale=it', accept), { words: /^lang=it in/ }, 'the parameter comes first');
  t.match(await of('&style=apa&locale=fr'), { words: /^A field/, language: 'en-US' }, 'our own know one language');
  const silent = styleSite(t, 'echo x');
  const answer = await silent.serve({ query: `${CITE}&style=vancouver&locale=fr` });
  t.equal(answer.headers['Content-Language'], 'en-US', 'a program that is not told');
  for (const locale of ['x', 'de_DE', '--help', 'en-US;x', 'a b']) {
    const refused = await site.serve({ query: `${CITE}&style=vancouver&locale=${encodeURIComponent(locale)}` });
    t.equal(refused.status, 400, locale);
    t.match(refused.text, 'locale takes a language');
  }
});

for (const [what, script] of [
  ['fails', 'echo some; exit 3'],
  ['says nothing', 'cat > /dev/null'],
  ['says too much', 'exec head -c 100000 /dev/zero'],
  ['does not end', 'sleep 60 & wait'],
] as const) {
  t.test(`a program that ${what}`, async (t) => {
    const site = styleSite(t, script);
    const { status, headers, text } = await site.serve({ query: `${CITE}&style=vancouver` });
    t.equal(status, 200);
    t.match(headers['Content-Type'], 'style=default');
    t.match(text, /^A field .*\n(?:.*\n)*Note: The style vancouver is not available/);
  });
}

t.test('a site without such a program', async (t) => {
  for (const command of ['absent-program', 'format | cat']) {
    const site = styleSite(t, 'echo x', { CITE_CSL_CMD: command });
    const { status, text } = await site.serve({ query: `${CITE}&style=vancouver` });
    if (command === 'absent-program') t.match(text, 'not available');
    else t.equal(status, 406, 'shell text is no program');
  }
});
