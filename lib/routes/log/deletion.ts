/**
 * Deleting logs through the viewer: by POST, by somebody who sees all logs, with a token that the page of this server gave to
 * him (server-internals 5.2).
 *
 * The token is a digest over viewer, subject and hour under a key in STATE_ROOT; it holds for one to two hours. Where the key
 * cannot be kept there is no token and no deletion. Headers of browsers that tell where a form came from must agree, too.
 */
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import type { LogSubject } from '../../log/log-files.js';
import { firstValues, parseQuery } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { isSameOrigin } from '../../request/same-origin.js';
import { secretKey } from '../secret-key.js';
import type { LogViewer } from './access.js';

const BODY_LIMIT = 4096;
const HOUR_MS = 3_600_000;
const KEY_FILE = 'log-viewer-key';

/** What a deletion is about; the same for page and form. */
export interface DeletionFacts {
  readonly configuration: Configuration;
  readonly request: Request;
  readonly viewer: LogViewer;
  readonly subject: LogSubject;
}

/** The token for a form; undefined if none can be made. */
export async function deletionToken(facts: DeletionFacts): Promise<string | undefined> {
  const key = secretKey(facts.configuration.path('STATE_ROOT'), KEY_FILE);
  return key === undefined ? undefined : digest(key, facts, hourOf(facts.request));
}

/** The fields of the form that was sent. */
export async function readForm(request: Request): Promise<ReadonlyMap<string, string>> {
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || request.readBody === undefined) {
    throw new Das2Error('illegalArgument', 'the request must be a form');
  }
  return firstValues(parseQuery(Buffer.from(await request.readBody(BODY_LIMIT)).toString('utf8')));
}

/** Throws `forbidden` unless the form came from a page of this server, made for this viewer and subject. */
export async function requireToken(facts: DeletionFacts, token: string | undefined): Promise<void> {
  const { request, configuration } = facts;
  const key = secretKey(configuration.path('STATE_ROOT'), KEY_FILE);
  const { timingSafeEqual } = await import('node:crypto');
  if (key !== undefined && token !== undefined && isSameOrigin(request, configuration.text('SERVER_URL'))) {
    for (const hour of [hourOf(request), hourOf(request) - 1]) {
      const expected = Buffer.from(await digest(key, facts, hour));
      const given = Buffer.from(token);
      if (given.length === expected.length && timingSafeEqual(given, expected)) return;
    }
  }
  throw new Das2Error('forbidden', 'the form is not from this server or is too old: load the page again');
}

async function digest(key: string, { request, viewer, subject }: DeletionFacts, hour: number): Promise<string> {
  const { createHmac } = await import('node:crypto');
  const text = JSON.stringify([request.clientAddress, viewer.user ?? null, subject.key, hour]);
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64url');
}

function hourOf(request: Request): number {
  return Math.floor(request.receivedAt / HOUR_MS);
}
