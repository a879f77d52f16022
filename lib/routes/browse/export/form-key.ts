/**
 * The key of a request form (browse-export 9.1, 13): it makes a form that is sent twice one export, and shows that the form is one of this server.
 *
 *   NONCE-TIME-SIGNATURE    16 hexadecimal digits; seconds since 1970, to the base of 36; a digest over both under a key in STATE_ROOT
 *
 * Contract: programs may leave it out. A key that is given must be one of ours, not older than a day; of a browser that does not say where a form comes from
 * it is asked for. Where the key of the instance cannot be kept there are none, and none is asked for.
 */
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { Das2Error } from '../../../error.js';
import { secretKey } from '../../secret-key.js';

const KEY_FILE = 'form-key';
const FORM = /^([0-9a-f]{16})-([0-9a-z]{1,8})-([\w-]{43})$/;
const LONGEST_SECONDS = 86_400;

/** A new key for a form; undefined if none can be made. */
export async function newFormKey(facts: BrowseFacts): Promise<string | undefined> {
  const secret = secretOf(facts);
  if (secret === undefined) return undefined;
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex');
  const signed = `${nonce}-${secondsOf(facts).toString(36)}`;
  return `${signed}-${await signatureOf(signed, secret)}`;
}

/**
 * What tells a form from others, from the key that came with it; undefined without one. Throws `forbidden` for a key that is not ours, and
 * for a form without one that somebody else may have made a browser send.
 */
export async function nonceOf(facts: BrowseFacts, key: string | undefined): Promise<string | undefined> {
  const secret = secretOf(facts);
  if (key === undefined) {
    if (secret !== undefined && isSilentBrowser(facts)) throw notOurs();
    return undefined;
  }
  const [, nonce = '', time = '', signature = ''] = FORM.exec(key) ?? [];
  if (secret === undefined || nonce === '') throw notOurs();
  const { timingSafeEqual } = await import('node:crypto');
  const expected = Buffer.from(await signatureOf(`${nonce}-${time}`, secret));
  const age = secondsOf(facts) - Number.parseInt(time, 36);
  if (!timingSafeEqual(expected, Buffer.from(signature)) || age > LONGEST_SECONDS) throw notOurs();
  return nonce;
}

/** A browser that tells neither whence the form comes nor which kind of request it is: an old one. */
function isSilentBrowser({ request }: BrowseFacts): boolean {
  return request.isBrowser && !request.headers.has('origin') && !request.headers.has('sec-fetch-site');
}

function notOurs(): Das2Error {
  return new Das2Error('forbidden', 'the form is not from this server or is too old: load the page again', {
    data: { field: 'key' },
  });
}

function secretOf({ context }: BrowseFacts): string | undefined {
  return secretKey(context.configuration.path('STATE_ROOT'), KEY_FILE);
}

function secondsOf({ now }: BrowseFacts): number {
  return Math.floor(now / 1000);
}

async function signatureOf(text: string, secret: string): Promise<string> {
  const { createHmac } = await import('node:crypto');
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest('base64url');
}
