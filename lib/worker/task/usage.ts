/**
 * TASK_USAGE: counts the access logs and leaves the report in `STATE_ROOT/usage`, as text and as JSON (server-internals 7.3). Items that the
 * server itself queues for each request (`USAGE_JOBS`) are records, not orders, and end at once.
 */
import { join } from 'node:path';
import { makeFolders } from '../../files/make-folders.js';
import { isAll } from '../../queue/field.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { writeWhole } from '../../queue/spool/files.js';
import { logTime, usageReport, usageTable } from '../usage/report.js';
import type { Task } from './task.js';

export const usageTask: Task = async (job, { configuration, signal }) => {
  // A record of one request, for whoever reads the history (USAGE_JOBS); it is in the access log already.
  if (job.remote !== '') return { code: RESULT.done, status: 'noted' };
  const logs = configuration.path('LOG_PATH');
  const state = configuration.path('STATE_ROOT');
  if (logs === undefined || state === undefined) {
    return {
      code: RESULT.refused,
      status: 'LOG_PATH or STATE_ROOT is not set: there is no access log or no place for the report',
    };
  }
  const dataset = fieldOf(job, 'dataset') ?? '';
  const report = await usageReport(logs, {
    dataset: dataset === '' || isAll(dataset) ? undefined : dataset,
    begin: logTime(fieldOf(job, 'begin')),
    end: logTime(fieldOf(job, 'end')),
    signal,
  });
  const folder = join(state, 'usage');
  makeFolders(folder);
  const name = dataset === '' || isAll(dataset) ? 'ALL' : dataset.replaceAll('/', ',');
  writeWhole(join(folder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  writeWhole(join(folder, `${name}.txt`), usageTable(report));
  return { code: RESULT.done, status: `${report.total.requests} requests counted` };
};
