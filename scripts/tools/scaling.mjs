/**
 * Runs the scaling measurements of test/scaling with the built programs of this repository.
 */
import path from 'node:path';
import { ROOT } from './repository.mjs';
import { runBundled } from './run-bundled.mjs';

process.env.DAS2SRV_BIN ||= path.join(ROOT, 'dist/bin');
await runBundled('test/scaling/main.ts', process.argv.slice(2));
