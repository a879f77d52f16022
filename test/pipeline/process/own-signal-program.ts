/** Started by own-signals.test.ts: runs the reader of its arguments in a FOLDER, writes a line when the first byte is there, then waits. Process
 * groups are noted below the folder STATE, if there is one. */
import { writeSync } from 'node:fs';
import { noteGroupsBelow } from '../../../lib/pipeline/process/own-signals.js';
import { startPipeline } from '../../../lib/pipeline/run.js';
import { stageEnvironment } from '../../../lib/pipeline/stage/environment.js';

export async function main([folder = '', ...words]: readonly string[]): Promise<never> {
  noteGroupsBelow(process.env.STATE, true);
  const pipeline = await startPipeline({
    stages: [{ role: 'reader', command: words.join(' '), args: [] }],
    environment: stageEnvironment({
      binPath: [folder],
      libPath: [],
      passNames: [],
      inherited: { PATH: '/usr/bin:/bin' },
    }),
    limits: {},
    findFilter: async () => undefined,
  });
  await pipeline.firstByte;
  writeSync(1, 'running\n');
  setInterval(() => {}, 1000);
  return new Promise(() => {});
}
