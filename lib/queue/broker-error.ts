/**
 * The error of a queue that cannot be reached. Callers tell it by its class: it passes, and what was asked can be asked again.
 */
import { Das2Error } from '../error.js';

/** The message names the settings to look at, and neither a password nor a path; logs and terminals are told the `folder` as well. */
export class BrokerUnreachable extends Das2Error {
  constructor(place: string, reason: unknown, folder?: string) {
    const words = (where: string): string =>
      `the job queue at ${where} cannot be used (${reasonText(reason)}); see WORK_QUEUE_BROKER`;
    super('overload', words(place), {
      exitStatus: 21,
      ...(folder === undefined ? {} : { data: { detail: words(`${place}, ${folder},`) } }),
    });
  }
}

/** Command arguments that hang on errors of the client library may hold a password: only code or message are used. */
function reasonText(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const code = (reason as NodeJS.ErrnoException).code;
  return typeof code === 'string' && code !== '' ? code : reason.message || reason.name;
}
