/**
 * `npm ci`, and with it a fresh clone, works only with a complete lock file. npm leaves packages for other platforms out without
 * a word when the registry at hand has no copy of them; they must be entered even so.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const read = (name: string) => JSON.parse(readFileSync(join(top, name), 'utf8'));
const packages = read('package-lock.json').packages as Readonly<Record<string, LockedPackage>>;

/** The entry that a package at `from` gets when it asks for `name`: the nearest one on the way up. */
function locked(from: string, name: string): LockedPackage | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (found !== undefined || at === '') return found;
  }
}

t.test('every package that another one asks for has an entry with a version', async (t) => {
  const missing = Object.entries(packages).flatMap(([from, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => locked(from, name)?.version === undefined)
      .map((name) => `${name}, for ${from}`),
  );
  t.same(missing, []);
});

t.test('the lock file is that of package.json and names no registry', async (t) => {
  const { dependencies, devDependencies } = read('package.json') as LockedPackage;
  t.same(packages['']?.dependencies, dependencies);
  t.same(packages['']?.devDependencies, devDependencies);
  t.same(
    Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
});
