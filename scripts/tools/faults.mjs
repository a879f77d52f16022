/**
 * Runs the fault harness of test/faults/engine on the built programs of this repository.
 */
import path from 'node:path';
import { ROOT } from './repository.mjs';
import { runBundled } from './run-bundled.mjs';

process.env.DAS2SRV_BIN ||= path.join(ROOT, 'dist/bin');
await runBundled('test/faults/engine/main.ts', process.argv.slice(2));
