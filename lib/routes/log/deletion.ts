/**
 * Deleting logs through the viewer: by POST, by somebody who sees all logs, with a token that the page of this server gave to
 * him (server-internals 5.2).
 *
 * The token is a digest over viewer, subject and hour under a key in STATE_ROOT; it holds for one to two hours. Where the key
 * cannot be kept there is no token and no deletion. Headers of browsers that tell where a form came from must agree, too.
 */
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import type { LogSubject } from '../../log/log-files.js';
import { firstValues, parseQuery } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { isSameOrigin } from '../../request/same-origin.js';
import type { LogViewer } from './access.js';

const BODY_LIMIT = 4096;
const HOUR_MS = 3_600_000;
const KEY_FILE = 'log-viewer-key';
const KEY = /^[0-9a-f]{64}$/;

/** What a deletion is about; the same for page and form. */
export interface DeletionFacts {
  readonly configuration: Configuration;
  readonly request: Request;
  readonly viewer: LogViewer;
  readonly subject: LogSubject;
}

/** The token for a form; undefined if none can be made. */
export async function deletionToken(facts: DeletionFacts): Promise<string | undefined> {
  const key = readKey(facts.configuration.path('STATE_ROOT'));
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
  const key = readKey(configuration.path('STATE_ROOT'));
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

/** The key of this instance, made when it is first needed; undefined if it cannot be kept. */
function readKey(stateRoot: string | undefined): string | undefined {
  if (stateRoot === undefined) return undefined;
  const file = join(stateRoot, KEY_FILE);
  const present = keyIn(file);
  if (present !== undefined) return present;
  const temporary = `${file}.${process.pid}.new`;
  try {
    writeFileSync(temporary, randomKey(), { mode: 0o600, flag: 'wx' });
    try {
      // Only one of several processes makes the key; the others find it in its place.
      linkSync(temporary, file);
    } finally {
      unlinkSync(temporary);
    }
  } catch {
    // In place already, or not writable.
  }
  return keyIn(file);
}

function keyIn(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'latin1').trim();
    return KEY.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function randomKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
}
