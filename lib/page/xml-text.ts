/**
 * Text for XML documents: escaped, and without characters that XML 1.0 forbids.
 */
import { escapeHtml } from './html.js';

/** Text for elements and quoted attributes. */
export function xmlText(text: string): string {
  return escapeHtml(text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' '));
}
