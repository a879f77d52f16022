/**
 * Basic credentials from an `Authorization` header (server-internals 4.3). Scheme in any case, strict base64, 1 KiB at most;
 * UTF-8, else ISO-8859-1; the user is what stands before the first colon. Anything else counts as no credentials.
 */

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const LONGEST = 1024;

/** True if somebody tries to log in, be it without a name or in a form that cannot be read. */
export function isLogIn(header: string | undefined): boolean {
  return header !== undefined && /^Basic +[^ ]/i.test(header);
}

/** The credentials, or undefined if there are none that can be used. */
export function parseCredentials(header: string | undefined): Credentials | undefined {
  if (header === undefined || header.length > LONGEST) return undefined;
  const match = /^Basic +((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?) *$/i.exec(header);
  const base64 = match?.[1];
  if (!base64) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const utf8 = bytes.toString('utf8');
  const text = Buffer.from(utf8).equals(bytes) ? utf8 : bytes.toString('latin1');
  const colon = text.indexOf(':');
  const user = text.slice(0, colon);
  if (colon < 1 || /[\u0000-\u001f\u007f-\u009f]/.test(user)) return undefined;
  return { user, password: text.slice(colon + 1) };
}
