/**
 * das2_srv_cite export ID … and find ADDRESS: kept citations as records for a registry, and the key of the data at an address (citation 14.3).
 */
import type { Citation } from '../../cite/citation/citation.js';
import { readCitationId } from '../../cite/citation/id.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { dataciteXml } from '../../cite/forms/datacite-xml.js';
import { byAddress } from '../../cite/question/question.js';
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';
import { ownContext, ownRequest } from '../own-request.js';
import { usage } from '../wrong-usage.js';
import type { CitationPlace } from './kept.js';

/** Prints a document of DataCite for each id, one behind the other; answers the exit status: 1 if one of them is not kept. Error: `usage`. */
export function exportRecords({ root, print }: CitationPlace, words: readonly string[]): number {
  const kept = new KeptCitations(root);
  let status = 0;
  for (const word of words) {
    const id = readCitationId(word);
    if (id === undefined) throw usage(`'${word.slice(0, 40)}' is no id of a citation`);
    const citation = kept.record(id) as Citation | undefined;
    const isWithdrawn = kept.events(id).some(({ event }) => event === 'withdrawn');
    if (citation !== undefined && !isWithdrawn) print(dataciteXml(citation));
    else {
      writeFully(2, Buffer.from(`${id} is ${isWithdrawn ? 'withdrawn' : 'not kept here'}\n`));
      status = 1;
    }
  }
  return status;
}

/** The key of the data at an address of this server, as SERVER_URL has it. Errors: those of a request for them. */
export async function keyOfAddress(configuration: Configuration, address: string): Promise<string> {
  if (!configuration.has('SERVER_URL'))
    throw new Das2Error('configuration', 'addresses of data are known by SERVER_URL, which is not set');
  const context = ownContext(configuration, () => {});
  return (await byAddress(context, ownRequest(configuration), address, { isTrusted: true })).rk;
}
