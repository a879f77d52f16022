/**
 * Mail addresses of those who want to be told of the end of an export (browse-export 9.5).
 */
import { isMailAddress } from '../../../browse/export/mail-address.js';
import { fieldError, shown } from '../../../browse/faults.js';
import type { BrowseFacts } from '../context.js';

/** The mail address of a form; undefined without one. Throws `illegalArgument` for what is none, and where the site sends no mail. */
export function mailOf({ context }: BrowseFacts, given: string | undefined): string | undefined {
  const mail = given?.trim();
  if (mail === undefined || mail === '') return undefined;
  if (context.configuration.text('MAIL_CMD') === undefined) throw fieldError('mail', 'this site sends no mail');
  if (!isMailAddress(mail)) throw fieldError('mail', `'${shown(mail)}' is not a mail address`);
  return mail;
}
