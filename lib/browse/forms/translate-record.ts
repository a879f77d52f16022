/**
 * Record numbers and times, both ways, from the parameters of a request (browse-export 11): `t=TIME` to the record that holds it, `rec=N` to the
 * time of a record; `block`, `epoch` and `scale` say how records are counted and what the time means.
 *
 * Contract: pure. Throws `illegalArgument` that names the field.
 */
import { isDas2Error } from '../../error.js';
import { fieldError, shown } from '../faults.js';
import { BLOCKS, blockNamed } from '../record/block.js';
import { blockFault, type Epoch, epochText, makeEpoch, parseEpoch } from '../record/epoch.js';
import { parseInterval, SCALE_CHOICES } from '../record/interval.js';
import { recordLabel } from '../record/label.js';
import { type RecordGrid, recordAt, recordStart } from '../record/number.js';
import type { LeapTable } from '../time/leap-table.js';
import { instantOf } from '../time/scales.js';
import { bothScales } from './json.js';

type Parameters = ReadonlyMap<string, string>;

/** One record, found by its number or by a time. */
export interface TranslatedRecord {
  readonly rec: number;
  readonly label: string;
  readonly block: string;
  readonly epoch: string;
  readonly start: ReturnType<typeof bothScales>;
  readonly stop: ReturnType<typeof bothScales>;
}

/** The record that the parameters name. `otherwise`: the epoch where they name none. */
export function translateRecord(parameters: Parameters, otherwise: string, table: LeapTable): TranslatedRecord {
  const grid = gridOf(parameters, otherwise);
  const [time, number] = [parameters.get('t'), parameters.get('rec')];
  if ((time === undefined) === (number === undefined)) {
    throw fieldError(time === undefined ? 't' : 'rec', 'give either a time (t) or a record number (rec)');
  }
  const rec = number === undefined ? recordOf(time ?? '', grid, parameters, table) : numberOf(number);
  return {
    rec,
    label: recordLabel(rec, grid),
    block: grid.block,
    epoch: epochText(grid.epoch),
    start: bothScales(recordStart(rec, grid, table), table),
    stop: bothScales(recordStart(rec + 1, grid, table), table),
  };
}

function recordOf(time: string, grid: RecordGrid, parameters: Parameters, table: LeapTable): number {
  const word = parameters.get('scale') ?? 'UTC';
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

function gridOf(parameters: Parameters, otherwise: string): RecordGrid {
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
