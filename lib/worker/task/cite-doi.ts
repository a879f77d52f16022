/**
 * TASK_CITE_DOI: fetches the record of a DOI anew, for citations of sources that do not say everything themselves (citation 11).
 *
 * Nobody but the resolver of the site is asked, whatever the job says.
 */
import { refreshDoi } from '../../cite/making/complete-from-doi.js';
import { doiOf } from '../../cite/metadata/values.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import type { Task } from './task.js';

export const citeDoiTask: Task = async (job, { configuration, log, progress }) => {
  const doi = doiOf(fieldOf(job, 'doi'));
  if (doi === undefined) return { code: RESULT.refused, status: 'this is no DOI' };
  if (!configuration.has('CITE_DOI_URL')) return { code: RESULT.refused, status: 'CITE_DOI_URL is not set' };
  progress(`Asking for the record of ${doi}`, 0);
  const found = await refreshDoi(configuration, doi, log);
  if (found === undefined) return { code: RESULT.superseded, status: 'somebody else is asking for it' };
  if (found.outcome === 'good') return { code: RESULT.done, status: `the record was fetched from ${found.source}` };
  const words = found.outcome === 'notFound' ? 'nobody knows this DOI' : `no record: ${found.reason ?? 'it failed'}`;
  return { code: RESULT.failed, status: words };
};
