/**
 * Faults of source definition files. As with the configuration, the message may reach a client and says only that the
 * definition is at fault; place and reason are in `data.detail` for the log.
 */
import { Das2Error } from '../../error.js';

/** A `sourceDefinition` error with a neutral message; `detail` says where and why. */
export function definitionError(detail: string, cause?: unknown): Das2Error {
  return new Das2Error(
    'sourceDefinition',
    'the definition of this data source has an error; the log of the server says where',
    { data: { detail }, ...(cause === undefined ? {} : { cause }) },
  );
}
