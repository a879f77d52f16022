/**
 * Readers that exit with a status, hang, print what is no stream, stop within a packet, or crash. Each strikes on some days only, for
 * workers and fronts alike.
 */
import type { ReaderMode } from '../reader.js';
import { DAYS } from '../reader.js';
import { FAILED, type Fault } from '../world.js';

export const READER_FAULTS: readonly Fault[] = [
  bad('reader-exits', 'exit', 4, true),
  bad('reader-hangs', 'hang', 1, false),
  bad('reader-prints-garbage', 'garbage', 4, true),
  bad('reader-prints-half-a-packet', 'half', 4, true),
  bad('reader-crashes', 'died', 4, false),
];

/** `lasting`: the fault is the reader's last word, so jobs end with it; else they are tried again and then go well. */
function bad(name: string, mode: ReaderMode, mostDays: number, lasting: boolean): Fault {
  return {
    name,
    mayEndWith: lasting ? FAILED : [],
    mayHold: true,
    before({ site }, random) {
      const days = Array.from({ length: random.between(1, mostDays) }, () => random.below(DAYS));
      site.setReader(mode, days);
    },
    async during({ jobs }, random) {
      // As long as some work has met it.
      const end = Date.now() + random.between(200, mode === 'hang' ? 1500 : 500);
      while (Date.now() < end) {
        await jobs.look();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
