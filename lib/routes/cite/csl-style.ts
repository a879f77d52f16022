/**
 * Text styles besides our own: styles of the Citation Style Language, put into words by a program of the site (citation 9).
 *
 *     CITE_CSL_CMD STYLE.csl  < an array of one CSL-JSON item  > text        such as: pandoc -f csljson -t plain --wrap=none --citeproc --csl
 *
 * Contract: a style is a file `NAME.csl` of CITE_CSL_DIR, and nothing else of a request reaches the command line; there is no shell. A program that fails,
 * says nothing, or takes longer than five seconds gives undefined. It takes a place among the
 * running pipelines.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Citation } from '../../cite/citation.js';
import { cslJson } from '../../cite/reference-formats.js';
import { TEXT_STYLES } from '../../cite/text-styles.js';
import type { Configuration } from '../../conf/configuration.js';
import { plainWords } from '../../pipeline/command-words.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../context.js';
import { pipelineSlot, requestEnvironment } from '../data/limits.js';

const LONGEST_MS = 5000;
const MOST_BYTES = 64 * 1024;
const STYLE_FILE = /^([a-z0-9][a-z0-9-]{0,80})\.csl$/;

/** The program and its first words, and the folder of the styles; undefined where the site has none. */
function formatter(
  configuration: Configuration,
): { readonly words: readonly string[]; readonly folder: string } | undefined {
  const words = plainWords(configuration.text('CITE_CSL_CMD') ?? '');
  const folder = configuration.path('CITE_CSL_DIR');
  return words === undefined || folder === undefined ? undefined : { words, folder };
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

/** A citation in a style of the site, in one piece; undefined if the program did not do it. */
export async function formattedByProgram(
  { configuration, log }: ServerContext,
  request: Request,
  citation: Citation,
  style: string,
): Promise<string | undefined> {
  const program = formatter(configuration);
  const [command, ...args] = program?.words ?? [];
  if (program === undefined || command === undefined) return undefined;
  const slot = await pipelineSlot(configuration, request, log);
  try {
    const environment = requestEnvironment(configuration, request);
    const said = await run(command, [...args, join(program.folder, `${style}.csl`)], {
      environment,
      input: `${JSON.stringify([cslJson(citation)])}\n`,
    });
    if (said.text !== '') return said.text;
    log.line(`Citation: CITE_CSL_CMD gives nothing for the style ${style}: ${said.why || 'it wrote nothing'}`);
    return undefined;
  } finally {
    slot?.release();
  }
}

/** Runs a program to its end, or to that of its time. The text is empty where it failed; then `why` says more. */
async function run(
  command: string,
  args: readonly string[],
  { environment, input }: { readonly environment: Record<string, string>; readonly input: string },
): Promise<{ readonly text: string; readonly why: string }> {
  const { spawn } = await import('node:child_process');
  const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const parts: Buffer[] = [];
  let size = 0;
  let why = '';
  const end = (reason: string): void => {
    why ||= reason;
    // The whole group: a wrapper may have started others.
    if (child.pid !== undefined) endGroup(child.pid);
  };
  const timer = setTimeout(() => end(`it took more than ${LONGEST_MS / 1000} s`), LONGEST_MS);
  child.stdout.on('data', (part: Buffer) => {
    size += part.length;
    if (size > MOST_BYTES) end(`it wrote more than ${MOST_BYTES} bytes`);
    else parts.push(part);
  });
  // Who does not read its input is asked for its output all the same.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await new Promise<void>((resolve) => {
    child.on('error', (error) => {
      why ||= (error as NodeJS.ErrnoException).code ?? 'it cannot be started';
      resolve();
    });
    child.on('close', (status, signal) => {
      if (status !== 0) why ||= `it ended with ${signal ?? `status ${status}`}`;
      resolve();
    });
  });
  clearTimeout(timer);
  return { text: why === '' ? Buffer.concat(parts).toString().replace(/\s+/g, ' ').trim() : '', why };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}
