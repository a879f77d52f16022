/**
 * Runs the fuzzer of test/fuzz on its corpus.
 */
import path from 'node:path';
import { ROOT } from './repository.mjs';
import { runBundled } from './run-bundled.mjs';

await runBundled('test/fuzz/main.ts', ['--corpus', path.join(ROOT, 'test/fuzz/corpus'), ...process.argv.slice(2)]);
