/**
 * Which question is it? The routing table of server-protocol 1.4, in its order: path check, `server` in the query, HAPI, path.
 *
 * Contract: `handle` never rejects; what a route throws becomes an error answer. A route is loaded by the branch that needs it, since
 * each module costs start-up time (design 3); the list and the name of the site, which are asked for all the time, are small
 * enough to be here.
 */
import { Das2Error } from '../error.js';
import { emptyReply } from '../reply/build-reply.js';
import { finishDocument } from '../reply/document.js';
import { ALLOWED_METHODS, corsHeaders } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import { isRecognisedKey } from '../request/data-keys.js';
import { refuseRepeatedKeys } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { siteId } from './id.js';
import { listSources } from './list.js';

/** Answers one request. */
export async function handle(context: ServerContext, request: Request): Promise<Reply> {
  try {
    return await finishDocument(request, await route(context, request));
  } catch (error) {
    return (await import('./failure.js')).failureReply(context, request, error);
  }
}

function route(context: ServerContext, request: Request): Reply | Promise<Reply> {
  if (request.method === 'OPTIONS') return emptyReply(request, 204, { headers: corsHeaders(request) });
  const { method, path } = request;
  const isKeeping = path.startsWith('/cite/') && request.parameters.get('keep') === '1';
  const mayPost = method === 'POST' && (isKeeping || path === '/verify');
  if (method !== 'GET' && method !== 'HEAD' && !mayPost) {
    throw new Das2Error('methodNotAllowed', `the method is not supported; use one of ${ALLOWED_METHODS}`);
  }
  if (request.fault !== undefined) throw request.fault;
  if (isEvilPath(request.path)) throw notFound();
  const question = request.parameters.get('server');
  if (question === undefined) return byPath(context, request);
  refuseRepeatedKeys(request.pairs, isRecognisedKey);
  return byQuestion(context, request, question.toLowerCase());
}

/** `server=name` (server-protocol 3). The value, not the key, is compared without case; it comes in lower case. */
async function byQuestion(context: ServerContext, request: Request, name: string): Promise<Reply> {
  context.notes.kind = name;
  context.log.line(`Routing to server=${name}`);
  switch (name) {
    case 'list':
    case 'discovery':
      return listSources(context, request);
    case 'id':
      return siteId(context, request);
    case 'dsdf':
      return (await import('./dsdf.js')).describeSource(context, request);
    case 'dataset':
    case 'compactdataset':
      return (await import('./data/dataset.js')).dataset(context, request);
    case 'peers':
      return (await import('./peers.js')).listPeers(context, request);
    case 'logo':
      return (await import('./logo.js')).logo(context, request);
    case 'image':
      return (await import('./image/image.js')).image(context, request);
    case 'debug':
      return (await import('./debug.js')).debugPage(context, request);
    case 'citation':
      return citationOf(context, request);
    case 'hash':
      requireCitations(context);
      return (await import('./cite/hash.js')).knownDigests(context, request);
    case 'authenticator':
      throw notProvided('the key exchange of das1; use HTTP Basic authentication');
    case 'source':
      throw notProvided('server=source; use server=dsdf');
    default:
      // Text of the client is no kind of request.
      delete context.notes.kind;
      throw new Das2Error(
        'illegalArgument',
        `unknown value of the parameter server; supported are ${supportedQuestions(context).join(', ')}`,
      );
  }
}

/** A path with a fixed name, or one that goes on behind its first segment. */
async function byPath(context: ServerContext, request: Request): Promise<Reply> {
  const { path } = request;
  const segment = path.split('/', 2)[1] ?? '';
  const isHapi = segment === 'hapi';
  const place = path.startsWith(`/${segment}/`) && !isHapi ? `/${segment}/` : path;
  context.log.line(`Routing to ${place || '/'}`);
  if (isHapi) return (await import('./hapi/hapi.js')).hapi(context, request);
  context.notes.kind = segment === '' ? 'landing' : segment;
  switch (place) {
    case '':
    case '/':
      return (await import('./landing.js')).landingPage(context, request);
    case '/static/':
      return (await import('./static.js')).staticFile(context, request);
    case '/source':
      return (await import('./catalog.js')).oneLevel(context, request, '');
    case '/source/':
      if (path.endsWith('.citation')) return citationOf(context, request);
      return (await import('./source/source.js')).sourcePath(context, request);
    case '/data/':
      if (path.endsWith('.citation')) return citationOf(context, request);
      return (await import('./data/dataset.js')).dataset(context, request);
    case '/coverage/':
      return (await import('./coverage/coverage.js')).coverage(context, request);
    case '/services':
    case '/services.json':
      return (await import('./services.js')).listServices(context, request);
    case '/catalog':
    case '/catalog.json':
      return (await import('./catalog.js')).wholeCatalog(context, request);
    case '/peers':
    case '/peers.xml':
      return (await import('./peers.js')).listPeers(context, request);
    case '/logo':
    case '/logo.png':
      return (await import('./logo.js')).logo(context, request);
    case '/id':
    case '/id.txt':
      return siteId(context, request);
    case '/debug':
      return (await import('./debug.js')).debugPage(context, request);
    case '/cite':
      requireCitations(context);
      return (await import('./cite/cite.js')).cite(context, request);
    case '/cite/':
      // An id that was once given out is answered as long as it is known.
      return (await import('./cite/cite.js')).cite(context, request);
    case '/verify':
      requireCitations(context);
      return (await import('./cite/verify.js')).verify(context, request);
    case '/versions/':
      requireCitations(context);
      return (await import('./cite/versions.js')).versions(context, request);
    default:
      delete context.notes.kind;
      throw notFound();
  }
}

/** The values of `server` for clients, as far as they are switched on. */
function supportedQuestions({ configuration }: ServerContext): string[] {
  const names = ['list', 'discovery', 'dsdf', 'dataset', 'id', 'logo', 'peers'];
  if (configuration.text('PNG_MAKER') !== undefined) names.push('image');
  if (configuration.flag('CITE_ENABLE')) names.push('citation', 'hash');
  return names;
}

async function citationOf(context: ServerContext, request: Request): Promise<Reply> {
  requireCitations(context);
  return (await import('./cite/cite.js')).citeRequest(context, request);
}

/** Server-protocol 3: 501 while `CITE_ENABLE` is off. */
function requireCitations({ configuration }: ServerContext): void {
  if (!configuration.flag('CITE_ENABLE')) throw notProvided('citations; CITE_ENABLE is off');
}

/** A segment `..`, a NUL or a backslash: nothing we serve has such a name (1.4, step 1). */
function isEvilPath(path: string): boolean {
  if (path.includes('\0') || path.includes('\\')) return true;
  return path.includes('..') && path.split('/').includes('..');
}

function notProvided(what: string): Das2Error {
  return new Das2Error('notImplemented', `this server does not provide ${what}`);
}

function notFound(): Das2Error {
  return new Das2Error('notFound', 'there is nothing at this address');
}
