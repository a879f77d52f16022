/**
 * Which question is it? The routing table of server-protocol 1.4, in its order: path check, `server` in the query, HAPI, path.
 *
 * Contract: `handle` never rejects; what a route throws becomes an error answer. Answers that monitoring and plot programs ask for all
 * the time (list, id, logo, static files) are imported here; everything else is loaded by the branch that needs it, since
 * each module costs start-up time (design 3).
 */
import { Das2Error } from '../error.js';
import { emptyReply } from '../reply/build-reply.js';
import { finishDocument } from '../reply/document.js';
import { ALLOWED_METHODS } from '../reply/error-reply.js';
import { corsHeaders } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import { RECOGNISED_KEYS } from '../request/data-keys.js';
import { refuseRepeatedKeys } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';
import { failureReply } from './failure.js';
import { siteId } from './id.js';
import { listSources } from './list.js';
import { logo } from './logo.js';
import { staticFile } from './static.js';

type Route = (context: ServerContext, request: Request) => Reply | Promise<Reply>;

const dsdf: Route = async (context, request) => (await import('./dsdf.js')).describeSource(context, request);
const dataset: Route = async (context, request) => (await import('./dataset.js')).dataset(context, request);
const peers: Route = async (context, request) => (await import('./peers.js')).listPeers(context, request);
const debug: Route = async (context, request) => (await import('./debug.js')).debugPage(context, request);
const image: Route = async (context, request) => (await import('./image.js')).image(context, request);

/** Values of `server`, in lower case (the value, not the key, is compared without case). */
const QUESTIONS: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['list', listSources],
  ['discovery', listSources],
  ['dsdf', dsdf],
  ['dataset', dataset],
  ['compactdataset', dataset],
  ['id', siteId],
  ['logo', logo],
  ['peers', peers],
  ['image', image],
  ['debug', debug],
  ['citation', () => notProvided('citations')],
  ['hash', () => notProvided('digests')],
  ['authenticator', () => notProvided('the key exchange of das1; use HTTP Basic authentication')],
  ['source', () => notProvided('server=source; use server=dsdf')],
]);

/** Paths with a fixed name. */
const PATHS: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['', landing],
  ['/', landing],
  ['/peers', peers],
  ['/peers.xml', peers],
  ['/logo', logo],
  ['/logo.png', logo],
  ['/id', siteId],
  ['/id.txt', siteId],
  ['/debug', debug],
  ['/services', services],
  ['/services.json', services],
  ['/catalog', catalog],
  ['/catalog.json', catalog],
  ['/source', async (context, request) => (await import('./catalog.js')).oneLevel(context, request, '')],
  ['/cite', () => notProvided('citations')],
  ['/verify', () => notProvided('citations')],
]);

/** First segments of paths that go on. */
const PREFIXES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['static', staticFile],
  ['source', async (context, request) => (await import('./source.js')).sourcePath(context, request)],
  ['data', dataPath],
  ['coverage', async (context, request) => (await import('./coverage.js')).coverage(context, request)],
  ['cite', () => notProvided('citations')],
  ['versions', () => notProvided('citations')],
]);

/** Answers one request. */
export async function handle(context: ServerContext, request: Request): Promise<Reply> {
  try {
    return await finishDocument(request, await route(context, request));
  } catch (error) {
    return failureReply(context, request, error);
  }
}

function route(context: ServerContext, request: Request): Reply | Promise<Reply> {
  if (request.method === 'OPTIONS') return emptyReply(request, 204, { headers: corsHeaders(request) });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new Das2Error('methodNotAllowed', `the method is not supported; use one of ${ALLOWED_METHODS}`);
  }
  if (request.fault !== undefined) throw request.fault;
  if (isEvilPath(request.path)) throw notFound();
  const question = request.parameters.get('server');
  if (question !== undefined) return byQuestion(context, request, question);
  const segment = request.path.split('/', 2)[1] ?? '';
  if (segment === 'hapi') return hapi(context, request);
  return byPath(segment, request)(context, request);
}

function byQuestion(context: ServerContext, request: Request, question: string): Reply | Promise<Reply> {
  refuseRepeatedKeys(request.pairs, RECOGNISED_KEYS);
  const name = question.toLowerCase();
  const found = QUESTIONS.get(name);
  if (found === undefined) {
    throw new Das2Error(
      'illegalArgument',
      'unknown value of the parameter server; supported are list, discovery, dsdf, dataset, id, logo, peers',
    );
  }
  context.notes.kind = name;
  context.log.line(`Routing to server=${name}`);
  return found(context, request);
}

function byPath(segment: string, request: Request): Route {
  const found =
    PATHS.get(request.path) ?? (request.path.startsWith(`/${segment}/`) ? PREFIXES.get(segment) : undefined);
  if (found === undefined) throw notFound();
  return (context, received) => {
    context.notes.kind = segment === '' ? 'landing' : segment;
    return found(context, received);
  };
}

/** A segment `..`, a NUL or a backslash: nothing we serve has such a name (1.4, step 1). */
function isEvilPath(path: string): boolean {
  return /(?:^|\/)\.\.(?:\/|$)|[\0\\]/.test(path);
}

async function landing(context: ServerContext, request: Request): Promise<Reply> {
  return (await import('./landing.js')).landingPage(context, request);
}

async function services(context: ServerContext, request: Request): Promise<Reply> {
  return (await import('./services.js')).listServices(context, request);
}

async function catalog(context: ServerContext, request: Request): Promise<Reply> {
  return (await import('./catalog.js')).wholeCatalog(context, request);
}

/** `/data/<id>`; `.citation` behind an id asks for a citation, which no source id can end in. */
function dataPath(context: ServerContext, request: Request): Reply | Promise<Reply> {
  if (request.path.endsWith('.citation')) throw notProvided('citations');
  return dataset(context, request);
}

async function hapi(context: ServerContext, request: Request): Promise<Reply> {
  return (await import('./hapi.js')).hapi(context, request);
}

function notProvided(what: string): never {
  throw new Das2Error('notImplemented', `this server does not provide ${what}`);
}

function notFound(): Das2Error {
  return new Das2Error('notFound', 'there is nothing at this address');
}
