/**
 * The way back to the form: a download that the page of a source has asked for (`on_fault=page`) and that its fields do not allow leads to
 * the page again, which marks the field. No other client sends that parameter.
 */
import { pathDataset } from '../../data/path-dataset.js';
import { redirectReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue, splitQuery } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { sameQuery } from '../../server/redirect.js';
import { formState } from './form.js';
import { describedSource } from './source.js';

/** The redirect to the form; undefined if the form would not know what is wrong. Never throws. */
export function returnToForm(context: ServerContext, request: Request): Reply | undefined {
  try {
    const source = describedSource(context, request, pathDataset(request) ?? '');
    if (formState(request, source).problem === undefined) return undefined;
    const query = splitQuery(request.query).filter((piece) => !piece.startsWith('on_fault='));
    const page = `${request.baseUrl}/source/${encodeQueryValue(source.id)}.html`;
    // See Other: what was asked for is elsewhere only this time.
    return { ...redirectReply(request, page + sameQuery({ query: query.join('&') })), status: 303 };
  } catch {
    return undefined;
  }
}
