/**
 * Where clients find exports that a worker prepares (browse-export 9.1, 13): below EXPORT_URL, where the site names one, else below the browse
 * program's own address.
 */
import type { BrowseFacts } from '../facts/facts.js';

/** The whole address of an export, for programs, files and redirects. */
export function exportAddress(facts: BrowseFacts, id: string): string {
  return `${publicAddress(facts) ?? `${facts.places.browse}/export`}/${id}`;
}

/** The same for links of pages: a path, unless the site names an address. */
export function exportLink(facts: BrowseFacts, id: string): string {
  return `${publicAddress(facts) ?? `${facts.paths.browse}/export`}/${id}`;
}

function publicAddress({ context }: BrowseFacts): string | undefined {
  return context.configuration.text('EXPORT_URL')?.replace(/\/+$/, '') || undefined;
}
