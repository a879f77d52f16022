/**
 * TASK_LIST: makes the index of sources anew, so that the next `server=list` need not.
 */
import { RESULT } from '../queue/item.js';
import type { Task } from './tasks.js';

export const listTask: Task = async (_job, { sources }) => {
  const count = (await sources.list()).records.filter((record) => !record.isFolder).length;
  return { code: RESULT.done, status: `${count} data sources in the list` };
};
