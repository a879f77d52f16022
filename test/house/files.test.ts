/** Each source file says first what it is for, stays small enough to be read, and keeps to the Node API. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, readSource, type SourceFile, workFiles } from './repository-files.js';

const LONGEST = 700;

/** What is wrong with a file, in words. `program` files are those that end up in an executable. */
function faults({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const program = /^(bin|cgi|lib|conf\/examples)\//.test(path);
  const lines = text.split('\n');
  const head = /^(?:#!.*\n)?(?:\/\*\*?([\s\S]*?)\*\/|((?:\/\/.*\n)+))/.exec(text);
  const words = (head?.[1] ?? head?.[2] ?? '').match(/[a-z]{2,}/gi) ?? [];
  // A unit test says by its name which file it tests, and that one has a head.
  const mirrored = /^test\/(.*)\.test\.ts$/.exec(path)?.[1];
  const isUnitTest = mirrored !== undefined && existsSync(join(ROOT, `lib/${mirrored}.ts`));
  if (words.length < 5 && !isUnitTest)
    found.push('does not begin with a comment (five words or more) that says what the file is for');
  if (lines.length > LONGEST && !/generated/i.test(lines.slice(0, 5).join(' ')))
    found.push(`longer than ${LONGEST} lines`);
  if (program) {
    const code = withoutComments(text);
    if (/\bBun\.\w/.test(code)) found.push('uses Bun.*');
    if (/\bprocess\.std(in|out)\b/.test(code))
      found.push('uses process.stdin or process.stdout (slow to start: use node:fs)');
    if (/^export default\b/m.test(code)) found.push('has a default export');
    if (/^(?:const .*= )?await\b/m.test(code)) found.push('has a top-level await');
  }
  return found;
}

/** Comments out; good enough for the patterns above, which no string in the sources holds. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

for (const path of workFiles().filter((file) => /\.(ts|mjs)$/.test(file))) {
  const found = faults(readSource(path));
  t.same(found, [], path);
}

t.test('faults are found', (t) => {
  const of = (text: string) => faults({ path: 'lib/a.ts', text });
  t.match(of('export const a = 1;\n'), [/comment/]);
  t.match(of('/** Too short. */\nexport const a = 1;\n'), [/comment/]);
  const head = '/** A file that has a head which says enough. */\n';
  t.same(of(head), []);
  t.same(of('// A file that has a head which says enough.\n'), []);
  t.match(of(`${head}Bun.serve({});\n`), [/Bun/]);
  t.same(of(`${head}// never Bun.serve\n`), []);
  t.match(of(`${head}process.stdout.write('');\n`), [/process.stdout/]);
  t.match(of(`${head}export default 1;\n`), [/default export/]);
  t.match(of(`${head}const a = await b();\n`), [/top-level await/]);
  t.match(of(head + '\n'.repeat(LONGEST)), [/longer/]);
  t.end();
});
