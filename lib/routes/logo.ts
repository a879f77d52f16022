/** `server=logo`: the file `logo.*` directly in `RESOURCE_PATH` (server-protocol 3.5). */
import { readdirSync } from 'node:fs';
import { configurationError } from '../conf/configuration-error.js';
import { TEXT_TYPE, textReply } from '../reply/build-reply.js';
import { fileReply } from '../reply/file-reply.js';
import { mediaTypeOf } from '../reply/media-type.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { resourceFile } from './static.js';

/** Java clients read these; others follow in order of their names. */
const PREFERRED = ['logo.png', 'logo.jpg', 'logo.jpeg', 'logo.gif'];

/** Answers the logo; without one a 404 that is plain text for every client. */
export function logo(context: ServerContext, request: Request): Reply {
  const root = context.configuration.path('RESOURCE_PATH');
  const name = root === undefined ? undefined : logoName(root);
  const warn = (line: string): void => context.log.line(line);
  const file = root === undefined || name === undefined ? undefined : resourceFile(root, [name], warn);
  if (file === undefined || name === undefined) return noLogo(request);
  const type = mediaTypeOf(name);
  if (type === undefined) throw configurationError(`RESOURCE_PATH: ${name} has an extension of no known image type`);
  return fileReply(request, file, { contentType: type.contentType, cacheable: false }) ?? noLogo(request);
}

function logoName(root: string): string | undefined {
  let names: string[];
  try {
    names = readdirSync(root).filter((name) => /^logo\.[A-Za-z0-9]+$/.test(name));
  } catch {
    return undefined;
  }
  return PREFERRED.find((name) => names.includes(name)) ?? names.sort()[0];
}

function noLogo(request: Request): Reply {
  return textReply(request, 'this site has no logo\n', { status: 404, contentType: TEXT_TYPE });
}
