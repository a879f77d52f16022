/**
 * The documents tell the truth: links lead somewhere, the table of settings is that of lib/conf/settings.ts, and every keyword of definitions
 * is explained. document-commands.test.ts runs the commands, which takes minutes.
 *
 * Blocks with `sh machine` are for root on a machine of their own: scripts/walk runs them; here they are read for mistakes of syntax.
 *
 * To write the table of settings anew: UPDATE_DOCUMENTS=1 npx tap --disable-coverage test/house/documents.test.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { DEFINITION_KEYWORDS } from '../../lib/check/source-check.js';
import { WITHOUT_EFFECT } from '../../lib/conf/setting-meanings.js';
import { blocksOf, documents } from './documents.js';
import { ROOT, readSource, workFiles } from './repository-files.js';
import { settingsTable, unusedKeys } from './settings-table.js';

function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

t.test('links between documents lead somewhere', (t) => {
  for (const { path, text } of documents) {
    for (const link of linksOf(text)) {
      if (/^(https?:|mailto:|#)/.test(link)) continue;
      t.ok(existsSync(join(ROOT, dirname(path), link.replace(/#.*/, ''))), `${path}: ${link}`);
    }
  }
  t.end();
});

t.test('files named in the documents exist', (t) => {
  for (const { path, text } of documents) {
    for (const [, name] of text.matchAll(/`((?:lib|bin|cgi|conf|scripts|test|docs)\/[\w./-]+)`/g)) {
      // Capitals stand for a name to choose.
      if (/\bNAME\b/.test(name ?? '')) continue;
      t.ok(existsSync(join(ROOT, name ?? '')), `${path}: ${name}`);
    }
  }
  t.end();
});

t.test('the architecture names every folder of lib', (t) => {
  const { text } = readSource('docs/architecture.md');
  const folders = new Set(workFiles().flatMap((path) => /^lib\/[^/]+(?=\/)/.exec(path)?.[0] ?? []));
  for (const folder of folders) t.match(text, `\`${folder}\``, folder);
  t.end();
});

t.test('the pages for people who add things are short', (t) => {
  for (const { path, text } of documents) {
    if (/^docs\/add-a-/.test(path)) t.ok(text.trimEnd().split('\n').length < 40, `${path} has less than 40 lines`);
  }
  t.end();
});

t.test('commands for a machine of their own can be read by a shell, and are on pages that are walked', (t) => {
  const pages = /^PAGES='(.*)'$/m.exec(readSource('scripts/walk').text)?.[1]?.split(' ') ?? [];
  let count = 0;
  for (const { path, text } of documents) {
    const script = blocksOf(text, 'sh machine');
    if (script === '') continue;
    count++;
    t.ok(
      pages.some((page) => path === `docs/admin/${page}.md`),
      `${path} is walked`,
    );
    const result = spawnSync('/bin/bash', ['-n'], { input: script, encoding: 'utf8' });
    t.equal(result.status, 0, `${path}: ${result.stderr}`);
  }
  t.equal(count, pages.length, 'each page that is walked has commands');
  t.end();
});

t.test('the table of settings is complete and true', (t) => {
  const path = 'docs/administration.md';
  const { text } = readSource(path);
  const [before = '', table, after = ''] = text.split(/<!-- settings(?: end)? -->\n/);
  const sources = workFiles()
    .filter((file) => /^(bin|cgi|lib)\/.*\.ts$/.test(file) && !/^lib\/conf\/setting(s|-meanings)\.ts$/.test(file))
    .map(readSource);
  t.same([...unusedKeys(sources)].sort(), [...WITHOUT_EFFECT].sort(), 'WITHOUT_EFFECT in lib/conf/setting-meanings.ts');
  const wanted = `\n${settingsTable()}\n`;
  if (process.env.UPDATE_DOCUMENTS !== undefined) {
    writeFileSync(join(ROOT, path), `${before}<!-- settings -->\n${wanted}<!-- settings end -->\n${after}`);
  } else {
    t.equal(table, wanted, 'UPDATE_DOCUMENTS=1 npx tap --disable-coverage test/house/documents.test.ts writes it anew');
  }
  t.end();
});

t.test('every keyword of definitions is explained', (t) => {
  const text = ['definitions', 'citation', 'browse'].map((name) => readSource(`docs/${name}.md`).text).join('\n');
  for (const keyword of DEFINITION_KEYWORDS)
    t.match(text, new RegExp(`\`${keyword}(?:_NN|\\(0\\))?\``), `${keyword} stands in docs/definitions.md`);
  t.end();
});
