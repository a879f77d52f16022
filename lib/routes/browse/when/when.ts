/**
 * Record numbers and times, both ways (browse-export 11), as page, JSON and text.
 */
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { JSON_VERSION } from '../../../browse/forms/json.js';
import { type TranslatedRecord, translateRecord } from '../../../browse/forms/translate-record.js';
import { isDas2Error } from '../../../error.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { browseReply, formOf } from '../reply.js';

/** Translates. In HTML a small page with a form, also without a question. */
export async function browseWhen(facts: BrowseFacts): Promise<Reply> {
  const { request, context } = facts;
  const form = formOf(request, ['html', 'json', 'text']);
  if (form === 'html') {
    const { whenPage } = await import('./when-page.js');
    const made = translateOrFault(facts);
    const status = made.fault === undefined ? 200 : 400;
    return browseReply(request, htmlReply(request, whenPage(context.configuration, facts, made), { status }));
  }
  const found = translated(facts);
  if (form === 'json') return browseReply(request, jsonReply(request, { version: JSON_VERSION, ...found }));
  const { rec, label, start, stop } = found;
  return browseReply(
    request,
    textReply(request, `${rec}\t${label}\t${start.utc}\t${stop.utc}\t${start.tai}\t${stop.tai}\n`),
  );
}

function translateOrFault(facts: BrowseFacts): {
  readonly found: TranslatedRecord | undefined;
  readonly fault: { readonly field: string; readonly message: string } | undefined;
} {
  const { parameters } = facts.request;
  if (!parameters.has('t') && !parameters.has('rec')) return { found: undefined, fault: undefined };
  try {
    return { found: translated(facts), fault: undefined };
  } catch (error) {
    if (!isDas2Error(error, 'illegalArgument')) throw error;
    return { found: undefined, fault: { field: String(error.data.field ?? ''), message: error.message } };
  }
}

function translated({ request, context, table }: BrowseFacts): TranslatedRecord {
  return translateRecord(request.parameters, context.configuration.text('BROWSE_DEFAULT_EPOCH') ?? '', table);
}
