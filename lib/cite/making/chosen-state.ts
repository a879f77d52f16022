/**
 * Which state of the data a request about citations means, by what it wishes and by the deliveries that are on record (citation 8).
 */
import { Das2Error } from '../../error.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { formatTime, parseTime } from '../../stream/time.js';
import type { Warning } from '../citation/citation.js';
import { type Choice, chooseState, digitsOf, SHORTEST_PREFIX, type Wish } from '../citation/states.js';
import { logEntries } from '../delivery/log-entries.js';
import type { LogEntry } from '../log/row.js';
import type { CitedQuestion } from '../question/question.js';

/** What is known of a request, and what became of the choice. */
export interface ChosenState {
  readonly choice: Choice;
  readonly entries: readonly LogEntry[];
  readonly warnings: readonly Warning[];
  /** The worker computes the digest: ask again later. */
  readonly isLater?: boolean;
}

export const NO_LOG: Warning = { code: 'no-log', text: 'This server keeps no log of deliveries at present.' };

/** Finds the state that is wanted, computing it if there is none and that is allowed. */
export async function chosenState(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  wish: Wish,
): Promise<ChosenState> {
  const entries = await logEntries(context.configuration, cited.rk);
  const choice = chooseState(entries, wish);
  if (choice.kind !== 'none') return { choice, entries, warnings: [] };
  if (!context.configuration.flag('CITE_ENABLE')) return { choice, entries, warnings: [NO_LOG, noDigest('')] };
  if (request.parameters.get('compute') === '0') return { choice, entries, warnings: [noDigest('')] };
  const { computeLater, computeState } = await import('./compute.js');
  const computed = await computeState(context, request, cited, entries);
  if (computed.kind === 'known') return chosenState(context, request, cited, wish);
  if (computed.kind === 'tooCostly' && (await computeLater(context, request, cited))) {
    return { choice, entries, warnings: [], isLater: true };
  }
  if (computed.kind === 'tooCostly')
    return { choice, entries, warnings: [noDigest(' The data are too many to be read now.')] };
  if (computed.kind === 'failed')
    return { choice, entries, warnings: [noDigest(` They could not be hashed: ${computed.reason}.`)] };
  const all = [computed.entry, ...entries];
  return { choice: chooseState(all, wish), entries: all, warnings: [] };
}

function noDigest(why: string): Warning {
  return {
    code: 'no-digest',
    text: `This citation has no digest: it cannot tell whether the data have changed.${why}`,
  };
}

/** The wish of a request: `hash` and `at`. */
export function wishOf({ parameters }: Request): Wish {
  const hash = parameters.get('hash');
  if (hash !== undefined && (!/^[0-9a-f]+$/.test(digitsOf(hash)) || digitsOf(hash).length < SHORTEST_PREFIX)) {
    throw new Das2Error('illegalArgument', `hash takes at least ${SHORTEST_PREFIX} hexadecimal digits of a digest`);
  }
  const at = parameters.get('at');
  return { hash, at: at === undefined ? undefined : `${readTime(at)}Z` };
}

function readTime(text: string): string {
  try {
    return formatTime(parseTime(text), { decimals: 3 });
  } catch (error) {
    throw new Das2Error('illegalArgument', 'at takes a time such as 2026-01-31T12:30:00Z', { cause: error });
  }
}
