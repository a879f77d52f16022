/**
 * Makes the entry of the citation log for a delivery that has ended (citation 5, 6). Loaded with what hashes: an answer that is known already does without
 * (record-delivery.ts).
 */
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { definitionOf } from '../../source/definition/definition-file.js';
import type { Source } from '../../source/source.js';
import { datasetVersion } from '../dataset-version.js';
import type { DeliveryDigests } from '../digest/delivery.js';
import type { EntryState, LogEntry } from '../log/row.js';
import { requestToQuery } from '../request-key.js';
import type { Delivered } from './delivered.js';

/** What an entry says besides what was known of the answer before. */
export interface EntryFacts {
  /** UTC with milliseconds. */
  readonly time: string;
  /** The interval reached the present. */
  readonly open: boolean;
  /** Why the delivery has no digest. */
  readonly fault: { readonly state: EntryState; readonly reason: string } | undefined;
  /** Undefined where there is a fault. */
  readonly digests: DeliveryDigests | undefined;
}

/** The entry of a delivery. */
export async function deliveryEntry(
  delivered: Delivered,
  { time, open, fault, digests }: EntryFacts,
): Promise<LogEntry> {
  const { context, request, question, rk, cited, via, format, bytes } = delivered;
  const content = digests?.content;
  const { state, reason } = fault ?? content ?? { state: 'unhashed' as const };
  const isOk = state === 'ok';
  return {
    time,
    rk,
    state,
    reason,
    d2c1: isOk ? (content?.d2c1 ?? (content?.q1 && `q1:${content.q1}`)) : undefined,
    orderFree: isOk ? content?.orderFree : undefined,
    m: isOk ? content?.m : undefined,
    raw: isOk || state === 'unhashed' ? digests?.raw : undefined,
    format,
    bytes,
    packets: isOk ? content?.packets : undefined,
    firstX: isOk ? content?.firstX : undefined,
    lastX: isOk ? content?.lastX : undefined,
    via,
    dsver: await versionOf(context, request, question.source),
    open,
    request: requestToQuery(cited),
  };
}

/** The version of a source's data; undefined where its definition cannot be read any more. */
export async function versionOf(context: ServerContext, request: Request, source: Source): Promise<string | undefined> {
  try {
    const { sources } = context;
    const version = source.entries.has('readerVersion')
      ? await (await import('./reader-version.js')).readerVersion(context, request, source)
      : undefined;
    const { entries } = definitionOf(sources, sources.get(source.id));
    return datasetVersion({
      entries,
      readerVersion: version,
      reducer: source.reducer.kind === 'command' ? source.reducer.command.text : undefined,
    });
  } catch {
    return undefined;
  }
}
