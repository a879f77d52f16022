/**
 * The validators of a data answer (RFC 9110 8.8): what a client shows next time to learn whether anything has changed (server-internals 11).
 *
 *   Last-Modified   the newest of the blocks and of what else the caller names; whole seconds
 *   ETag            a sum over the blocks' checksums and whatever makes an answer of them: program version, range, commands, further text
 *
 * For settled answers only (settled-blocks.ts). Loaded with data/cache-plan.ts, so a hit pays for no module of its own.
 */
import type { SettledBlocks } from '../cache/answer/settled-blocks.js';
import type { Stage } from '../pipeline/stage/stage.js';
import type { Header } from '../reply/headers.js';
import type { TextRange } from '../request/time-text.js';
import { shortHash } from '../short-hash.js';
import { COMMIT, VERSION } from '../version.js';

/** What an answer depends on besides its blocks. */
export interface AnswerFacts {
  /** Milliseconds since 1970; undefined if that is not known. */
  readonly changedAt: number | undefined;
  /** What else is in it. */
  readonly text?: string;
}

/** The answer: its blocks, its range, and the stages behind them. */
export interface SettledAnswer {
  readonly blocks: SettledBlocks;
  readonly range: TextRange;
  readonly stages: readonly Stage[];
}

/**
 * A block that is replaced in the second of the one before has the same HTTP time; clocks of file system and server need not tick
 * together.
 */
const LEAST_AGE_MS = 2000;

/** The headers. `Last-Modified` is left out while something newer could still get the same time. `now` in milliseconds since 1970. */
export function validatorHeaders(answer: SettledAnswer, facts: AnswerFacts, now: number): Header[] {
  const { blocks, range, stages } = answer;
  const commands = stages.map(({ command, args }) => [command, ...args]);
  const parts = [VERSION, COMMIT, range.begin.text, range.end.text, commands, facts.text, blocks.versions];
  const headers: Header[] = [['ETag', `W/"${shortHash(JSON.stringify(parts))}"`]];
  const changedAt = Math.max(blocks.changedAt, facts.changedAt ?? Number.POSITIVE_INFINITY);
  if (now - changedAt >= LEAST_AGE_MS) headers.push(['Last-Modified', new Date(changedAt).toUTCString()]);
  return headers;
}
