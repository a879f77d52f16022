/**
 * The histories of datasets in files below CITE_ROOT, and how they are brought up to date from the log (citation 13.2).
 *
 *     history/<hash of the dataset>      dataset, observed changes and versions, whether all of the log has been read; behind that how far each file of the
 *                                        log was read, and the last state of each request
 *
 * Contract: the files may be removed at any time; they are made from the log again. What was read once is not read again: rows are only ever appended to
 * segments. A reading takes about so many bytes of the log and no more; the next one goes on where it ended. Where nothing can be written the
 * result is right, and is worked out anew each time.
 */
import { shortHash } from '../../short-hash.js';
import { readChecked, writeChecked } from '../checked-file.js';
import type { LogEntry } from '../log/row.js';
import { makePrivateFolders } from '../private-files.js';
import { DatasetHistory, type HistoryFacts } from './history.js';
import { HistoryReading } from './reading.js';

export interface KnownHistory {
  readonly history: DatasetHistory;
  /** False: the log is longer than what one reading may take; the next one goes on. */
  readonly isComplete: boolean;
}

/** What a history tells. */
interface KeptHistory extends Pick<HistoryFacts, 'changes' | 'versions'> {
  readonly dataset: string;
  readonly isComplete: boolean;
}

/** What only the next reading needs. */
interface KeptStates extends Pick<HistoryFacts, 'states'> {
  readonly seen: readonly (readonly [file: string, howFar: string])[];
}

/** What tells of deliveries of the dataset on other machines, behind a place up to which that was read before ('': all); undefined if it cannot at present. */
export type Elsewhere = (
  since: string,
) => Promise<{ readonly entries: readonly LogEntry[]; readonly upTo: string } | undefined>;

/** Stands beside the files of the log for what was read of other machines. */
const ELSEWHERE = 'elsewhere';

/** Brings the history of a dataset up to date with about `mostBytes` bytes of the log at most, and what other machines have delivered. */
export async function readHistory(
  root: string,
  dataset: string,
  { mostBytes, elsewhere }: { readonly mostBytes: number; readonly elsewhere?: Elsewhere | undefined },
): Promise<KnownHistory> {
  const [kept, states] = (readKept(root, dataset) ?? []) as [KeptHistory?, KeptStates?];
  const history = new DatasetHistory({ ...kept, ...states });
  const seen = new Map(states?.seen);
  const since = seen.get(ELSEWHERE) ?? '';
  const found = await elsewhere?.(since);
  const reading = new HistoryReading(root, { dataset, history, seen, mostBytes, others: found?.entries });
  const isRead = reading.readAll();
  const isComplete = isRead && (elsewhere === undefined || found !== undefined);
  reading.seen.set(ELSEWHERE, isRead ? (found?.upTo ?? since) : since);
  if (reading.hasRead || isComplete !== kept?.isComplete || reading.seen.get(ELSEWHERE) !== since) {
    const { changes, versions, lastStates } = history;
    keep(root, { dataset, isComplete, changes, versions }, { seen: [...reading.seen], states: lastStates });
  }
  return { history, isComplete };
}

/** The history as it was worked out last, without a look at the log; undefined if nobody has asked for it yet. */
export function keptHistory(root: string, dataset: string): KnownHistory | undefined {
  const kept = readKept(root, dataset, 1)?.[0];
  return kept && { history: new DatasetHistory(kept), isComplete: kept.isComplete };
}

/** The first parts of a history; undefined if it is not there, damaged, or that of another dataset. */
function readKept(root: string, dataset: string, parts = 2): [KeptHistory, ...unknown[]] | undefined {
  const found = readChecked(fileOf(root, dataset), parts) as [KeptHistory, ...unknown[]] | undefined;
  return found?.length === parts && found[0].dataset === dataset ? found : undefined;
}

function keep(root: string, kept: KeptHistory, states: KeptStates): void {
  try {
    makePrivateFolders(`${root}/history`);
    writeChecked(fileOf(root, kept.dataset), kept, states);
  } catch {
    // The next one reads the same once more.
  }
}

function fileOf(root: string, dataset: string): string {
  return `${root}/history/${shortHash(dataset)}`;
}
