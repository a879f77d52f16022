/**
 * Mail at the end of an export (browse-export 9.5): one message by the program of the site, to whoever asked for it; then the address is forgotten.
 *
 * Contract: the program gets the address as its last argument and the message on its standard input, as sendmail reads it. No shell, and no text of the request besides the
 * address, whose form was checked. That no mail can be sent is for the log, which never names the address.
 */
import { exportAddress } from '../../browse/export/address.js';
import type { ExportStatus } from '../../browse/export/documents.js';
import type { ExportStore } from '../../browse/export/store.js';
import type { BrowseFacts } from '../../browse/facts/facts.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { siteName } from '../../page/layout.js';
import { commandOf, runProgram } from './run-program.js';
import type { TaskContext } from './task.js';

/** Tells whoever wanted to be told. That no mail can be sent is for the log. */
export async function tellEnd(store: ExportStore, facts: BrowseFacts, id: string, context: TaskContext): Promise<void> {
  const { configuration, signal, log } = context;
  const command = configuration.text('MAIL_CMD');
  const address = store.takeMail(id);
  const status = store.status(id, Date.now());
  if (command === undefined || address === undefined || status === undefined || status.state === 'cancelled') return;
  try {
    const { status: ended, complaint } = await runProgram([...commandOf('MAIL_CMD', command), address], {
      configuration,
      signal,
      input: endMessage(address, id, exportAddress(facts, id), status, siteName(configuration)),
      seconds: MAIL_SECONDS,
    });
    if (ended !== 0) log(`export ${id}: no mail: MAIL_CMD ${ended === undefined ? 'did not run' : `status ${ended}`}`);
    if (complaint !== '' && ended !== 0) log(complaint.replaceAll(address, '(address)'));
  } catch (error) {
    signal.throwIfAborted();
    log(`export ${id}: no mail: ${errorDetail(error).replaceAll(address, '(address)')}`);
  }
}

const MAIL_SECONDS = 120;

/** A message with its head, as sendmail reads it. */
function endMessage(address: string, id: string, url: string, status: ExportStatus, site: string): string {
  const { state, done, errors, message } = status;
  const failed = errors === 0 ? '' : ` ${errors} failed; the page says why.`;
  return [
    `To: ${address}`,
    `Subject: Export ${id}: ${state.replaceAll('-', ' ')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Auto-Submitted: auto-generated',
    '',
    `Your export from ${site.replace(/[\0-\x1f\x7f]+/g, ' ')} has ended: ${done} ${done === 1 ? 'item' : 'items'}.${failed}${message === undefined ? '' : ` ${message}`}`,
    '',
    `  ${url}`,
    '',
    'This is the only message: your address is not kept.',
    '',
  ].join('\n');
}
