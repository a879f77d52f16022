/**
 * The naming table for programs: caret lines, or triads with words (browse-export 4.2, 11).
 */

import { type BrowseFacts, browseNames } from '../../browse/facts/facts.js';
import { fieldError } from '../../browse/faults.js';
import { csvLine } from '../../browse/forms/csv.js';
import { JSON_VERSION, seriesJson } from '../../browse/forms/json.js';
import { namingText } from '../../browse/naming/lines.js';
import type { Series } from '../../browse/naming/series.js';
import { BLOCKS, type Block, blockNamed } from '../../browse/record/block.js';
import { epochText } from '../../browse/record/epoch.js';
import { isKey } from '../../browse/record/item-name.js';
import { compareCodePoints } from '../../code-points.js';
import { jsonReply, textReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import { browseReply, CSV_TYPE, formOf } from './reply.js';

/** The table, or the part that prog, level and block name. */
export async function browseNamesTable(facts: BrowseFacts): Promise<Reply> {
  const { request } = facts;
  const form = formOf(request, ['text', 'json', 'csv']);
  const wanted = { prog: keyOf(request, 'prog'), level: keyOf(request, 'level'), block: blockOf(request) };
  const names = await browseNames(
    facts,
    ({ prog, level, block }) =>
      (wanted.prog ?? prog) === prog && (wanted.level ?? level) === level && (wanted.block ?? block) === block,
  );
  const series = [...names.series].sort(
    (a, b) =>
      compareCodePoints(a.prog, b.prog) || compareCodePoints(a.level, b.level) || compareCodePoints(a.series, b.series),
  );
  if (form === 'json') {
    const triads = series.map((one) => ({ ...parts(one), ...seriesJson(one) }));
    return browseReply(
      request,
      jsonReply(request, { version: JSON_VERSION, asOf: new Date(names.asOf).toISOString(), triads }),
    );
  }
  if (form === 'csv') {
    const rows = series.map((one) => csvLine([...Object.values(parts(one)), one.grid.block, one.label]));
    const text = ['prog,level,series,epoch,block,title', ...rows].map((line) => `${line}\r\n`).join('');
    return browseReply(request, textReply(request, text, { contentType: CSV_TYPE }));
  }
  const text = namingText(
    series.map(({ prog, level, series: name, grid }) => ({ triad: { prog, level, series: name }, epoch: grid.epoch })),
    [],
  );
  return browseReply(request, textReply(request, text));
}

function parts({ prog, level, series, grid }: Series) {
  return { prog, level, series, epoch: epochText(grid.epoch) };
}

function keyOf(request: Request, field: string): string | undefined {
  const text = request.parameters.get(field);
  if (text !== undefined && !isKey(text)) throw fieldError(field, 'is not a key');
  return text;
}

function blockOf(request: Request): Block | undefined {
  const text = request.parameters.get('block');
  const block = text === undefined ? undefined : blockNamed(text);
  if (text !== undefined && block === undefined) throw fieldError('block', `must be one of ${BLOCKS.join(', ')}`);
  return block;
}
