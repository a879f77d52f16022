/**
 * Sends a kept citation, or its signature, as it lies there (citation 6.4, 14.2).
 */
import { shortName } from '../../cite/citation/citation.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { Das2Error } from '../../error.js';
import { JSON_TYPE, TEXT_TYPE, textReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import { disposition } from '../../reply/media-type.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';

/** What of a kept citation is sent as it lies there, by the ending of its path. */
export const KEPT_ENDINGS = ['kept.json', 'sig'] as const;
export type KeptEnding = (typeof KEPT_ENDINGS)[number];

/** The very bytes of a kept record, or its signature. Error: `notFound`. Rights are looked at before. */
export function keptFile(
  { configuration }: ServerContext,
  request: Request,
  { id, ending, headers }: { readonly id: string; readonly ending: KeptEnding; readonly headers: readonly Header[] },
): Reply {
  const store = new KeptCitations(configuration.path('CITE_ROOT') ?? '');
  const text = ending === 'sig' ? store.signature(id) : store.recordText(id);
  if (text === undefined)
    throw new Das2Error('notFound', ending === 'sig' ? 'this citation is not signed' : 'this citation is not kept');
  const name: Header = ['Content-Disposition', disposition('inline', `${shortName({ id, rk: '' })}.${ending}`)];
  return textReply(request, text, {
    headers: [...headers, name],
    contentType: ending === 'sig' ? TEXT_TYPE : JSON_TYPE,
  });
}
