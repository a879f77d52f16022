/**
 * Why a block could not be made: a kind that programs act upon, and words for people (server-internals 3.3, 3.6).
 */
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import { terminationWords } from '../../pipeline/stage/termination-words.js';

/**
 * `reader`, `reducer`: that program ended with a bad status. `killed`: a signal ended a program. `timeout`: a limit of time or size did.
 * `stream`: what came is not a whole stream that may be kept. `held`: it failed a short time ago and was not tried (failure/marks.ts).
 */
export type FailureKind = 'reader' | 'reducer' | 'killed' | 'timeout' | 'stream' | 'held';

export interface BlockFailure {
  readonly kind: FailureKind;
  readonly reason: string;
}

/** Failures of one kind in a build. */
export interface FailureCount {
  readonly kind: FailureKind;
  readonly count: number;
  /** The first one, with the name of the block. */
  readonly first: string;
}

const MAY_PASS: ReadonlySet<FailureKind> = new Set<FailureKind>(['killed', 'timeout']);

/** True if the same run may go well another time. */
export function mayPass(kind: FailureKind): boolean {
  return MAY_PASS.has(kind);
}

/** Why a run of a block's programs cannot be trusted: every status counts, whoever failed first. Undefined if all went well. */
export function runFailure(result: PipelineResult): BlockFailure | undefined {
  const { terminationReason } = result;
  if (terminationReason !== undefined) {
    return { kind: 'timeout', reason: `ended by the server: ${terminationWords(terminationReason)}` };
  }
  const bad = result.failedStage ?? result.stages.find(({ status }) => status !== 0);
  if (bad === undefined) return result.ok ? undefined : { kind: 'stream', reason: 'the programs did not end well' };
  const end = bad.signal === undefined ? `status ${bad.status ?? 'unknown'}` : `signal ${bad.signal}`;
  const said = bad.standardError.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  const kind = bad.signal !== undefined ? 'killed' : bad.role === 'reducer' ? 'reducer' : 'reader';
  return { kind, reason: `the ${bad.role} ended with ${end}${said === '' ? '' : `: ${said}`}` };
}

/**
 * A reducer that was given bytes and printed none: that is no stream (server-internals 2.7 rule 1), and would be kept as a block that says
 * that there are no data. Undefined if there is none. For runs that ended well.
 */
export function swallowed({ stages }: PipelineResult): BlockFailure | undefined {
  const reducer = stages.find(({ role, bytesIn, bytesOut }) => role === 'reducer' && bytesIn > 0 && bytesOut === 0);
  if (reducer === undefined) return undefined;
  return {
    kind: 'reducer',
    reason: `the reducer was given ${reducer.bytesIn} bytes, printed nothing and ended with status 0`,
  };
}

/** Adds a failure to the counts. */
export function countFailure(counts: readonly FailureCount[], kind: FailureKind, line: string): FailureCount[] {
  return joinFailures([counts, [{ kind, count: 1, first: line }]]);
}

/** The counts of several builds as one. */
export function joinFailures(builds: readonly (readonly FailureCount[])[]): FailureCount[] {
  const joined = new Map<FailureKind, FailureCount>();
  for (const one of builds.flat()) {
    const known = joined.get(one.kind);
    joined.set(one.kind, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  return [...joined.values()];
}

/** `3 reader, 1 timeout`. */
export function failureWords(counts: readonly FailureCount[]): string {
  return counts.map(({ kind, count }) => `${count} ${kind}`).join(', ');
}
