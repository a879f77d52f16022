/**
 * Mail addresses of those who want to be told of the end of an export (browse-export 9.5).
 *
 * Whoever asks may name any address, so each gets a few messages a day and no more, whoever asks for them; and one client, an IPv6 network of 64
 * bits counting as one, has a few for all addresses together. What is counted is kept for two days at most, as hashes with a key of the site.
 */
import { isMailAddress } from '../../../browse/export/mail-address.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError, shown } from '../../../browse/faults.js';
import { clientNetwork } from '../../../conf/address-list.js';
import { Das2Error } from '../../../error.js';
import { RecentTimes } from '../../../files/recent-times.js';
import { secretKey } from '../../secret-key.js';

const DAY_MS = 86_400_000;
/** Messages a day to one address, and for one client. */
const MOST_TO_ADDRESS = 10;
const MOST_FOR_CLIENT = 30;

/** The mail address of a form; undefined without one. Throws `illegalArgument` for what is none, and where the site sends no mail. */
export function mailOf({ context }: BrowseFacts, given: string | undefined): string | undefined {
  const mail = given?.trim();
  if (mail === undefined || mail === '') return undefined;
  if (context.configuration.text('MAIL_CMD') === undefined) throw fieldError('mail', 'this site sends no mail');
  if (!isMailAddress(mail)) throw fieldError('mail', `'${shown(mail)}' is not a mail address`);
  return mail;
}

/** Throws `tooMany` where an address, or the client, has had its messages for the day. */
export function requireMailWithin(facts: BrowseFacts, mail: string | undefined): void {
  if (mail === undefined || isMailWithin(facts, mail)) return;
  throw new Das2Error(
    'tooMany',
    'mail: no more messages are sent to this address, or for you, today: leave the field empty and look at the page of the export',
    { data: { field: 'mail', retryAfter: 3600 } },
  );
}

/** False where an address, or the client, has had its messages for the day. */
export function isMailWithin(facts: BrowseFacts, mail: string): boolean {
  const { address, client } = countsOf(facts, mail);
  return address.at(facts.now).length < MOST_TO_ADDRESS && client.at(facts.now).length < MOST_FOR_CLIENT;
}

/** Notes that a message will be sent. */
export function noteMail(facts: BrowseFacts, mail: string): void {
  const { address, client } = countsOf(facts, mail);
  address.add(facts.now);
  client.add(facts.now);
}

function countsOf({ context, request }: BrowseFacts, mail: string): { address: RecentTimes; client: RecentTimes } {
  const stateRoot = context.configuration.path('STATE_ROOT');
  const key = secretKey(stateRoot, 'mail-key') ?? '';
  const folder = stateRoot === undefined ? undefined : `${stateRoot}/mails`;
  // What stands behind a + leads into the same box.
  const box = mail.toLowerCase().replace(/\+[^@]*/, '');
  const times = (kind: string, subject: string): RecentTimes =>
    new RecentTimes({ folder, kind, subject: `${key}\n${subject}`, windowMs: DAY_MS });
  return { address: times('to', box), client: times('for', clientNetwork(request.clientAddress)) };
}
