/**
 * The error of a queue that cannot be reached. Callers tell it by its class: it passes, and what was asked can be asked again.
 */
import { Das2Error } from '../error.js';

/** The message names the settings to look at, and neither a password nor a path; logs and terminals are told the `folder` as well. */
export class BrokerUnreachable extends Das2Error {
  constructor(place: string, reason: unknown, folder?: string) {
    const what = reasonText(reason);
    const words = (where: string): string => `the job queue at ${where} cannot be used (${what}): ${adviceFor(what)}`;
    super('overload', words(place), {
      exitStatus: 21,
      ...(folder === undefined ? {} : { data: { detail: words(`${place}, ${folder},`) } }),
    });
  }
}

/** What to do about faults that administrators of a spool folder meet. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES:
    'this account must be in the group of that folder, which web server and worker share, and the group must be allowed to write',
  EPERM: 'this account may not do that there',
  EROFS: 'its file system is mounted read-only, or the systemd unit of this program does not name it in ReadWritePaths',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota of this account is used up',
  ENOTDIR: 'something on the way to it is a file',
};

function adviceFor(code: string): string {
  return ADVICE[code] ?? 'see WORK_QUEUE_BROKER and WORK_QUEUE_CONN';
}

/** Command arguments that hang on errors of the client library may hold a password: only code or message are used. */
function reasonText(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const code = (reason as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && code !== '') return code;
  // What the client library says of a connection that it is still trying to make names an option of its own.
  if (reason.message.includes('enableOfflineQueue')) return 'no connection';
  // Redis says where in which script of ours it stopped, by a digest that tells an administrator nothing.
  return reason.message.replace(/,? script: [0-9a-f]{40}, on @user_script:\d+\.?$/, '') || reason.name;
}
