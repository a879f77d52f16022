/**
 * Text styles besides our own: styles of the Citation Style Language, put into words by a program of the site (citation 9).
 *
 *     CITE_CSL_CMD STYLE.csl  < an array of one CSL-JSON item  > text        such as: pandoc -f csljson -t plain --wrap=none --citeproc --csl
 *
 * Where a word of CITE_CSL_CMD has `{locale}`, the language that is wanted stands there.
 *
 * Contract: a style is a file `NAME.csl` of CITE_CSL_DIR; nothing of a request but that and a language reaches the command line, and there is no shell. A program that fails,
 * says nothing, or takes longer than five seconds gives undefined. It takes a place among the
 * running pipelines.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Citation } from '../../cite/citation/citation.js';
import { cslJson } from '../../cite/forms/reference-formats.js';
import { TEXT_STYLES } from '../../cite/forms/text-styles.js';
import { runSmallProgram } from '../../cite/small-program.js';
import type { Configuration } from '../../conf/configuration.js';
import { pipelineSlot, requestEnvironment } from '../../data/limits.js';
import { plainWords } from '../../pipeline/stage/command-words.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { OWN_LOCALE, type TextFormat } from './format.js';

const LOCALE_PLACE = '{locale}';
const STYLE_FILE = /^([a-z0-9][a-z0-9-]{0,80})\.csl$/;

interface Formatter {
  /** The program and its first words. */
  readonly words: readonly string[];
  /** That of the styles. */
  readonly folder: string;
  /** In which it writes. */
  readonly locale: string;
}

/** The program for styles in a language; undefined where the site has none. */
function formatter(configuration: Configuration, wanted = OWN_LOCALE): Formatter | undefined {
  const command = configuration.text('CITE_CSL_CMD') ?? '';
  const words = plainWords(command.replaceAll(LOCALE_PLACE, wanted));
  const folder = configuration.path('CITE_CSL_DIR');
  const locale = command.includes(LOCALE_PLACE) ? wanted : OWN_LOCALE;
  return words === undefined || folder === undefined ? undefined : { words, folder, locale };
}

/** Names of all text styles: our own, and those of the site that have other names. */
export function textStyles(configuration: Configuration): string[] {
  const folder = formatter(configuration)?.folder;
  if (folder === undefined) return [...TEXT_STYLES];
  let files: string[] = [];
  try {
    files = readdirSync(folder);
  } catch {
    // No folder: no styles.
  }
  const names = files.flatMap((file) => STYLE_FILE.exec(file)?.[1] ?? []).sort();
  return [...new Set([...TEXT_STYLES, ...names])];
}

/** A citation in a style of the site, in one piece, and its language; undefined if the program did not do it. */
export async function formattedByProgram(
  { configuration, log }: ServerContext,
  request: Request,
  citation: Citation,
  { style, locale }: Pick<TextFormat, 'style' | 'locale'>,
): Promise<{ readonly text: string; readonly locale: string } | undefined> {
  const program = formatter(configuration, locale);
  const [command, ...args] = program?.words ?? [];
  if (program === undefined || command === undefined) return undefined;
  const slot = await pipelineSlot(configuration, request, log);
  try {
    const environment = requestEnvironment(configuration, request);
    const said = await runSmallProgram({
      command,
      args: [...args, join(program.folder, `${style}.csl`)],
      environment,
      input: `${JSON.stringify([cslJson(citation)])}\n`,
    });
    const text = said.why === '' ? said.text.replace(/\s+/g, ' ').trim() : '';
    if (text !== '') return { text, locale: program.locale };
    log.line(`Citation: CITE_CSL_CMD gives nothing for the style ${style}: ${said.why || 'it wrote nothing'}`);
    return undefined;
  } finally {
    slot?.release();
  }
}
