/**
 * A whole citation that was posted to `/verify`, in any form: which data it names, and which digest (citation 12.2).
 *
 * Contract: text is looked through for what we have written ourselves, an id, a key or an address of data, and for a digest; no grammar is needed, and
 * nothing is fetched. One citation at a time.
 */

import { readCitationId } from '../../cite/citation/id.js';
import { type IssuedId, KeptCitations } from '../../cite/citation/kept.js';
import { citedDigests } from '../../cite/forms/cited-digests.js';
import { dataAddress } from '../../cite/question/question.js';
import { requestFromQuery } from '../../cite/request-key.js';
import { Das2Error } from '../../error.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';

const LONGEST = 256 * 1024;
const ID = /(?<![0-9a-z])[0-9a-z]{16}-[0-9a-z*~$=]/gi;
/** What ends an address in text, BibTeX and JSON. */
const ADDRESS_END = /[\s"'<>{}\\]/;

/** The question about the data and the digest of the citation in the body. Errors: `illegalArgument`. */
export async function postedCitation({ configuration }: ServerContext, request: Request): Promise<Request> {
  if (request.readBody === undefined) throw refused('post a citation as the body of the request');
  const text = new TextDecoder().decode(await request.readBody(LONGEST));
  const issued = issuedIn(text, configuration.path('CITE_ROOT'));
  const { contents } = citedDigests(text);
  if (issued.length > 1 || contents.length > 1) throw refused('there is more than one citation: post one at a time');
  const hash = contents[0] ?? issued[0]?.digest;
  if (hash === undefined) throw refused('there is no content digest in it, such as sha256-d2c1:0123…');
  const data = issued[0] === undefined ? ownAddress(text, request.baseUrl) : issuedAddress(issued[0], request.baseUrl);
  if (data === undefined) throw refused('there is no address of this server in it, and no id that was given out here');
  return { ...request, method: 'GET', parameters: new Map([...request.parameters, data, ['hash', hash]]) };
}

type Named = readonly ['url' | 'rk', string];

/** What stands behind the ids in a text that were given out here, each once. */
function issuedIn(text: string, root: string | undefined): IssuedId[] {
  if (root === undefined) return [];
  const store = new KeptCitations(root);
  const ids = new Set([...text.matchAll(ID)].flatMap(([word]) => readCitationId(word) ?? []));
  return [...ids].flatMap((id) => store.issued(id) ?? []);
}

function issuedAddress({ request }: IssuedId, baseUrl: string): Named | undefined {
  const asked = requestFromQuery(request);
  return asked && ['url', dataAddress(baseUrl, asked)];
}

/** The first address of a text that is one of ours: that of data, or of a citation by its key. */
function ownAddress(text: string, baseUrl: string): Named | undefined {
  const at = text.indexOf(baseUrl);
  if (at < 0) return undefined;
  const end = text.slice(at).search(ADDRESS_END);
  const address = (end < 0 ? text.slice(at) : text.slice(at, at + end)).replace(/[.,;)]+$/, '');
  const rk = /^\/cite\?rk=([0-9a-f]{64})$/.exec(address.slice(baseUrl.length))?.[1];
  return rk === undefined ? ['url', address] : ['rk', rk];
}

function refused(why: string): Das2Error {
  return new Das2Error('illegalArgument', why);
}
