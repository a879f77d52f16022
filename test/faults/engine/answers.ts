/**
 * Invariant: no wrong bytes are served. Random requests go to the front; each answer is compared with a live one of the same request, made
 * where there is no cache, or, where a cache changes what a live answer is (bins at the edges, a second reduction), where the cache
 * is empty.
 *
 * An answer is whole if it says so by status and framing. A whole answer must have the very records of the live one. While a fault lasts
 * an answer may fail, but openly: by a status, an exception, or a broken end.
 */
import type { Random } from '../../fuzz/random.js';
import { parseCgiOutput } from '../../tools/cgi-driver.js';
import { splitStream } from '../../tools/split-stream.js';
import type { Output, Programs } from './programs.js';
import { DAYS, dayText } from './reader.js';
import { type FaultSite, SOURCE } from './site.js';

/** Records as text, or why the answer is not whole. */
export type Answer = { readonly records: readonly string[] } | { readonly failure: string };

const LEVEL_SECONDS = [0, 900, 2400];
const OTHER_SECONDS = [0, 900, 1000, 2400, 3600, 9600, 43_200];

/** A query, and whether it may be answered without any cache. */
export interface Question {
  readonly query: string;
  readonly aligned: boolean;
}

/** A random request inside the days that have data. */
export function randomQuestion(random: Random): Question {
  const aligned = random.oneIn(2);
  const resolution = random.pick(aligned ? LEVEL_SECONDS : OTHER_SECONDS);
  const unit = aligned ? 7200 : 60;
  const length = random.between(1, Math.floor((DAYS * 86_400) / unit / (random.oneIn(3) ? 1 : 4)));
  const begin = random.below((DAYS * 86_400) / unit - length + 1);
  const bound = (units: number): string => {
    const seconds = units * unit;
    const clock = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 16);
    return `${dayText(Math.floor(seconds / 86_400))}T${clock}`;
  };
  const range = `start_time=${bound(begin)}&end_time=${bound(begin + length)}`;
  const query = `server=dataset&dataset=${SOURCE}&${range}${resolution === 0 ? '' : `&resolution=${resolution}`}`;
  return { query, aligned };
}

/** What a client takes from the output of the front. */
export function readAnswer({ status, bytes, errors }: Output): Answer {
  if (status !== 0) return { failure: `ended with ${status ?? 'a signal'} ${errors.slice(-200)}` };
  try {
    const reply = parseCgiOutput(bytes);
    if (reply.status !== 200) return { failure: `status ${reply.status}` };
    const packets = splitStream(reply.body);
    if (packets[0]?.tag !== '[00]') return { failure: 'no stream header' };
    const records: string[] = [];
    for (const { root, data, tag } of packets) {
      if (data !== undefined) records.push(Buffer.from(data).toString('latin1'));
      if (tag === '[xx]' && root?.name === 'exception' && root.attributes.get('type') !== 'NoDataInInterval')
        return { failure: `exception ${root.attributes.get('type')}` };
    }
    return { records };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

/** How two whole answers differ; undefined if they do not. */
export function compareAnswers(got: readonly string[], wanted: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(got.length, wanted.length); i++) {
    if (got[i] === wanted[i]) continue;
    const sizes = `${got.length} records, ${wanted.length} wanted`;
    return `record ${i} is ${JSON.stringify(got[i])}, wanted ${JSON.stringify(wanted[i])} (${sizes})`;
  }
  return undefined;
}

export class AnswerCheck {
  asked = 0;
  whole = 0;
  private readonly known = new Map<string, Promise<readonly string[]>>();

  constructor(
    private readonly programs: Programs,
    private readonly site: FaultSite,
  ) {}

  /** Asks the front; what is wrong with its answer. `mayFail`: an open failure is no fault now. */
  async ask(question: Question, mayFail: boolean): Promise<string | undefined> {
    this.asked++;
    const answer = readAnswer(await this.programs.front(question.query));
    if ('failure' in answer) return mayFail ? undefined : `${question.query}: ${answer.failure}`;
    this.whole++;
    const difference = compareAnswers(answer.records, await this.wanted(question));
    return difference === undefined ? undefined : `${question.query}: ${difference}`;
  }

  /** The records of the live answer. */
  wanted({ query, aligned }: Question): Promise<readonly string[]> {
    let records = this.known.get(query);
    if (records === undefined) {
      records = this.live(query, aligned ? this.site.off : this.site.live);
      this.known.set(query, records);
    }
    return records;
  }

  private async live(query: string, configuration: string): Promise<readonly string[]> {
    const answer = readAnswer(await this.programs.front(query, { configuration }));
    if ('failure' in answer) throw new Error(`there is no live answer to compare with: ${query}: ${answer.failure}`);
    return answer.records;
  }
}
