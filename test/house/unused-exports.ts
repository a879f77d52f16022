/**
 * Exports that nobody names: what only its own file uses is no export, and what nobody uses is no code.
 *
 * Values alone: a type that stands in an exported signature may well have no user by name. Names count, not bindings; so another thing of the
 * same name hides an unused export, and nothing that is used is ever found.
 */
import ts from 'typescript';
import type { SourceFile } from './repository-files.js';

const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|const|class|let) (\w+)/gm;

/** `FILE: NAME` of each export of `files` that none of the other `users` names. */
export function unusedExports(files: readonly SourceFile[], users: readonly SourceFile[]): string[] {
  const filesOfName = new Map<string, Set<string>>();
  for (const { path, text } of users) {
    for (const name of identifiers(text)) {
      const paths = filesOfName.get(name) ?? new Set();
      filesOfName.set(name, paths.add(path));
    }
  }
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORT)]
      .map(([, name]) => name as string)
      .filter((name) => ![...(filesOfName.get(name) ?? [])].some((user) => user !== path))
      .map((name) => `${path}: ${name}`),
  );
}

/** Names in code; not those in comments and strings. */
function identifiers(text: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest));
  return names;
}
