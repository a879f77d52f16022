/** `/hapi/capabilities` and `/hapi/about`: what this server can do, and whose it is (server-internals 6.2). */
import { statSync } from 'node:fs';
import type { Configuration } from '../../conf/configuration.js';
import { HAPI_FORMATS, hapiVersion, isSince } from '../../hapi/offer.js';
import { jsonReply } from '../../reply/build-reply.js';
import { hapiStatus } from '../../reply/hapi-status.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';

/** Answers the formats, and how deep catalogs go. */
export function capabilities({ configuration }: ServerContext, request: Request): Reply {
  return siteDocument(configuration, request, {
    outputFormats: HAPI_FORMATS,
    ...(isSince(configuration, '3.2') ? { catalogDepthOptions: ['dataset', 'all'] } : {}),
  });
}

/** Answers name and contact of the site. */
export function about({ configuration }: ServerContext, request: Request): Reply {
  const host = new URL(request.baseUrl).hostname;
  const title = configuration.text('SITE_NAME') ?? configuration.text('SERVER_ID') ?? host;
  const contact = plainText(configuration.text('CONTACT_EMAIL') ?? '') || configuration.text('CONTACT_URL');
  return siteDocument(configuration, request, {
    id: configuration.text('SERVER_ID') ?? configuration.text('SITE_ID') ?? host,
    title,
    contact: contact ?? request.baseUrl,
    description: `das2 server: ${title}. The same data as streams and pages: ${request.baseUrl}`,
    ...(isSince(configuration, '3.3') ? { serverCitation: `${title}, das2 server at ${request.baseUrl}` } : {}),
  });
}

/** Changes with the configuration only. */
function siteDocument(configuration: Configuration, request: Request, facts: object): Reply {
  const document = { HAPI: hapiVersion(configuration), status: hapiStatus(1200), ...facts };
  const changed = statSync(configuration.file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return jsonReply(request, document, { headers: [lastModified(changed)] });
}

/** The header for something made at `time` (milliseconds since 1970). */
export function lastModified(time: number): readonly [string, string] {
  return ['Last-Modified', new Date(Math.min(time, Date.now())).toUTCString()];
}

/** Addresses may be written in character references, to keep them from collectors; a JSON document has no use for them. */
function plainText(text: string): string {
  return text.replace(/&#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}));/g, (reference, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : reference;
  });
}
