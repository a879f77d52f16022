/**
 * A citation before it takes a form: who, when, what, where, which part, which state, how to check (citation 8.1).
 *
 * Contract: pure data and the words that all forms share. Times of states are ISO with milliseconds as the log has them.
 */
import type { DatasetMetadata } from '../metadata/metadata.js';
import { ALL_PLANES, type CanonicalRequest, isReduced } from '../request-key.js';

export interface Warning {
  readonly code: string;
  readonly text: string;
}

/** The state of the data that is cited. */
export interface CitedState {
  /** `sha256-d2c1:` or `sha256-q1:` and 64 digits. */
  readonly digest: string;
  /** Last time that it was delivered, or computed. */
  readonly time: string;
  /** First time. */
  readonly first: string;
  /** Times on record that it was delivered or computed. */
  readonly count: number;
  /** Times that it was delivered. */
  readonly deliveries: number;
  readonly packets?: number | undefined;
  readonly firstX?: string | undefined;
  readonly lastX?: string | undefined;
  readonly m?: string | undefined;
  readonly via: string;
  readonly dsver?: string | undefined;
  readonly open: boolean;
  /** The last SHA-256 of the bytes for each format. */
  readonly raws: Readonly<Record<string, string>>;
}

export interface Citation {
  /** Undefined without a digest. */
  readonly id: string | undefined;
  /** Where the citation can be seen: its landing page. */
  readonly address: string;
  readonly dataAddress: string;
  /** The request at full resolution, where this one is reduced. */
  readonly nativeAddress?: string | undefined;
  readonly request: CanonicalRequest;
  readonly rk: string;
  readonly metadata: DatasetMetadata;
  readonly state: CitedState | undefined;
  readonly warnings: readonly Warning[];
  /** When the citation was made. */
  readonly madeAt: string;
  readonly server: { readonly name: string; readonly software: string };
  /** Not everybody may have the data. */
  readonly isGuarded?: true | undefined;
}

/** What a citation is called among others, in lists of references and in folders: `das2_` and the id without its check character, or the first digits of the key. */
export function shortName({ id, rk }: Pick<Citation, 'id' | 'rk'>): string {
  return `das2_${(id ?? rk).slice(0, 16)}`.replace(/[^a-z0-9_]/g, '');
}

/** A time as people read it: without fractions. */
export function wholeSeconds(time: string): string {
  return time.replace(/\.\d+(?=Z?$)/, '');
}

/** The resolution in words. */
export function resolutionWords({ request }: Pick<Citation, 'request'>): string {
  if (request.interval !== '') return `every ${request.interval} s`;
  return isReduced(request) ? `${request.res} s resolution` : 'native resolution';
}

/** Parameters and planes in words. */
export function selectionWords({ request }: Pick<Citation, 'request'>): string {
  const { params, planes } = request;
  const words = [
    ...(params === '' ? [] : [`reader parameters "${params}"`]),
    ...(planes === ALL_PLANES ? [] : [`only ${planes.replaceAll(',', ', ')}`]),
  ];
  return words.length === 0 ? 'all parameters' : words.join(', ');
}

/** Which part of the dataset: the subset clause. */
export function subsetWords(citation: Pick<Citation, 'request'>): string {
  const { begin, end } = citation.request;
  return `${begin} to ${end} UTC, ${resolutionWords(citation)}, ${selectionWords(citation)}`;
}

/** The state clause; undefined without a digest. */
export function stateWords({ state }: Pick<Citation, 'state'>): string | undefined {
  if (state === undefined) return undefined;
  const [form = '', digits = ''] = state.digest.split(':');
  const none = state.packets === 0 ? ' (no data in this interval)' : '';
  return `State of ${wholeSeconds(state.time)}${none}, ${form} ${digits.slice(0, 20)}`;
}

/** How often the same content was delivered, and between which days; undefined for a single time. */
export function spanWords({ first, time, deliveries }: CitedState): string | undefined {
  if (deliveries < 2) return undefined;
  return `identical content delivered ${deliveries} times, ${dayWords(first)} – ${dayWords(time)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day as people read it. */
function dayWords(time: string): string {
  return `${Number(time.slice(8, 10))} ${MONTHS[Number(time.slice(5, 7)) - 1] ?? ''} ${time.slice(0, 4)}`;
}

/** Address of a DOI. */
export function doiAddress(doi: string): string {
  return `https://doi.org/${doi}`;
}

/** Where the dataset as a whole is described. */
export function datasetAddress({ doi, landingPage }: DatasetMetadata): string | undefined {
  return doi === undefined ? landingPage : doiAddress(doi);
}

/** Text in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim();
}
