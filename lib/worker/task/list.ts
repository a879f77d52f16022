/**
 * TASK_LIST: makes the index of sources and the naming table of browse anew, so that the next `server=list` or browse page need not.
 */
import { RESULT } from '../../queue/item.js';
import type { Task } from './task.js';

export const listTask: Task = async (_job, { sources }) => {
  const count = (await sources.list()).records.filter((record) => !record.isFolder).length;
  const { namingTable } = await import('../../browse/naming/table.js');
  const { series } = await namingTable(sources, { now: Date.now() });
  return { code: RESULT.done, status: `${count} data sources in the list, ${series.length} series to browse` };
};
