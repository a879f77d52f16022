/**
 * Writes lib/page/embedded-files.ts from conf/static, so that the executables carry their style sheet and logo. Run it after a
 * change there; a test says so if it was forgotten. With --check it only compares and ends with status 1 on a difference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const folder = path.join(top, 'conf/static');
const target = path.join(top, 'lib/page/embedded-files.ts');

const rows = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
  .map((entry) => entry.name)
  .sort()
  .map((name) => `  '${name}':\n    '${readFileSync(path.join(folder, name)).toString('base64')}',\n`);

const text = `/** Made by scripts/embed from conf/static: file name -> content in base64. Do not edit. */
export const EMBEDDED_FILES: Readonly<Record<string, string>> = {
${rows.join('')}};
`;

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write('lib/page/embedded-files.ts is not what conf/static has: run scripts/embed\n');
  process.exitCode = 1;
}
