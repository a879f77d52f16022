/**
 * Keeps citations for good, and has them signed by a program of the site (citation 6.4, 14.2).
 *
 *     CITE_SIGN_CMD  < the record as it is kept  > its signature, as text        such as: gpg --batch --armor --detach-sign
 *
 * Contract: a record is written once and never changed; `/cite/<id>.kept.json` gives its very bytes, which the signature `/cite/<id>.sig` is of. A program
 * that fails leaves a citation unsigned, which the log says; it is signed when somebody keeps it again. There is no shell, and nothing of a request reaches the
 * command line.
 */
import { pipelineSlot, requestEnvironment } from '../../data/limits.js';
import { Das2Error } from '../../error.js';
import { plainWords } from '../../pipeline/stage/command-words.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Citation } from '../citation/citation.js';
import { KeptCitations } from '../citation/kept.js';
import { runSmallProgram } from '../small-program.js';

/** Keeps a citation that has an id; false if it was kept already. Error: `configuration`, where nothing can be written. */
export async function keepCitation(context: ServerContext, request: Request, citation: Citation): Promise<boolean> {
  const { configuration } = context;
  const root = configuration.path('CITE_ROOT');
  const { id } = citation;
  if (root === undefined || id === undefined)
    throw new Das2Error('configuration', 'the citation cannot be kept: there is no place for it (CITE_ROOT)');
  const store = new KeptCitations(root);
  let isNew: boolean;
  try {
    isNew = store.keep(id, { ...citation, server: { ...citation.server, digest: 'd2c/1' } });
  } catch (error) {
    throw new Das2Error('configuration', 'the citation cannot be kept: CITE_ROOT cannot be written', { cause: error });
  }
  if (isNew) await supersede(context, store, citation);
  if (configuration.has('CITE_SIGN_CMD') && store.signature(id) === undefined) await sign(context, request, store, id);
  return isNew;
}

/** The citation is kept whatever becomes of this. */
async function supersede({ configuration, log }: ServerContext, store: KeptCitations, { rk }: Citation): Promise<void> {
  try {
    await (await import('./superseded.js')).noteSuperseded(configuration, store, rk);
  } catch (error) {
    log.line(`Citation: what was superseded cannot be noted: ${(error as NodeJS.ErrnoException).code ?? 'fault'}`);
  }
}

async function sign(context: ServerContext, request: Request, store: KeptCitations, id: string): Promise<void> {
  const { configuration, log } = context;
  const problem = (why: string): void => log.line(`Citation: ${id} is kept without a signature: CITE_SIGN_CMD ${why}`);
  const [command, ...args] = plainWords(configuration.text('CITE_SIGN_CMD') ?? '') ?? [];
  const record = store.recordText(id);
  if (command === undefined || record === undefined) {
    problem('must be a program and plain words behind it');
    return;
  }
  const slot = await pipelineSlot(configuration, request, log);
  try {
    const environment = requestEnvironment(configuration, request);
    const { text, why } = await runSmallProgram({ command, args, environment, input: record });
    if (why !== '' || text.trim() === '') problem(`gives nothing: ${why || 'it wrote nothing'}`);
    else store.sign(id, text);
  } catch (error) {
    problem(`was of no use: ${(error as NodeJS.ErrnoException).code ?? 'the signature cannot be written'}`);
  } finally {
    slot.release();
  }
}
