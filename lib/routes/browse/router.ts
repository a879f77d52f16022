/**
 * Which question of the browse program is it? (browse-export 6 to 13)
 *
 *   ''             the form                        /find           records of an interval
 *   /names         the naming table                /when           record number and time, both ways
 *   /series/P/L/S  one series                      /health         how the program is doing
 *   /request       the table of a selection        /export         what people take home
 *   /p/NAME        a form with preset fields         /export/ID      an export that a worker prepares
 *   /file/P/L/S/N  the files of a record             /file/P/L/S/N/NAME   one of them
 *   /file/P/L/S/N/thumbnails/NAME  a small picture of it
 *   /q             keeps a question                  /q/NAME         the records of a question that was kept
 *   /drms/PROGRAM  for clients of a DRMS
 *
 * Contract: never rejects; what a route throws becomes an error answer.
 */
import { browseFacts } from '../../browse/facts/facts.js';
import { Das2Error } from '../../error.js';
import { emptyReply } from '../../reply/build-reply.js';
import { finishDocument } from '../../reply/document.js';
import { corsHeaders } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { logFault } from '../failure.js';
import { browseErrorReply } from './reply.js';

const METHODS = 'GET, HEAD, OPTIONS';

/** Answers one request of the browse program. */
export async function answerBrowse(context: ServerContext, request: Request): Promise<Reply> {
  try {
    return await finishDocument(request, await route(context, request));
  } catch (error) {
    logFault(context.log, request, error);
    return browseErrorReply(request, error, async (message, status) =>
      (await import('./page.js')).browseErrorPage(context.configuration, request, message, status),
    );
  }
}

async function route(context: ServerContext, request: Request): Promise<Reply> {
  if (request.method === 'OPTIONS') return emptyReply(request, 204, { headers: corsHeaders(request) });
  const [, name = '', ...rest] = request.path.replace(/\/$/, '').split('/');
  const isForm = ((name === 'request' || name === 'q') && rest.length === 0) || name === 'export' || name === 'drms';
  if (request.method !== 'GET' && request.method !== 'HEAD' && !(request.method === 'POST' && isForm)) {
    const allow = isForm ? `${METHODS}, POST` : METHODS;
    throw new Das2Error('methodNotAllowed', `the method is not supported; use one of ${allow}`, { data: { allow } });
  }
  if (request.fault !== undefined) throw request.fault;
  context.notes.kind = 'browse';
  const facts = browseFacts(context, request);
  if (name === 'series' && rest.length === 3) {
    return (await import('./series/series.js')).browseSeries(facts, {
      prog: rest[0] ?? '',
      level: rest[1] ?? '',
      series: rest[2] ?? '',
    });
  }
  if (name === 'file' && rest.length >= 4 && rest.length <= 6)
    return (await import('./files/files.js')).browseFiles(facts, rest);
  if (name === 'export' && rest.length > 0) return (await import('./export/job.js')).browseJob(facts, rest);
  if (name === 'p' && rest.length === 1) return (await import('./find/entry.js')).browsePreset(facts, rest[0] ?? '');
  if (name === 'q' && rest.length === 1) return (await import('./find/short.js')).browseShort(facts, rest[0] ?? '');
  if (name === 'drms' && rest.length === 1) return (await import('./drms/drms.js')).browseDrms(facts, rest[0] ?? '');
  if (rest.length > 0) throw nothing();
  switch (name) {
    case '':
      return (await import('./find/entry.js')).browseEntry(facts);
    case 'find':
      return (await import('./find/find.js')).browseFind(facts);
    case 'names':
      return (await import('./names.js')).browseNamesTable(facts);
    case 'when':
      return (await import('./when/when.js')).browseWhen(facts);
    case 'request':
      return (await import('./export/request.js')).browseRequest(facts);
    case 'export':
      return (await import('./export/request.js')).browseExport(facts);
    case 'q':
      return (await import('./find/short.js')).keepShort(facts);
    case 'health':
      return (await import('./health.js')).browseHealth(facts);
    default:
      throw nothing();
  }
}

function nothing(): Das2Error {
  return new Das2Error('notFound', 'there is nothing at this address');
}
