/**
 * Macros in DSDF values: `$(NAME)` and `$(NAME,default)` (server-protocol 5.4).
 *
 * A name is looked up as THIS_FILE, key of the same file, configuration key, request parameter (name in lower case), default;
 * in this order, so that a client can never put its own value in place of a setting of the server. Values are expanded again
 * until no macro is left: 50 passes and 64 kB at most, which also ends cycles.
 *
 * Request text must match a narrow alphabet. In commands not even that text is put into the string: the macro becomes a
 * reference to an environment variable, written such that the shell splits it into words where it would split plain text,
 * keeps it one word inside quotes, and can never read it as syntax.
 *
 * Rules of access (`readAccess`, `securityRealm`) never take request text.
 * `substitutions = 0` switches macros off for a file; `recordPath` has names of its own and is left alone.
 */
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import { definitionError } from './definition-error.js';
import { isFalse } from './definition-keys.js';
import type { Dsdf } from './dsdf.js';

export interface MacroContext {
  /** How the source is called in errors: its id. */
  readonly name: string;
  /** Absolute path of the DSDF, for `$(THIS_FILE)`. */
  readonly file: string;
  /** Value of a configuration key, or undefined. */
  readonly configuration: (key: string) => string | undefined;
  /** Request parameters under their canonical names; left out where there is no request (lists, cache building). */
  readonly request?: ReadonlyMap<string, string> | undefined;
}

/** Where a source's macros get their values from. */
export interface SourceMacroContext {
  readonly id: string;
  readonly file: string;
  readonly configuration: Configuration;
  /** Request parameters under canonical names. */
  readonly request?: ReadonlyMap<string, string> | undefined;
}

/** A command string for `/bin/sh` and the variables that its references stand for. */
export interface Command {
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
}

const MACRO = /\$\(([A-Za-z_][A-Za-z0-9_]*)(?:,([^()]*))?\)/g;
const PASSES = 50;
const LONGEST = 65_536;
const REQUEST_TEXT = /^[A-Za-z0-9_ .,:+=%@/-]*$/;
/** Stands on both sides of a variable's name until the whole command is known; no file can hold it (dsdf.ts). */
const MARK = '\0';
/** Rules of access are the operator's alone: request text has no say in them. */
const WITHOUT_REQUEST = new Set(['readAccess', 'groupAccess', 'securityRealm']);
const UNTOUCHED = new Set(['recordPath', 'substitutions']);

/** How the value of a request parameter comes into the text. */
type Insert = (value: string, parameter: string) => string;

/** The expander of a source's definition: macros see its file, the raw settings and the request, if there is one. */
export function sourceMacros(
  definition: Dsdf,
  { id, file, configuration, request }: SourceMacroContext,
): MacroExpander {
  return new MacroExpander(definition, { name: id, file, configuration: (key) => configuration.raw(key), request });
}

/** Expands the values of one definition on demand. Errors: `sourceDefinition`; `illegalArgument` for request text. */
export class MacroExpander {
  readonly #definition: Dsdf;
  readonly #context: MacroContext;
  readonly #enabled: boolean;
  readonly #variables = new Map<string, string>();

  constructor(definition: Dsdf, context: MacroContext) {
    this.#definition = definition;
    this.#context = context;
    this.#enabled = !isFalse(definition.entries.get('substitutions'));
  }

  /** The value of a key with request text in plain sight: for everything that is not run. */
  text(key: string): string | undefined {
    return this.#expand(key, (value) => value);
  }

  /** The value of a key as a command: request text is referred to, not inserted. */
  command(key: string): Command | undefined {
    const environment: Record<string, string> = {};
    const marked = this.#expand(key, (value, parameter) => {
      const variable = this.#variable(parameter);
      environment[variable] = value;
      return `${MARK}${variable}${MARK}`;
    });
    return marked === undefined ? undefined : { text: writeReferences(marked), environment };
  }

  #expand(key: string, insert: Insert): string | undefined {
    const raw = this.#definition.entries.get(key);
    if (raw === undefined || !this.#enabled || UNTOUCHED.has(key) || !raw.includes('$(')) return raw;
    let value = raw;
    for (let pass = 0; pass < PASSES; pass++) {
      const next = this.#pass(value, key, insert);
      if (next === undefined) return value;
      value = next;
    }
    throw this.#fault(key, `its macros are not expanded after ${PASSES} passes; do they refer to each other?`);
  }

  /** Replaces every macro of a value once; undefined if there is none. */
  #pass(value: string, key: string, insert: Insert): string | undefined {
    let out = '';
    let from = 0;
    for (const match of value.matchAll(MACRO)) {
      out += value.slice(from, match.index) + this.#replacement(match[1] ?? '', match[2], key, insert);
      from = match.index + match[0].length;
      if (out.length > LONGEST) throw this.#fault(key, 'its macros expand to more than 64 kB');
    }
    return from === 0 ? undefined : out + value.slice(from);
  }

  #replacement(name: string, fallback: string | undefined, key: string, insert: Insert): string {
    const operatorText =
      name === 'THIS_FILE'
        ? this.#context.file
        : (this.#definition.entries.get(name) ?? this.#context.configuration(name));
    if (operatorText !== undefined) return operatorText;
    const parameter = name.toLowerCase();
    const requested = WITHOUT_REQUEST.has(key) ? undefined : this.#context.request?.get(parameter);
    if (requested !== undefined) {
      checkRequestText(requested, parameter);
      return insert(requested, parameter);
    }
    if (fallback !== undefined) return fallback;
    throw this.#fault(key, `nothing is known for the macro $(${name})`);
  }

  #variable(parameter: string): string {
    const known = this.#variables.get(parameter);
    if (known !== undefined) return known;
    const variable = `DAS2_ARG_${this.#variables.size + 1}`;
    this.#variables.set(parameter, variable);
    return variable;
  }

  #fault(key: string, reason: string): Das2Error {
    return definitionError(`${this.#context.name}:${this.#definition.lines.get(key) ?? '?'}: ${key}: ${reason}`);
  }
}

function checkRequestText(value: string, parameter: string): void {
  if (REQUEST_TEXT.test(value) && !value.includes('..')) return;
  throw new Das2Error(
    'illegalArgument',
    `${parameter}: this source takes letters, digits and _ . , : + = % @ / - only, and no '..'`,
  );
}

/**
 * Turns the marks in a shell text into references. Where a mark stands inside single quotes, these are closed before and
 * opened again behind a double-quoted reference. Backslashes and double quotes count, and `$(`, `(` and a backquote open a
 * context of their own, in which quotes begin anew. A wrong guess about exotic shell text could only give the reader a wrong
 * word: the value of a variable is never parsed as shell text.
 */
function writeReferences(text: string): string {
  if (!text.includes(MARK)) return text;
  let out = '';
  let quote = '';
  let closer = '';
  const outer: { quote: string; closer: string }[] = [];
  const open = (end: string): void => {
    outer.push({ quote, closer });
    quote = '';
    closer = end;
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === MARK) {
      const end = text.indexOf(MARK, i + 1);
      const variable = text.slice(i + 1, end);
      out += quote === "'" ? `'"\${${variable}}"'` : `\${${variable}}`;
      i = end;
      continue;
    }
    out += character;
    if (quote === "'") {
      if (character === "'") quote = '';
    } else if (character === '\\') {
      if (text[i + 1] !== MARK) out += text[++i] ?? '';
    } else if (character === closer && quote === '') {
      const context = outer.pop();
      quote = context?.quote ?? '';
      closer = context?.closer ?? '';
    } else if (character === '"') {
      quote = quote === '"' ? '' : '"';
    } else if (character === '`') {
      open('`');
    } else if (character === '(' && (quote === '' || text[i - 1] === '$')) {
      open(')');
    } else if (quote === '' && character === "'") {
      quote = "'";
    }
  }
  return out;
}
