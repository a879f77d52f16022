/**
 * `/hapi/…`: the same data as tables, by the rules of HAPI (server-internals 6, server-protocol 7).
 *
 *   /hapi   page     /hapi/capabilities  /hapi/about  /hapi/catalog  /hapi/info   JSON     /hapi/data   CSV, JSON or binary
 *
 * Contract: every error below this path is a HAPI document, whatever the client is. Each endpoint is loaded by itself.
 */
import { Das2Error } from '../../error.js';
import { hapiError } from '../../hapi/error.js';
import { isSince, offersHapi } from '../../hapi/offer.js';
import { type HapiEndpoint, readHapiQuery } from '../../hapi/query.js';
import { redirectReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';

const ENDPOINTS = ['capabilities', 'about', 'catalog', 'info', 'data'] as const satisfies readonly HapiEndpoint[];

/** Answers what stands below `/hapi`. Switched off, it is an address like any other that does not exist. */
export async function hapi(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, notes } = context;
  notes.kind = 'hapi';
  if (!offersHapi(configuration)) throw new Das2Error('notFound', 'HAPI is not switched on at this server');
  const name = request.path.slice('/hapi'.length).replace(/^\//, '');
  if (name === '') return (await import('./landing.js')).hapiLanding(context, request);
  const endpoint = ENDPOINTS.find((known) => name === known || name === `${known}/`);
  if (endpoint === undefined || (endpoint === 'about' && !isSince(configuration, '3.0'))) {
    const known = ENDPOINTS.filter((item) => item !== 'about' || isSince(configuration, '3.0')).join(', ');
    throw hapiError(1400, `there is no such endpoint; this server has ${known}`);
  }
  if (name.endsWith('/')) {
    const { sameQuery } = await import('../../server/redirect.js');
    return redirectReply(request, `${request.baseUrl}/hapi/${endpoint}${sameQuery(request)}`);
  }
  notes.kind = `hapi/${endpoint}`;
  const query = readHapiQuery(request, endpoint, configuration);
  switch (endpoint) {
    case 'capabilities':
      return (await import('./about.js')).capabilities(context, request);
    case 'about':
      return (await import('./about.js')).about(context, request);
    case 'catalog':
      return (await import('./catalog.js')).listDatasets(context, request, query);
    case 'info':
      return (await import('./info.js')).describeDataset(context, request, query);
    case 'data':
      return (await import('./data.js')).sendTable(context, request, query);
  }
}
