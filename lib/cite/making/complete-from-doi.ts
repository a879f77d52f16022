/**
 * Completes what a source says about itself from the record of its DOI, where the site wants that (`CITE_DOI_URL`) and something is missing (citation 11).
 *
 * Contract: never throws, never an error for the client. What is known is used at once; what is out of date is refreshed by the worker, or, where there is no queue,
 * behind the answer. Only a DOI of which nothing is known is waited for, by one request at a time.
 */
import type { Configuration } from '../../conf/configuration.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { VERSION } from '../../version.js';
import type { Warning } from '../citation/citation.js';
import { fetchDoi } from '../doi/fetch.js';
import { DoiStore, isStale, type KnownDoi, usableRecord } from '../doi/store.js';
import type { DatasetMetadata } from '../metadata/metadata.js';

/** Keywords that a record can fill, as origins name them. */
const FILLABLE = ['creator', 'publisher', 'pubYear', 'citeTitle', 'license'] as const;

const UNRESOLVED: Warning = {
  code: 'doi-unresolved',
  text: 'The record of the DOI is not to be had at present; what the source does not say itself is missing.',
};

/** Sees to it that the record of a source's DOI is known if it is needed: whether something new is known now, and what the reader has to be warned of. */
export async function completeFromDoi(
  context: ServerContext,
  request: Request,
  metadata: DatasetMetadata,
): Promise<{ readonly isNew: boolean; readonly warnings: readonly Warning[] }> {
  const nothing = { isNew: false, warnings: [] };
  const { configuration } = context;
  const { doi } = metadata;
  const root = configuration.path('CITE_ROOT');
  if (doi === undefined || root === undefined || !configuration.has('CITE_DOI_URL') || !needsRecord(metadata))
    return nothing;
  const store = new DoiStore(root);
  const now = request.receivedAt;
  const known = store.known(doi);
  if (known !== undefined && usableRecord(known, now) !== undefined) {
    if (isStale(known, now)) await refreshLater(context, request, doi);
    return nothing;
  }
  if (known !== undefined && !isStale(known, now)) return { isNew: false, warnings: [UNRESOLVED] };
  const found = await refreshDoi(configuration, doi, (line) => context.log.line(line));
  const isNew = found?.record !== undefined;
  return { isNew, warnings: isNew ? [] : [UNRESOLVED] };
}

/** Whether a part that a record could fill is missing, or was filled by one that is out of date perhaps. */
function needsRecord({ origins, year, license, creators }: DatasetMetadata): boolean {
  const has = { creator: creators.length > 0, pubYear: year !== undefined, license: license !== undefined };
  const isOwn = (key: (typeof FILLABLE)[number]): boolean => {
    const origin = key === 'citeTitle' ? (origins.citeTitle ?? origins.description) : origins[key];
    const isThere = key in has ? has[key as keyof typeof has] : true;
    return isThere && (origin === 'source' || origin === 'spase' || origin === 'folder');
  };
  return !FILLABLE.every(isOwn);
}

/** Asks for the record now, unless somebody else does; what is known then. */
export async function refreshDoi(
  configuration: Configuration,
  doi: string,
  log: (line: string) => void,
): Promise<KnownDoi | undefined> {
  const resolver = configuration.text('CITE_DOI_URL');
  const root = configuration.path('CITE_ROOT');
  if (resolver === undefined || root === undefined) return undefined;
  const store = new DoiStore(root);
  try {
    const unlock = store.lock(doi);
    if (unlock === undefined) return store.known(doi);
    try {
      const hosts = configuration.words('CITE_DOI_HOSTS');
      const found = await fetchDoi(doi, { resolver, hosts, userAgent: userAgent(configuration) });
      const time = Date.now();
      const recordTime = found.outcome === 'good' ? { recordTime: time } : {};
      log(`Citation: the record of ${doi}: ${found.outcome}${found.outcome === 'failed' ? `, ${found.reason}` : ''}`);
      return store.note({ doi, time, ...recordTime, ...found });
    } finally {
      unlock();
    }
  } catch (error) {
    log(`Citation: the record of ${doi} cannot be kept: ${(error as NodeJS.ErrnoException).code ?? 'fault'}`);
    return undefined;
  }
}

async function refreshLater(context: ServerContext, request: Request, doi: string): Promise<void> {
  const { queueJobs } = await import('../../server/queue-jobs.js');
  const { queued, duplicate } = await queueJobs(context, request, { category: 'TASK_CITE_DOI', fields: [[doi]] });
  if (queued + duplicate > 0) return;
  context.afterwards.push(async () => {
    await refreshDoi(context.configuration, doi, (line) => context.log.line(line));
  });
}

/** Who asks, and whom to write to about it. */
function userAgent(configuration: Configuration): string {
  const email = configuration.text('CONTACT_EMAIL');
  const contact = /^[!-;=?-~]+@[!-;=?-~]+$/.test(email ?? '') ? `mailto:${email}` : configuration.text('CONTACT_URL');
  const about = [configuration.text('SERVER_URL'), contact].filter(
    (text) => text !== undefined && /^[!-~]+$/.test(text),
  );
  return `das2srv/${VERSION}${about.length === 0 ? '' : ` (${about.join('; ')})`}`;
}
