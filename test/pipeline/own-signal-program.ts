/** Started by own-signals.test.ts: runs the reader given as arguments, writes a line when the first byte is there, then waits. */
import { writeSync } from 'node:fs';
import { reader, start } from './tools.js';

const pipeline = await start([reader(process.argv.slice(2).join(' '))]);
await pipeline.firstByte;
writeSync(1, 'running\n');
setInterval(() => {}, 1000);
