/**
 * Keeps in the queue how far a job is, while it is being done (server-internals 3.2: the working text).
 */
import { BrokerUnreachable } from '../../queue/broker-error.js';

/** Time between two notes. */
const NOTE_MS = 1000;

export interface Notes {
  /** The working text as of now; undefined if there is nothing to tell any more. */
  text(): string | undefined;
  /** Writes it; false if the job is another's now. */
  write(text: string): Promise<boolean>;
  /** The job is another's now. */
  lost(): void;
}

/** Does the work, with a note at its begin and now and then. A queue out of reach is told later; no note comes behind the end of the work. */
export async function noting<Value>({ text, write, lost }: Notes, work: () => Promise<Value>): Promise<Value> {
  let told = '';
  const tell = async (): Promise<void> => {
    const now = text();
    if (now === undefined || now === told) return;
    told = now;
    try {
      if (!(await write(now))) lost();
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
      told = '';
    }
  };
  await tell();
  let telling: Promise<void> = Promise.resolve();
  const clock = setInterval(() => {
    telling = telling.then(tell);
  }, NOTE_MS);
  try {
    return await work();
  } finally {
    clearInterval(clock);
    await telling;
  }
}
