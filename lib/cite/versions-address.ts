/**
 * Where the history of a source is: apart from what makes it, since many answers name it.
 */
import { encodeQueryValue } from '../request/query-string.js';

/** The address of the declared and observed changes of a source. */
export function versionsAddress(baseUrl: string, dataset: string): string {
  return `${baseUrl}/versions/${encodeQueryValue(dataset)}`;
}
