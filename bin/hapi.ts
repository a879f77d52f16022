/**
 * das2_hapi: a das2 stream as a HAPI table, as a Unix filter. The work is in lib/filter/hapi; this file reads the DSDF for the description.
 */
import { basename, resolve } from 'node:path';
import { Das2Error } from '../lib/error.js';
import { hapiProgram } from '../lib/filter/hapi/program.js';
import { readDefinition } from '../lib/source/definition/definition-file.js';
import { MacroExpander } from '../lib/source/definition/macros.js';
import { parseValidRange } from '../lib/source/valid-range.js';
import { formatTime } from '../lib/stream/time.js';
import { runFilter } from './run-filter.js';

/** Runs the program over standard input and output; returns its exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runFilter(hapiProgram(factsOf), args);
}

/** What a definition says about the whole data set (server-internals 6.4). */
function factsOf(file: string): Record<string, unknown> {
  try {
    const definition = readDefinition(file, file);
    const macros = new MacroExpander(definition, {
      name: basename(file),
      file: resolve(file),
      configuration: () => undefined,
    });
    const text = (...keys: string[]): string | undefined => {
      for (const key of keys) {
        const value = macros.text(key)?.trim();
        if (value) return value;
      }
      return undefined;
    };
    const range = parseValidRange(text('validRange') ?? '', Date.now(), () => {});
    const facts = {
      startDate: range && `${formatTime(range.begin, { decimals: 3 })}Z`,
      stopDate: range && `${formatTime(range.end, { decimals: 3 })}Z`,
      description: text('summary', 'description'),
      contact: text('sciContact', 'techContact'),
    };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    const { detail } = error.data;
    throw new Das2Error('usage', `option -d: ${typeof detail === 'string' ? detail : error.message}`);
  }
}
