/**
 * What a data request for the texts of the form would be refused for, as far as this can be told without the server: times and numbers, in
 * the words of the server. Pure.
 */
import { Das2Error } from '../../error.js';
import { parseNumberText } from '../../request/number-text.js';
import { parseTimeRange } from '../../request/time-text.js';
import type { FormTexts } from '../calls.js';

/** Texts of the fields, as people have left them. */
export interface QuestionTexts extends Pick<FormTexts, 'start' | 'end' | 'resolution' | 'interval'> {
  readonly needsInterval: boolean;
}

/** The message of the refusal; undefined if there is none. */
export function questionFault({ start, end, resolution, interval, needsInterval }: QuestionTexts): string | undefined {
  if (start === '') return 'the parameter start_time (the begin of the time range) is missing';
  if (end === '') return 'the parameter end_time (the end of the time range) is missing';
  try {
    if (resolution !== '' && parseNumberText(resolution, 'resolution').value < 0)
      return 'resolution must not be negative';
    if (interval !== '' && parseNumberText(interval, 'interval').value <= 0)
      return 'interval must be greater than zero';
    parseTimeRange({ start, end });
  } catch (error) {
    return error instanceof Das2Error ? error.message : String(error);
  }
  return needsInterval && interval === '' ? 'the parameter interval (seconds between points) is missing' : undefined;
}
