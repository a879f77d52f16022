/**
 * Compiles the AssemblyScript of the vector loops to WebAssembly, as the TypeScript module that carries it.
 *
 * Contract: the same text on every machine with the same packages. Its head holds the digest of what it was made of, so that builds,
 * which are many, need not compile what has not changed, which takes seconds.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './repository.mjs';

const SOURCE = 'lib/filter/bin/vector-assembly.ts';
export const VECTOR_MODULE = path.join(ROOT, 'lib/filter/bin/vector-code.ts');

/** All memory the code has, in pages of 64 kB: eight for the constants of its source, one for what is read behind the last record. */
const PAGES = '9';
const OPTIONS = [
  ...['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert'],
  ...['--initialMemory', PAGES, '--maximumMemory', PAGES],
];

/** The text of lib/filter/bin/vector-code.ts; with `mayKeep` what is there is believed if it names the same source and compiler. */
export async function vectorModule({ mayKeep }) {
  const source = readFileSync(path.join(ROOT, SOURCE), 'utf8');
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules/assemblyscript/package.json'), 'utf8'));
  const digest = createHash('sha256')
    .update([version, ...OPTIONS, source].join('\n'))
    .digest('hex');
  const head =
    `/**\n * Made by scripts/embed from vector-assembly.ts: WebAssembly in base64. Do not edit.\n` +
    ` * SHA-256 of the compiler's version, its options and the source: ${digest}\n */\n`;
  if (mayKeep) {
    const known = knownModule();
    if (known?.startsWith(head)) return known;
  }
  const code = Buffer.from(await compile(source)).toString('base64');
  return `${head}export const VECTOR_CODE =\n  '${code}';\n`;
}

function knownModule() {
  try {
    return readFileSync(VECTOR_MODULE, 'utf8');
  } catch {
    return undefined;
  }
}

async function compile(source) {
  const { default: compiler } = await import('assemblyscript/asc');
  const made = new Map();
  const { error, stderr } = await compiler.main(['vector.ts', '--outFile', 'vector.wasm', ...OPTIONS], {
    readFile: (name) => (name === 'vector.ts' ? source : null),
    writeFile: (name, content) => made.set(name, content),
    listFiles: () => [],
  });
  const code = made.get('vector.wasm');
  if (error || code === undefined) throw new Error(`${SOURCE} cannot be compiled:\n${stderr.toString()}`);
  return code;
}
