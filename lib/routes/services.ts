/**
 * `/services`: what this server can do, as JSON (server-protocol 6.1). Only what is switched on is listed.
 */
import { hapiVersion, offersHapi } from '../hapi/offer.js';
import { jsonReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';

interface Service {
  readonly version: string;
  readonly _purpose: string;
  readonly _reference?: string;
}

/** Answers the services by name. */
export function listServices(context: ServerContext, request: Request): Reply {
  const { configuration } = context;
  const services: Record<string, Service> = {
    id: { version: '1.0', _purpose: 'name of the site', _reference: `${request.baseUrl}/id` },
    logo: { version: '1.0', _purpose: 'logo of the site', _reference: `${request.baseUrl}/logo` },
    peers: { version: '1.0', _purpose: 'other das2 servers', _reference: `${request.baseUrl}/peers` },
    list: { version: '1.0', _purpose: 'all data sources as text', _reference: `${request.baseUrl}?server=list` },
    dsdf: {
      version: '1.0',
      _purpose: 'description of a data source as a stream header',
      _reference: `${request.baseUrl}?server=dsdf&dataset=ID`,
    },
    dataset: {
      version: '1.0',
      _purpose: 'data of a source as a stream',
      _reference: `${request.baseUrl}?server=dataset&dataset=ID&start_time=BEGIN&end_time=END`,
    },
    ...(configuration.text('PNG_MAKER') !== undefined && {
      image: {
        version: '1.0',
        _purpose: 'plots made by the server',
        _reference: `${request.baseUrl}?server=image&dataset=ID&start_time=BEGIN&end_time=END`,
      },
    }),
    services: { version: '0.9', _purpose: 'this document', _reference: `${request.baseUrl}/services.json` },
    catalog: {
      version: 'experimental',
      _purpose: 'the whole catalog as one document',
      _reference: `${request.baseUrl}/catalog.json`,
    },
    directory: {
      version: 'experimental',
      _purpose: 'one level of the catalog',
      _reference: `${request.baseUrl}/source/index.json`,
    },
    source: {
      version: 'experimental',
      _purpose: 'definition of a data source',
      _reference: `${request.baseUrl}/source/ID.json`,
    },
    data: {
      version: 'experimental',
      _purpose: 'data of a source by its path',
      _reference: `${request.baseUrl}/data/ID?start_time=BEGIN&end_time=END`,
    },
    ...(offersHapi(configuration) && {
      HAPI: {
        version: hapiVersion(configuration),
        _purpose: 'data as tables',
        _reference: `${request.baseUrl}/hapi`,
      },
    }),
  };
  return jsonReply(request, services);
}
