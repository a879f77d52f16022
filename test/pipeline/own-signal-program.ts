/** Started by own-signals.test.ts: runs the reader of its arguments in a FOLDER, writes a line when the first byte is there, then waits. */
import { writeSync } from 'node:fs';
import { stageEnvironment } from '../../lib/pipeline/environment.js';
import { startPipeline } from '../../lib/pipeline/run.js';

export async function main([folder = '', ...words]: readonly string[]): Promise<never> {
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
