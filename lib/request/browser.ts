/**
 * Is the client a browser? Decides the form of error answers and the media type of text streams (server-protocol 2.2).
 * Only the User-Agent counts: Java programs send an `Accept` header that looks like a browser's.
 */

const BROWSER_TOKEN = /firefox|explorer|safari|chrome|konqueror/i;

/** True if the User-Agent is that of a browser; an empty one is a das2 client. */
export function isBrowserAgent(userAgent: string): boolean {
  return userAgent.startsWith('Mozilla/') || BROWSER_TOKEN.test(userAgent);
}
