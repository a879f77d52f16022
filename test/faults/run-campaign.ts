/**
 * The bounded form of the fault harness for the suite: every fault once, on one kind of queue. `scripts/faults` runs as many rounds as one
 * likes.
 */
import t from 'tap';
import { BIN } from '../tools/apache.js';
import { CannotRun, runCampaign } from './engine/campaign.js';
import { faultsFor } from './engine/kinds/all-faults.js';

/** Runs the rounds and says what they found. */
export async function testFaults(broker: 'spool' | 'redis'): Promise<void> {
  const seed = Number(process.env.DAS2SRV_FAULTS_SEED ?? 1);
  const rounds = faultsFor(broker).length;
  let result: Awaited<ReturnType<typeof runCampaign>>;
  try {
    result = await runCampaign({
      broker,
      rounds,
      seed,
      bin: BIN,
      faults: [],
      keep: false,
      stopAtOnce: false,
      progress() {},
      report(round, { fault, violations }) {
        t.same(violations, [], `round ${round + 1}, ${fault}`);
      },
      interrupted: () => false,
    });
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    t.pass(error.message, { skip: error.message });
    return;
  }
  for (const reason of result.skipped) t.pass(reason, { skip: reason });
}
