/**
 * The histories of datasets in files below CITE_ROOT, and how they are brought up to date from the log (citation 13.2).
 *
 *     history/<hash of the dataset>.json      dataset, observed changes and versions; whether all of the log has been read
 *     history/<hash of the dataset>.states    how far each file of the log was read, and the last state of each request
 *
 * Contract: both files may be removed at any time; they are made from the log again. What was read once is not read again: rows are only ever appended to
 * segments. A reading takes about so many bytes of the log and no more; the next one goes on where it ended. Where nothing can be written the
 * result is right, and is worked out anew each time.
 */
import { renameSync, rmSync } from 'node:fs';
import { textIfAny } from '../../files/files-if-any.js';
import { shortHash } from '../../short-hash.js';
import { makePrivateFolders, writePrivate } from '../private-files.js';
import { DatasetHistory, type HistoryFacts } from './history.js';
import { HistoryReading } from './reading.js';

export interface KnownHistory {
  readonly history: DatasetHistory;
  /** False: the log is longer than what one reading may take; the next one goes on. */
  readonly isComplete: boolean;
}

/** The first file of a history, without what only its readings need. */
interface KeptHistory extends Pick<HistoryFacts, 'changes' | 'versions'> {
  readonly dataset: string;
  readonly isComplete: boolean;
  /** The second file has the same: they were written together. */
  readonly mark: string;
}

interface KeptStates extends Pick<HistoryFacts, 'states'> {
  readonly mark: string;
  readonly seen: readonly (readonly [file: string, howFar: string])[];
}

/** Brings the history of a dataset up to date with about `mostBytes` bytes of the log at most. */
export function readHistory(root: string, dataset: string, mostBytes: number): KnownHistory {
  const { kept, states } = readKept(root, dataset);
  const history = new DatasetHistory({ ...kept, ...states });
  const reading = new HistoryReading(root, { dataset, history, seen: new Map(states?.seen), mostBytes });
  const isComplete = reading.readAll();
  if (reading.hasRead || isComplete !== kept?.isComplete) {
    const mark = shortHash(`${Date.now()} ${process.pid} ${Math.random()}`);
    const { changes, versions, lastStates } = history;
    write(root, dataset, {
      kept: { dataset, isComplete, mark, changes, versions },
      states: { mark, seen: [...reading.seen], states: lastStates },
    });
  }
  return { history, isComplete };
}

/** The history as it was worked out last, without a look at the log; undefined if nobody has asked for it yet. */
export function keptHistory(root: string, dataset: string): KnownHistory | undefined {
  const kept = parsed<KeptHistory>(fileOf(root, dataset, 'json'));
  if (kept?.dataset !== dataset) return undefined;
  return { history: new DatasetHistory(kept), isComplete: kept.isComplete };
}

function readKept(root: string, dataset: string): { readonly kept?: KeptHistory; readonly states?: KeptStates } {
  const kept = parsed<KeptHistory>(fileOf(root, dataset, 'json'));
  const states = parsed<KeptStates>(fileOf(root, dataset, 'states'));
  const belongs = kept !== undefined && states !== undefined && kept.dataset === dataset && kept.mark === states.mark;
  return belongs ? { kept, states } : {};
}

/** The value in one of our own files; undefined if it is not there or damaged. */
function parsed<Value extends object>(file: string): Value | undefined {
  try {
    const value: unknown = JSON.parse(textIfAny(file) ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}

function write(root: string, dataset: string, { kept, states }: { kept: KeptHistory; states: KeptStates }): void {
  try {
    makePrivateFolders(`${root}/history`);
    replace(fileOf(root, dataset, 'states'), states);
    replace(fileOf(root, dataset, 'json'), kept);
  } catch {
    // The next one reads the same once more.
  }
}

function replace(file: string, value: object): void {
  const aside = `${file}.${process.pid}.new`;
  try {
    writePrivate(aside, `${JSON.stringify(value)}\n`);
    renameSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

function fileOf(root: string, dataset: string, extension: 'json' | 'states'): string {
  return `${root}/history/${shortHash(dataset)}.${extension}`;
}
