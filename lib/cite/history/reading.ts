/**
 * Reads what the log has that is new about one dataset, file by file (citation 13.2).
 *
 * Contract: never throws. Deliveries of other logs are put between those of this one by their time. Of a segment the part behind what was seen is read, up to its last whole line; a summary is read whole when it has changed. A
 * segment that was condensed is found in its summary, whose old rows tell the history nothing new.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { namesIfAny } from '../../files/files-if-any.js';
import { entryOfLine, readSummary, segmentMonths, summaryYears } from '../log/files.js';
import { datasetMark, type LogEntry, REQUEST_ELSEWHERE } from '../log/row.js';
import { LogStore } from '../log/store.js';
import { requestFromQuery } from '../request-key.js';
import type { DatasetHistory } from './history.js';

/** So much of a segment is read at once. */
const CHUNK = 4 * 1024 * 1024;
const LINE_FEED = 10;

export interface ReadingFacts {
  readonly dataset: string;
  readonly history: DatasetHistory;
  /** Files of the log, and how far they were read: bytes of a segment, size and time of a summary. */
  readonly seen: ReadonlyMap<string, string>;
  readonly mostBytes: number;
  /** Deliveries of other logs that are new. */
  readonly others?: readonly LogEntry[] | undefined;
}

export class HistoryReading {
  /** As `seen` of the facts, now. */
  readonly seen = new Map<string, string>();
  hasRead = false;
  private room: number;
  private readonly store: LogStore;
  /** How a row of the dataset looks. */
  private readonly needle: string;
  /** Deliveries of other logs that were not noted yet, the oldest first. */
  private others: LogEntry[];
  /** Those of the shard that is being read. */
  private pending: LogEntry[] = [];

  constructor(
    private readonly root: string,
    private readonly facts: ReadingFacts,
  ) {
    this.room = facts.mostBytes;
    this.store = new LogStore(root);
    this.needle = datasetMark(facts.dataset);
    this.others = [...(facts.others ?? [])].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  }

  /** Reads on; false if there is more than may be read at once. Then those of other logs, too, want to be given once more. */
  readAll(): boolean {
    let isComplete = true;
    this.hasRead = this.others.length > 0;
    for (const shard of namesIfAny(`${this.root}/log`)) {
      const folder = `${this.root}/log/${shard}`;
      const years = summaryYears(folder).map((year) => `${year}.sum`);
      // Years stand before their months, so what is oldest comes first. What comes later must not be noted before it.
      const files = [...years, ...segmentMonths(folder).map((month) => `${month}.seg`)].sort();
      this.pending = this.takeOthers(shard);
      if (files.every((file) => this.readFile(`${folder}/${file}`, `${shard}/${file}`))) {
        this.addPending(() => true);
        continue;
      }
      isComplete = false;
      this.keepSeen(shard);
    }
    // Nothing was ever delivered here of what is left.
    this.pending = this.others;
    this.addPending(() => true);
    return isComplete;
  }

  private takeOthers(shard: string): LogEntry[] {
    const found = this.others.filter(({ rk }) => rk.startsWith(shard));
    if (found.length > 0) this.others = this.others.filter(({ rk }) => !rk.startsWith(shard));
    return found;
  }

  /** Adds those of other logs whose time has come. */
  private addPending(isDue: (entry: LogEntry) => boolean): void {
    let due = 0;
    for (const entry of this.pending) {
      if (!isDue(entry)) break;
      this.add(entry);
      due++;
    }
    if (due > 0) this.pending = this.pending.slice(due);
  }

  private readFile(file: string, place: string): boolean {
    return file.endsWith('.sum') ? this.readSummary(file, place) : this.readSegment(file, place);
  }

  /** Files of a shard that were not looked at this time are as they were. */
  private keepSeen(shard: string): void {
    for (const [place, howFar] of this.facts.seen)
      if (place.startsWith(`${shard}/`) && !this.seen.has(place)) this.seen.set(place, howFar);
  }

  /** True if the summary was read, or has not changed. */
  private readSummary(file: string, place: string): boolean {
    const found = statSync(file, { throwIfNoEntry: false });
    const mark = `${found?.size} ${found?.mtimeMs}`;
    const isNew = this.facts.seen.get(place) !== mark;
    if (isNew && this.room <= 0) return false;
    this.seen.set(place, mark);
    if (!isNew) return true;
    this.hasRead = true;
    this.room -= found?.size ?? 0;
    const entries = [...readSummary(file).entries].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const entry of entries) this.note(entry);
    return true;
  }

  /** True if the segment was read to its end. */
  private readSegment(file: string, place: string): boolean {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const before = Number(this.facts.seen.get(place) ?? 0);
    // A file that has become shorter is another one.
    let at = before <= size ? before : 0;
    try {
      while (at < size && this.room > 0) {
        const end = this.readPiece(file, at, Math.min(size, at + CHUNK));
        if (end === at) break;
        this.hasRead = true;
        this.room -= end - at;
        at = end;
      }
    } catch {
      // Gone, and what it held is in its summary now; or not to be read at present. It keeps none of the others from being read.
      this.seen.set(place, String(at));
      return true;
    }
    this.seen.set(place, String(at));
    return this.room > 0 || at >= size;
  }

  /** Reads the whole lines of a piece; the place behind the last one. */
  private readPiece(file: string, from: number, to: number): number {
    const bytes = Buffer.alloc(to - from);
    const descriptor = openSync(file, 'r');
    try {
      const count = readSync(descriptor, bytes, 0, bytes.length, from);
      const end = bytes.subarray(0, count).lastIndexOf(LINE_FEED) + 1;
      // No row is as long as a piece: rubbish without line ends is left behind.
      if (end === 0) return bytes.length === CHUNK ? to : from;
      for (const line of bytes.toString('utf8', 0, end).split('\n')) {
        if (!line.includes(this.needle) && !line.endsWith(`\t${REQUEST_ELSEWHERE}`)) continue;
        const entry = entryOfLine(line);
        if (entry !== undefined) this.note(entry);
      }
      return from + end;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Adds an entry of this log, and in front of it those of others that are older. */
  private note(entry: LogEntry): void {
    this.addPending(({ time }) => time <= entry.time);
    this.add(entry);
  }

  private add(entry: LogEntry): void {
    const query = entry.request === REQUEST_ELSEWHERE ? this.store.requestOf(entry.rk) : entry.request;
    const request = query === undefined ? undefined : requestFromQuery(query);
    if (request?.dataset === this.facts.dataset) this.facts.history.add(entry, request);
  }
}
