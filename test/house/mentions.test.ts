/** Comments and documents that point to another file of the sources point to one that is there: files move, and comments are easily left behind. */
import t from 'tap';
import { readSource, type SourceFile, workFiles } from './repository-files.js';

/** Files that somebody makes who follows the page, and names that stand for any. */
const MADE_BY_READERS = /^docs\/add-a-filter\.md$|^CONTRIBUTING\.md$/;
const MENTION = /(?<![\w./-])((?:[\w-]+\/)*[\w-]+\.(?:ts|mjs))(?!\w)/g;

/** Each mention of a file that is nowhere. A mention is a name, or the end of a path. */
function strayMentions({ path, text }: SourceFile, paths: readonly string[]): string[] {
  const stray: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (!path.endsWith('.md') && !/^\s*(?:\/\*\*|\*|\/\/)/.test(line)) continue;
    for (const [, name = ''] of line.matchAll(MENTION)) {
      if (!paths.some((other) => other === name || other.endsWith(`/${name}`))) stray.push(`${path}:${i + 1}: ${name}`);
    }
  }
  return stray;
}

t.test('files that are mentioned exist', (t) => {
  const paths = workFiles();
  const speaking = paths.filter((path) => /\.(ts|mjs|md)$/.test(path) && !MADE_BY_READERS.test(path));
  t.same(
    speaking.flatMap((path) => strayMentions(readSource(path), paths)),
    [],
  );
  t.end();
});

t.test('stray mentions are found', (t) => {
  const of = (path: string, text: string) => strayMentions({ path, text }, ['lib/a/b.ts', 'scripts/c.mjs']);
  t.same(of('lib/x.ts', '// see b.ts, a/b.ts, lib/a/b.ts and c.mjs\n'), []);
  t.same(of('lib/x.ts', ' * as in d.ts\n'), ['lib/x.ts:1: d.ts']);
  t.same(of('lib/x.ts', '// lib/c/b.ts\n'), ['lib/x.ts:1: lib/c/b.ts']);
  t.same(of('lib/x.ts', "const name = 'd.ts';\n"), [], 'code may name what it likes');
  t.same(of('docs/x.md', 'It is in `lib/d.ts`.\n'), ['docs/x.md:1: lib/d.ts']);
  t.end();
});
