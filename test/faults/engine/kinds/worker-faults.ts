/**
 * Workers that are killed, asked to end, or stand still beyond their lease and then go on as if nothing had happened; fronts that are killed;
 * the same blocks wanted from two workers at once.
 */
import type { Random } from '../../../fuzz/random.js';
import { randomQuestion } from '../answers.js';
import { pause } from '../programs.js';
import { LEASE_SECONDS } from '../site.js';
import { type Fault, LOST, type World } from '../world.js';

export const WORKER_FAULTS: readonly Fault[] = [
  {
    name: 'kill-worker',
    mayEndWith: LOST,
    async during({ workers }, random) {
      for (let i = random.between(1, 3); i > 0; i--) {
        await pause(random.between(0, 250));
        const alive = workers.all.filter((worker) => worker.alive);
        if (alive.length > 0) await workers.kill(random.pick(alive));
        workers.sweep();
        if (random.oneIn(2)) workers.fill();
      }
    },
  },
  {
    name: 'kill-all',
    mayEndWith: LOST,
    async during({ workers }, random) {
      await pause(random.between(50, 400));
      await Promise.all(workers.all.map((worker) => workers.kill(worker)));
      workers.sweep();
    },
  },
  {
    name: 'stop-worker',
    async during({ workers, found }, random) {
      await pause(random.between(0, 300));
      found.push(...(await workers.stop()));
    },
  },
  {
    name: 'pause-worker',
    mayEndWith: LOST,
    async during(world, random) {
      await pause(random.between(20, 250));
      const alive = world.workers.all.filter((worker) => worker.alive);
      const paused = random.oneIn(3) ? alive : [random.pick(alive)];
      for (const worker of paused) worker.signal('SIGSTOP');
      const end = Date.now() + LEASE_SECONDS * 1000 * (1.2 + random.real() * 1.5);
      while (Date.now() < end) {
        await world.jobs.broker.reclaim();
        await pause(100);
      }
      for (const worker of paused) worker.signal('SIGCONT');
    },
  },
  { name: 'same-blocks', twice: true },
  {
    name: 'same-blocks-and-kill',
    twice: true,
    mayEndWith: LOST,
    async during({ workers }, random) {
      await pause(random.between(50, 300));
      await workers.kill(random.pick(workers.all));
      workers.sweep();
      workers.fill();
    },
  },
  { name: 'kill-front', during: killFronts },
];

async function killFronts({ programs, jobs }: World, random: Random): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await programs.front(randomQuestion(random).query, { killAfterMs: random.between(1, 60) });
    await jobs.look();
  }
}
