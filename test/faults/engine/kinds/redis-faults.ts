/**
 * Redis that ends, is killed, comes back with everything (append-only file), with an older state (a copy of its files), or with nothing.
 *
 * What holds without persistence: blocks and answers are right, nothing is published twice, and whatever is still missing is queued by the next
 * request for it. What does not: jobs that waited are gone, since nobody else knows of them.
 */
import { randomQuestion } from '../answers.js';
import { pause } from '../programs.js';
import { type Fault, LOST } from '../world.js';

export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis-restarted',
    broker: 'redis',
    mayEndWith: LOST,
    async during({ redis }, random) {
      await pause(random.between(30, 300));
      await redis?.stop();
      await pause(random.between(0, 300));
      await redis?.start();
    },
  },
  {
    name: 'redis-killed',
    broker: 'redis',
    mayEndWith: LOST,
    async during({ redis }, random) {
      for (let i = random.between(1, 2); i > 0; i--) {
        await pause(random.between(30, 300));
        await redis?.kill();
        await pause(random.between(0, 200));
        await redis?.start();
      }
    },
  },
  {
    name: 'redis-killed-with-workers',
    broker: 'redis',
    mayEndWith: LOST,
    async during({ redis, workers }, random) {
      await pause(random.between(50, 300));
      await Promise.all([redis?.kill(), ...workers.all.map((worker) => workers.kill(worker))]);
      workers.sweep();
      await redis?.start();
    },
  },
  {
    name: 'redis-rolled-back',
    broker: 'redis',
    mayEndWith: LOST,
    async during({ redis, jobs }, random) {
      await pause(random.between(100, 300));
      const { todo, working, finished } = await jobs.lists();
      await redis?.kill();
      redis?.saveFiles();
      await redis?.start();
      await pause(random.between(50, 300));
      await redis?.kill();
      redis?.restoreFiles();
      await redis?.start();
      jobs.forget([...todo, ...working, ...finished]);
    },
  },
  {
    name: 'redis-lost-everything',
    broker: 'redis',
    async during({ redis, jobs, workers, programs, found }, random) {
      await pause(random.between(50, 400));
      await redis?.kill();
      redis?.wipeFiles();
      await redis?.start();
      jobs.forget();
      if (random.oneIn(2)) return;
      found.push(...(await workers.stop()));
      // A request for blocks that are missing queues them at once: no mark of the lost jobs is in its way.
      const question = randomQuestion(random);
      await programs.front(question.query);
    },
  },
];
