/** A fresh folder for one test, removed when the test ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file below the folder, with the folders above it; answers its path. */
  write(name: string, content: string | Uint8Array): string;
}

/** Makes the folder. `test` is the tap test that ends its life. */
export function temporaryFolder(test: { teardown(clean: () => void): unknown }): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'das2-test-'));
  test.teardown(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}
