/**
 * What stands behind the id of a citation: request, digest, what was kept of it, whether it was withdrawn (citation 6.4, 7).
 */
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error, isDas2Error } from '../../error.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Citation } from '../citation/citation.js';
import { type IssuedId, KeptCitations } from '../citation/kept.js';
import { requestFromQuery } from '../request-key.js';
import { type CitedQuestion, questionOf } from './question.js';

/** An id that was given out here. */
export interface FoundId {
  readonly issued: IssuedId;
  readonly kept: Citation | undefined;
}

/** What an id stands for. Error: `notFound`. */
export async function findId({ configuration }: ServerContext, id: string): Promise<FoundId> {
  const root = configuration.path('CITE_ROOT');
  const store = root === undefined ? undefined : new KeptCitations(root);
  const issued = store?.issued(id) ?? (await elsewhere(configuration, id));
  if (issued === undefined) throw new Das2Error('notFound', 'no citation with this id was made here');
  return { issued, kept: store?.record(id) as Citation | undefined };
}

/** Ids of data that other machines of the site have delivered. */
async function elsewhere(configuration: Configuration, id: string): Promise<IssuedId | undefined> {
  if (configuration.text('CITE_STORE') !== 'redis') return undefined;
  return (await import('../central/central.js')).issuedElsewhere(configuration, id);
}

/** The question behind an id; undefined if its source has gone. Throws for who may not have the data. */
export async function questionOfId(
  context: ServerContext,
  request: Request,
  issued: IssuedId,
): Promise<CitedQuestion | undefined> {
  const asked = requestFromQuery(issued.request);
  if (asked === undefined) return undefined;
  try {
    return await questionOf(context, request, asked);
  } catch (error) {
    const isGone = ['noSuchSource', 'notFound', 'sourceDefinition', 'illegalArgument'] as const;
    if (isGone.some((code) => isDas2Error(error, code))) return undefined;
    throw error;
  }
}

/** The notice that stands in the place of a citation that was withdrawn. */
export function withdrawal({ configuration }: ServerContext, id: string): object | undefined {
  const root = configuration.path('CITE_ROOT');
  const found =
    root === undefined ? undefined : new KeptCitations(root).events(id).findLast(({ event }) => event === 'withdrawn');
  if (found === undefined) return undefined;
  return {
    error: { type: 'Withdrawn', message: 'this citation was withdrawn' },
    reason: found.reason,
    time: found.time,
  };
}
