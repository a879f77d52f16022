/**
 * What the command `readerVersion` of a source prints: which version of its reader makes the data (citation 10, 13.1).
 *
 *     CITE_ROOT/readers/<hash of the source>      the command, its first line, and when it was run
 *
 * Contract: never throws, and runs behind answers or for questions about citations only. The command is the site's, as that of the reader is, and gets nothing
 * of a request; it is run once in ten minutes, or when it has changed. One that fails, or finds no place to run, counts with what it said last.
 */
import { pipelineSlot, requestEnvironment } from '../../data/limits.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { shortHash } from '../../short-hash.js';
import { definitionOf } from '../../source/definition/definition-file.js';
import { sourceMacros } from '../../source/definition/macros.js';
import type { Source } from '../../source/source.js';
import { readChecked, writeChecked } from '../checked-file.js';
import { makePrivateFolders } from '../private-files.js';
import { runSmallProgram } from '../small-program.js';

const BELIEVED_MS = 10 * 60_000;
const LONGEST_LINE = 200;

interface KeptVersion {
  readonly id: string;
  readonly command: string;
  readonly line: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The first line that the command prints; undefined if the source has none, or it never worked. */
export async function readerVersion(
  context: ServerContext,
  request: Request,
  source: Source,
): Promise<string | undefined> {
  if (!source.entries.has('readerVersion')) return undefined;
  const { configuration, log } = context;
  const root = configuration.path('CITE_ROOT');
  const file = root && `${root}/readers/${shortHash(source.id)}`;
  let kept: KeptVersion | undefined;
  try {
    const command = commandOf(context, source);
    kept = file === undefined ? undefined : keptVersion(file, source.id, command);
    if (kept && Math.abs(Date.now() - kept.time) < BELIEVED_MS) return kept.line || undefined;
    const said = await run(context, request, command);
    if (said.why !== '') log.line(`Citation: readerVersion of ${source.id} says nothing: ${said.why}`);
    const own = said.why === '' ? firstLine(said.text) : '';
    const line = own || (kept ? kept.line : '');
    if (root && file) keep(root, file, { id: source.id, command, line, time: Date.now() });
    return line || undefined;
  } catch (error) {
    log.line(`Citation: readerVersion of ${source.id} cannot be run: ${String(error)}`);
    return kept?.line || undefined;
  }
}

function commandOf({ configuration, sources }: ServerContext, { id, file }: Source): string {
  const definition = definitionOf(sources, sources.get(id));
  return sourceMacros(definition, { id, file, configuration }).command('readerVersion')?.text ?? '';
}

/** Takes a place among the running pipelines, like a reader. */
async function run({ configuration, log }: ServerContext, request: Request, command: string) {
  const slot = await pipelineSlot(configuration, request, log);
  try {
    const environment = requestEnvironment(configuration, request);
    return await runSmallProgram({ command: '/bin/sh', args: ['-c', command], environment, input: '' });
  } finally {
    slot.release();
  }
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? '';
  return line
    .replace(/[\0-\x1f\x7f]+/g, ' ')
    .trim()
    .slice(0, LONGEST_LINE);
}

function keptVersion(file: string, id: string, command: string): KeptVersion | undefined {
  const found = readChecked(file)?.[0] as KeptVersion | undefined;
  return found?.id === id && found.command === command ? found : undefined;
}

function keep(root: string, file: string, version: KeptVersion): void {
  try {
    makePrivateFolders(`${root}/readers`);
    writeChecked(file, version);
  } catch {
    // The next one asks again.
  }
}
