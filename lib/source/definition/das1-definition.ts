/**
 * A DSDF of a das1 source as the up-converter needs it: keywords for the headers, the reader as a command, and whether it takes an interval
 * (stream-format 13.9, server-protocol 4.4).
 *
 * Contract: macros are expanded; keywords that must never leave the server (commands, paths, rules of access) are left out, and so are flags
 * about what the source delivers, which would be untrue of the das2 stream. Errors: those of macros.ts, and `sourceDefinition` without a reader.
 */
import { definitionError } from './definition-error.js';
import { readRequiresInterval } from './definition-keys.js';
import { isPrivateKey } from './description.js';
import type { Dsdf } from './dsdf.js';
import { type Command, type MacroContext, MacroExpander } from './macros.js';

export interface Das1Definition {
  readonly keywords: ReadonlyMap<string, string>;
  readonly reader: Command;
  /** The reader is called with INTERVAL BEGIN END instead of BEGIN END. */
  readonly requiresInterval: boolean;
}

const FLAGS = new Set(['das2Stream', 'qstream', 'requiresInterval']);

/** What the definition says about its reader and its records. */
export function das1Definition(definition: Dsdf, context: MacroContext): Das1Definition {
  const macros = new MacroExpander(definition, context);
  const reader = macros.command('reader');
  if (reader === undefined || reader.text.trim() === '') throw definitionError(`${context.name}: there is no reader`);
  return {
    keywords: das1Keywords([...definition.entries.keys()].map((key) => [key, () => macros.text(key) ?? ''])),
    reader,
    requiresInterval: readRequiresInterval(definition.entries, 'das1'),
  };
}

/** The keywords of a source whose values are expanded already, for a server that runs the converter itself. */
export function das1KeywordsOf(entries: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return das1Keywords([...entries].map(([key, value]) => [key, () => value]));
}

function das1Keywords(entries: readonly (readonly [string, () => string])[]): Map<string, string> {
  const keywords = new Map<string, string>();
  for (const [key, value] of entries) {
    if (!isPrivateKey(key) && !FLAGS.has(key)) keywords.set(key, value());
  }
  return keywords;
}
