/**
 * TASK_USAGE: counts the access logs and leaves the report in `STATE_ROOT/usage`, as text and as JSON (server-internals 7.3).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAll } from '../queue/field.js';
import { fieldOf, RESULT } from '../queue/item.js';
import { writeWhole } from '../queue/spool-files.js';
import { formatTime, parseTime } from '../stream/time.js';
import type { Task } from './tasks.js';
import { usageReport, usageTable } from './usage-report.js';

export const usageTask: Task = async (job, { configuration }) => {
  const logs = configuration.path('LOG_PATH');
  const state = configuration.path('STATE_ROOT');
  if (logs === undefined || state === undefined) {
    return {
      code: RESULT.refused,
      status: 'LOG_PATH or STATE_ROOT is not set: there is no access log or no place for the report',
    };
  }
  const dataset = fieldOf(job, 'dataset') ?? '';
  const report = usageReport(logs, {
    dataset: dataset === '' || isAll(dataset) ? undefined : dataset,
    begin: isoTime(fieldOf(job, 'begin')),
    end: isoTime(fieldOf(job, 'end')),
  });
  const folder = join(state, 'usage');
  mkdirSync(folder, { recursive: true });
  const name = dataset === '' || isAll(dataset) ? 'ALL' : dataset.replaceAll('/', ',');
  writeWhole(join(folder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  writeWhole(join(folder, `${name}.txt`), usageTable(report));
  const requests = report.counts.reduce((sum, count) => sum + count.requests, 0);
  return { code: RESULT.done, status: `${requests} requests counted` };
};

function isoTime(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : formatTime(parseTime(text), { decimals: 3 });
}
