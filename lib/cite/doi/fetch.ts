/**
 * Fetches the record of a DOI from the resolver of the site (citation 11).
 *
 * Contract: never throws. The resolver is the only host that is asked because of a definition; where it sends on, that is followed at most four times, by
 * https only, to hosts of the list only, and never into a network that is not public: the name is looked up once, and the connection goes to the very address
 * that was judged. Two seconds to connect, five in all, 1 MiB. The DOI itself is checked by the caller (`doiOf`).
 */
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../../conf/public-address.js';
import { type DoiRecord, readDoiRecord } from '../metadata/doi-record.js';

const MOST_REDIRECTS = 4;
const CONNECT_MS = 2000;
const TOTAL_MS = 5000;
const MOST_BYTES = 1024 * 1024;
const ACCEPT = 'application/vnd.datacite.datacite+json, application/vnd.citationstyles.csl+json;q=0.8';
/** Where resolvers send on to. */
const USUAL_HOSTS = ['data.crosscite.org', 'api.datacite.org', 'api.crossref.org'];

export type FetchedDoi =
  | { readonly outcome: 'good'; readonly record: DoiRecord; readonly source: string }
  | { readonly outcome: 'notFound' }
  | { readonly outcome: 'failed'; readonly reason: string };

export interface DoiFetchOptions {
  /** `CITE_DOI_URL`. */
  readonly resolver: string;
  /** `CITE_DOI_HOSTS`, hosts with or without a port; empty: the usual ones. */
  readonly hosts: readonly string[];
  readonly userAgent: string;
  /** For tests: which addresses may be connected to, and what is believed of certificates. */
  readonly isAllowed?: (address: string) => boolean;
  readonly authority?: string;
}

/** Why an attempt has failed. */
class Refused extends Error {}

/** The address of a DOI at a resolver; undefined if the resolver is no address of the web. */
export function resolverAddress(resolver: string, doi: string): URL | undefined {
  const bare = [...doi].map((character) => (/[A-Za-z0-9._~/-]/.test(character) ? character : encoded(character)));
  try {
    const url = new URL(`${resolver.replace(/\/*$/, '/')}${bare.join('')}`);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Fetches a record. */
export async function fetchDoi(doi: string, options: DoiFetchOptions): Promise<FetchedDoi> {
  const start = resolverAddress(options.resolver, doi);
  if (start === undefined) return { outcome: 'failed', reason: 'CITE_DOI_URL is no address of the web' };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TOTAL_MS);
  try {
    return await follow(start, options, stop.signal);
  } catch (error) {
    const reason = stop.signal.aborted ? `no answer within ${TOTAL_MS / 1000} s` : wordsOf(error);
    return { outcome: 'failed', reason };
  } finally {
    clearTimeout(timer);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return (error as NodeJS.ErrnoException).code ?? 'the connection failed';
}

async function follow(start: URL, options: DoiFetchOptions, signal: AbortSignal): Promise<FetchedDoi> {
  const hosts = new Set(
    [start.host, ...(options.hosts.length > 0 ? options.hosts : USUAL_HOSTS)].map((host) => host.toLowerCase()),
  );
  let url = start;
  for (let sent = 0; sent <= MOST_REDIRECTS; sent++) {
    // The resolver is the administrator's choice, wherever it stands; all others are somebody else's.
    const response = await ask(url, { ...options, isFree: url === start, signal });
    const { statusCode: status = 0, headers } = response;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      response.destroy();
      url = redirected(url, headers.location, hosts);
      continue;
    }
    if (status !== 200) {
      response.destroy();
      return status === 404 || status === 410
        ? { outcome: 'notFound' }
        : { outcome: 'failed', reason: `status ${status}` };
    }
    const record = readDoiRecord(await bodyOf(response));
    if (record === undefined) return { outcome: 'failed', reason: 'the answer is no record that can be read' };
    return { outcome: 'good', record, source: url.host };
  }
  return { outcome: 'failed', reason: `more than ${MOST_REDIRECTS} redirects` };
}

/** Where an answer sends on to, if that may be followed. */
function redirected(from: URL, location: string, hosts: ReadonlySet<string>): URL {
  let url: URL;
  try {
    url = new URL(location, from);
  } catch {
    throw new Refused('a redirect to no address');
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new Refused('a redirect to something else than plain https');
  if (!hosts.has(url.host)) throw new Refused(`a redirect to ${url.host}, which is not of CITE_DOI_HOSTS`);
  return url;
}

interface AskOptions extends DoiFetchOptions {
  /** Any address may be connected to. */
  readonly isFree: boolean;
  readonly signal: AbortSignal;
}

async function ask(
  url: URL,
  { isFree, signal, userAgent, authority, isAllowed }: AskOptions,
): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const { request } = isSecure ? await import('node:https') : await import('node:http');
  const mayConnect = isFree ? () => true : (isAllowed ?? isPublicAddress);
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (/^[\d.]+$|:/.test(literal) && !mayConnect(literal))
    throw new Refused('a redirect into a network that is not public');
  const { lookup } = await import('node:dns');
  const judged: LookupFunction = (name, options, callback) => {
    lookup(name, { ...(options as LookupOptions), all: true }, (error, found) => {
      const addresses = (found ?? []) as LookupAddress[];
      if (error !== null) callback(error, '', 0);
      else if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address)))
        callback(new Refused('a redirect into a network that is not public') as NodeJS.ErrnoException, '', 0);
      else if ((options as LookupOptions).all === true)
        (callback as (e: null, a: LookupAddress[]) => void)(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
    });
  };
  const headers = { Accept: ACCEPT, 'User-Agent': userAgent, 'Accept-Encoding': 'identity' };
  const settings: RequestOptions & { ca?: string } = { headers, lookup: judged, agent: false, signal };
  if (authority !== undefined) settings.ca = authority;
  return new Promise((resolve, reject) => {
    const call = request(url, settings, resolve);
    const timer = setTimeout(
      () => call.destroy(new Refused(`no connection within ${CONNECT_MS / 1000} s`)),
      CONNECT_MS,
    );
    call.on('socket', (socket) => {
      // Only a connection that is being made can take too long; what else there may be is for the limit of all.
      if (!socket.connecting) clearTimeout(timer);
      socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    });
    call.on('response', () => clearTimeout(timer));
    call.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    call.end();
  });
}

/** The body as text; cut off where it is too long. */
async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    size += (part as Buffer).length;
    if (size > MOST_BYTES) {
      response.destroy();
      throw new Refused(`the answer has more than ${MOST_BYTES} bytes`);
    }
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
