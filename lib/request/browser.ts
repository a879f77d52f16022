/**
 * Is the client a browser? Decides the form of error answers and the media type of text streams (server-protocol 2.2).
 * Only the User-Agent counts: Java programs send an `Accept` header that looks like a browser's.
 */

const BROWSER_TOKENS = ['firefox', 'explorer', 'safari', 'chrome', 'konqueror'];

/** True if the User-Agent is that of a browser; an empty one is a das2 client. */
export function isBrowserAgent(userAgent: string): boolean {
  if (userAgent.startsWith('Mozilla/')) return true;
  const words = userAgent.toLowerCase();
  for (const token of BROWSER_TOKENS) if (words.includes(token)) return true;
  return false;
}
