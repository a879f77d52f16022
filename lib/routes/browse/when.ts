/**
 * Record numbers and times, both ways (browse-export 11): `t=TIME` to the record that holds it, `rec=N` to the time of a record.
 */
import { BLOCKS, blockNamed } from '../../browse/block.js';
import { blockFault, type Epoch, epochText, makeEpoch, parseEpoch } from '../../browse/epoch.js';
import { fieldError, shown } from '../../browse/field-error.js';
import { parseInterval, SCALE_CHOICES } from '../../browse/interval.js';
import { bothScales, JSON_VERSION } from '../../browse/json-form.js';
import { type RecordGrid, recordAt, recordStart } from '../../browse/record-number.js';
import { instantOf } from '../../browse/scales.js';
import { recordLabel } from '../../browse/time-label.js';
import { isDas2Error } from '../../error.js';
import { htmlReply, jsonReply, textReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { BrowseFacts } from './context.js';
import { browseReply, formOf } from './reply.js';

/** One record, found by its number or by a time. */
export interface TranslatedRecord {
  readonly rec: number;
  readonly label: string;
  readonly block: string;
  readonly epoch: string;
  readonly start: ReturnType<typeof bothScales>;
  readonly stop: ReturnType<typeof bothScales>;
}

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
  const found = translate(facts);
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
    return { found: translate(facts), fault: undefined };
  } catch (error) {
    if (!isDas2Error(error, 'illegalArgument')) throw error;
    return { found: undefined, fault: { field: String(error.data.field ?? ''), message: error.message } };
  }
}

/** The record that the parameters name. Throws `illegalArgument` that names the field. */
function translate({ request, context, table }: BrowseFacts): TranslatedRecord {
  const { parameters } = request;
  const grid = gridOf(request, context.configuration.text('BROWSE_DEFAULT_EPOCH') ?? '');
  const [time, number] = [parameters.get('t'), parameters.get('rec')];
  if ((time === undefined) === (number === undefined)) {
    throw fieldError(time === undefined ? 't' : 'rec', 'give either a time (t) or a record number (rec)');
  }
  const rec = number === undefined ? recordOf(time ?? '', grid, request, table) : numberOf(number);
  return {
    rec,
    label: recordLabel(rec, grid),
    block: grid.block,
    epoch: epochText(grid.epoch),
    start: bothScales(recordStart(rec, grid, table), table),
    stop: bothScales(recordStart(rec + 1, grid, table), table),
  };
}

function recordOf(time: string, grid: RecordGrid, request: Request, table: BrowseFacts['table']): number {
  const word = request.parameters.get('scale') ?? 'UTC';
  const scale = SCALE_CHOICES.find((name) => name.toLowerCase() === word.toLowerCase());
  if (scale === undefined) throw fieldError('scale', `must be one of ${SCALE_CHOICES.join(', ')}`);
  try {
    const { start } = parseInterval({ start: time, stop: '', scale, grid }, table);
    return recordAt(
      instantOf(start.civil, start.scale === 'series' ? grid.epoch.scale : start.scale, table),
      grid,
      table,
    );
  } catch (error) {
    if (isDas2Error(error, 'illegalArgument')) throw fieldError('t', error.message.replace(/^start: /, ''));
    throw error;
  }
}

function numberOf(text: string): number {
  if (/^#?-?\d{1,10}$/.test(text)) return Number(text.replace('#', ''));
  throw fieldError('rec', `'${shown(text)}' is not a record number`);
}

function gridOf({ parameters }: Request, otherwise: string): RecordGrid {
  const word = parameters.get('block') ?? '1hr';
  const block = blockNamed(word);
  if (block === undefined) throw fieldError('block', `'${shown(word)}' is none of ${BLOCKS.join(', ')}`);
  const text = parameters.get('epoch')?.trim();
  let epoch: Epoch;
  try {
    epoch =
      text === undefined ? parseEpoch(otherwise) : text.includes(' ') ? parseEpoch(text) : makeEpoch('time', text);
  } catch (error) {
    if (isDas2Error(error)) throw fieldError('epoch', error.message.replace(/^epoch: /, ''));
    throw error;
  }
  const fault = blockFault(block, epoch);
  if (fault !== undefined) throw fieldError('block', fault);
  return { block, epoch };
}
