/**
 * Media types and file names of data answers (server-protocol 4.6.3). Decided by definition and request, never by the bytes.
 */
import type { Header } from '../../reply/headers.js';
import type { StreamKind } from '../../source/source.js';

export interface DataMedia {
  readonly contentType: string;
  readonly disposition: Header;
  readonly fileName: string;
}

export interface MediaFacts {
  readonly id: string;
  readonly kind: StreamKind;
  /** A text converter is the last stage. */
  readonly text: boolean;
  /** Delimited text. */
  readonly csv?: boolean;
  readonly isBrowser: boolean;
  /** Times as the reader gets them (before any widening to whole bins). */
  readonly begin: string;
  readonly end: string;
}

const LONGEST_NAME = 150;

/** Type, disposition and name of the answer. */
export function dataMedia(facts: MediaFacts): DataMedia {
  const { kind, text, isBrowser } = facts;
  if (facts.csv) {
    const fileName = dataFileName(facts, 'csv');
    const disposition = ['Content-Disposition', `attachment; filename="${fileName}"`] as const;
    return { contentType: 'text/csv; charset=utf-8', disposition, fileName };
  }
  const qstream = kind === 'qstream';
  const subtype = qstream ? 'vnd.das2.qstream' : 'vnd.das2.das2stream';
  const textType = isBrowser ? 'text/plain; charset=utf-8' : `text/${subtype}; charset=utf-8`;
  const fileName = dataFileName(facts, extension(qstream, text, isBrowser));
  return {
    contentType: text ? textType : `application/${subtype}`,
    disposition: ['Content-Disposition', `${text ? 'inline' : 'attachment'}; filename="${fileName}"`],
    fileName,
  };
}

function extension(qstream: boolean, text: boolean, isBrowser: boolean): string {
  if (!qstream) return text ? 'd2t' : 'd2s';
  if (!text) return 'qds';
  return isBrowser ? 'qdst' : 'qdt';
}

/** `<last segment of the id>_<begin>_<end>.<extension>` in letters that need no quoting anywhere, 150 bytes at most. */
export function dataFileName(facts: Pick<MediaFacts, 'id' | 'begin' | 'end'>, ext: string): string {
  const last = facts.id.slice(facts.id.lastIndexOf('/') + 1);
  const times = `_${timePart(facts.begin)}_${timePart(facts.end)}.${ext}`;
  const safe = `${last}${times}`.replace(/[^A-Za-z0-9._+-]/g, '_');
  if (safe.length <= LONGEST_NAME) return safe;
  // The times tell files apart; the name gives way.
  return safe.slice(0, Math.max(0, LONGEST_NAME - times.length)) + safe.slice(-Math.min(times.length, LONGEST_NAME));
}

function timePart(text: string): string {
  return text.replaceAll(':', '-').replaceAll('.000000', '').replaceAll('.000Z', '').replaceAll('T00-00-00', '');
}
