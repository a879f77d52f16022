/**
 * The history of a source as an Atom feed (RFC 4287), and what all its forms have in common (citation 13.2).
 */
import { createHash } from 'node:crypto';
import type { HistoryEntry } from '../../cite/history/summary.js';
import { xmlText } from '../../page/xml-text.js';

/** A range of data that is not expected to change, and what deliveries of it have shown. */
export interface ProbedRange {
  readonly begin: string;
  readonly end: string;
  /** Deliveries with the present digest. */
  readonly looks: number;
  readonly unchangedSince?: string;
  readonly lastLook?: string;
  /** Digests that it had besides. */
  readonly otherStates?: number;
}

/** What is told of a source. */
export interface DatasetVersions {
  readonly dataset: string;
  readonly title: string;
  readonly publisher: string;
  readonly version?: string;
  readonly versionDate?: string;
  /** Version and fingerprint of now; undefined where the definition cannot be read any more. */
  readonly dsver: string | undefined;
  readonly madeAt: string;
  /** The whole log was read. */
  readonly isComplete: boolean;
  /** There is a log at all. */
  readonly hasLog: boolean;
  readonly probe?: ProbedRange;
  /** The latest first. */
  readonly entries: readonly HistoryEntry[];
}

/** An entry in one sentence. */
export function entryWords({ kind, text, requests, keptCitations = 0 }: HistoryEntry): string {
  if (kind !== 'observed') return text;
  const affected = keptCitations === 0 ? '' : `; ${counted(keptCitations, 'kept citation')} affected`;
  return `${text} (${counted(requests ?? 0, 'request')}${affected})`;
}

function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

const LABELS: Readonly<Record<HistoryEntry['kind'], string>> = {
  declared: 'Declared',
  version: 'Version',
  definition: 'Definition',
  observed: 'Observed',
};

/** What kind of an entry it is, in a word. */
export function kindWord({ kind }: HistoryEntry): string {
  return LABELS[kind];
}

/** The feed; an entry keeps its id as long as it says the same. */
export function versionsFeed(history: DatasetVersions, address: string): string {
  const { title, publisher, dataset, entries, madeAt } = history;
  const dated = entries.map((entry) => ({ entry, updated: timeOf(entry.date) }));
  const updated =
    dated
      .map((item) => item.updated)
      .sort()
      .at(-1) ?? madeAt;
  const items = dated.map(({ entry, updated: time }) => {
    const words = entryWords(entry);
    const since =
      entry.since === undefined
        ? ''
        : `\n<summary>Between ${xmlText(entry.since)} and ${xmlText(entry.date)}.</summary>`;
    return `<entry>
<id>${xmlText(`${address}#${idOf(entry)}`)}</id>
<title>${xmlText(`${kindWord(entry)}: ${words}`)}</title>
<updated>${time}</updated>
<link href="${xmlText(address)}"/>
<category term="${entry.kind}"/>${since}
</entry>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${xmlText(address)}</id>
<title>${xmlText(`Changes of ${title} (${dataset})`)}</title>
<updated>${updated}</updated>
<author><name>${xmlText(publisher)}</name></author>
<link rel="self" href="${xmlText(`${address}?format=atom`)}"/>
<link rel="alternate" type="text/html" href="${xmlText(`${address}?format=html`)}"/>
${items.join('\n')}
</feed>
`;
}

/** What makes an entry that entry, in few digits: its numbers may grow. */
function idOf({ kind, date, text }: HistoryEntry): string {
  return createHash('sha256').update(`${kind}\n${date}\n${text}`).digest('hex').slice(0, 16);
}

/** A date of a definition, or a time of the log, as feeds want it; what is no date is as old as can be. */
function timeOf(date: string): string {
  const [, year = '1970', month = '01', day = '01', rest] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?$/.exec(date) ?? [];
  const text = `${year}-${month}-${day}${rest === undefined ? 'T00:00:00Z' : rest.endsWith('Z') ? rest : `${rest}Z`}`;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? '1970-01-01T00:00:00Z' : time.toISOString();
}
