/** A job for all sources, parted: what is queued, what is done at once, and what is counted. */
import t from 'tap';
import { Das2Error } from '../../../lib/error.js';
import type { SplitOptions } from '../../../lib/worker/task/split-job.js';
import { splitJob } from '../../../lib/worker/task/split-job.js';
import type { TaskContext, TaskResult } from '../../../lib/worker/task/task.js';

const DONE: TaskResult = { code: 0, status: '' };

function split(parts: Partial<SplitOptions>, context: Partial<TaskContext> = {}) {
  const lines: string[] = [];
  const whole = { log: (line: string) => lines.push(line), progress: () => {}, signal: new AbortController().signal };
  const result = splitJob({
    context: { ...whole, ...context } as unknown as TaskContext,
    category: 'TASK_COVERAGE',
    ids: ['a', 'b', 'c'],
    fieldsOf: (id) => [id],
    alone: async () => DONE,
    faults: [],
    thing: 'data source',
    done: 'coverage of',
    ...parts,
  });
  return result.then((found) => ({ ...found, lines }));
}

t.test('without a queue each part is done at once', async (t) => {
  t.match(await split({}), { code: 0, status: 'coverage of 3 data sources' });
  const alone = async (id: string): Promise<TaskResult> => {
    if (id === 'b') throw new Das2Error('readerFailed', 'no reader');
    return DONE;
  };
  t.match(await split({ alone }), {
    code: 1,
    status: 'coverage of 2 of 3 data sources; the last that failed: b: no reader',
    lines: ['coverage of b: no reader'],
  });
});

t.test('a source of which nothing is known any more counts as neither good nor bad', async (t) => {
  const alone = async (id: string): Promise<TaskResult> => {
    if (id === 'b') throw new Das2Error('illegalArgument', 'no such source');
    return DONE;
  };
  t.match(await split({ alone }), { code: 0, status: 'coverage of 2 data sources', lines: [] });
});

t.test('with a queue each part is a job; what it does not take is done at once', async (t) => {
  const outcomes: Record<string, 'queued' | 'duplicate' | 'full'> = { a: 'queued', b: 'duplicate', c: 'full' };
  const submit = async (_category: unknown, [id = '']: readonly string[]) => outcomes[id] ?? 'full';
  t.match(await split({}, { submit } as Partial<TaskContext>), {
    code: 0,
    status: '2 jobs queued, one a data source; 1 of them were queued or under way already; coverage of 1 data sources',
  });
});
