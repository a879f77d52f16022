/**
 * Makes what the executables serve themselves: bundles the script and the style sheet of the plot (lib/page/browser, with uPlot and
 * the stream parser) into conf/static, and writes lib/page/embedded-files.ts from conf/static, bin/licence-texts.ts from the packages
 * and lib/filter/bin/vector-code.ts from the AssemblyScript beside it. scripts/build runs it first; run it after a change there or in
 * lib/stream all the same, since a test says so if it was forgotten. With --check it only compares and ends with status 1 on a difference.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from './command-line.mjs';
import { licenceModule, licenceText } from './licences.mjs';
import { ROOT } from './repository.mjs';
import { needPackages } from './set-up.mjs';
import { VECTOR_MODULE, vectorModule } from './vector-code.mjs';

const HELP = `usage: scripts/embed [--check]

Makes the script and the style sheets of the pages (conf/static) from lib/page/browser, and from all files in conf/static what the programs carry
of them (lib/page/embedded-files.ts); from the packages the text of their licences (bin/licence-texts.ts); and from vector-assembly.ts in
lib/filter/bin the code of the vector loops (vector-code.ts). Files that are up to date are not touched.

  --check  write nothing; say which files are out of date, with exit status 1
  --help   this text

Example, after a change in conf/static, lib/page/browser, lib/stream, vector-assembly.ts or the packages:
  scripts/embed
`;

const { values } = readCommandLine('scripts/embed', HELP, { options: { check: { type: 'boolean', default: false } } });

await needPackages();
const { build } = await import('esbuild');

const folder = path.join(ROOT, 'conf/static');
const target = path.join(ROOT, 'lib/page/embedded-files.ts');

/** What is bundled, and the packages inside whose licences ask to be named. */
const BUNDLES = [
  {
    name: 'source-page.js',
    entry: 'lib/page/browser/source-page.ts',
    made: 'lib/page/browser, lib/page/plot and lib/stream',
    packages: ['uplot', 'saxes', 'xmlchars'],
  },
  {
    name: 'browse.js',
    entry: 'lib/page/browser/browse-page.ts',
    made: 'lib/page/browser and lib/page/browse',
    packages: [],
  },
  { name: 'plot.css', entry: 'lib/page/browser/plot.css', made: 'lib/page/browser/plot.css', packages: ['uplot'] },
];

async function bundle({ name, entry, made, packages }) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: path.join(folder, name),
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: ['es2022', 'chrome105', 'firefox110', 'safari16'],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  const licences = packages.map((id) => `--- ${id} ---\n${licenceText(`node_modules/${id}`).replaceAll('*/', '* /')}`);
  const others = licences.length === 0 ? ' ' : `\nContains parts of other packages:\n\n${licences.join('\n\n')}\n`;
  const head = `/* Made by scripts/embed from ${made}. Do not edit.${others}*/\n`;
  return Buffer.concat([Buffer.from(head), result.outputFiles[0].contents]);
}

const bundled = new Map();
for (const part of BUNDLES) bundled.set(part.name, await bundle(part));

const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
  .map((entry) => entry.name);
const files = [...new Set([...names, ...bundled.keys()])].sort();
const content = (name) => bundled.get(name) ?? readFileSync(path.join(folder, name));
/** Hash and content: the hash is made here so that the server need not. */
const row = (name) => {
  const bytes = content(name);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return `  '${name}': [\n    '${hash}',\n    '${bytes.toString('base64')}',\n  ],\n`;
};
const rows = files.map(row);

const text = `/** Made by scripts/embed from conf/static: file name -> begin of its SHA-256, content in base64. Do not edit. */
export const EMBEDDED_FILES: Readonly<Record<string, readonly [hash: string, content: string]>> = {
${rows.join('')}};
`;

/** Made file -> its content. */
const made = new Map([
  [target, Buffer.from(text)],
  [path.join(ROOT, 'bin/licence-texts.ts'), Buffer.from(licenceModule())],
  [VECTOR_MODULE, Buffer.from(await vectorModule({ mayKeep: !values.check }))],
]);
for (const [name, bytes] of bundled) made.set(path.join(folder, name), bytes);

for (const [file, bytes] of made) {
  // What is unchanged keeps its time, by which the build sees whether there is anything to do.
  if (isSame(file, bytes)) continue;
  if (!values.check) {
    const aside = path.join(path.dirname(file), `.${path.basename(file)}.new-${process.pid}`);
    writeFileSync(aside, bytes);
    renameSync(aside, file);
  } else {
    process.stderr.write(`${path.relative(ROOT, file)} is not what its sources make: run scripts/embed\n`);
    process.exitCode = 1;
  }
}

function isSame(file, bytes) {
  try {
    return readFileSync(file).equals(bytes);
  } catch {
    return false;
  }
}
