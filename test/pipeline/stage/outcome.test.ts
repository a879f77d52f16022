/** Which stage is to blame. */
import t from 'tap';
import { failedStage } from '../../../lib/pipeline/stage/outcome.js';
import type { StageResult } from '../../../lib/pipeline/stage/stage.js';

t.test('which stage failed', async (t) => {
  const ended = (facts: Partial<StageResult>): StageResult => ({
    role: 'reader',
    commandLine: 'x',
    inProcess: false,
    status: 0,
    signal: undefined,
    bytesIn: 1,
    bytesOut: 1,
    standardError: '',
    endedByServer: false,
    ...facts,
  });
  const pipe = { status: undefined, signal: 'SIGPIPE' };
  const judge = (...stages: Partial<StageResult>[]): number => {
    const results = stages.map(ended);
    const failed = failedStage(results);
    return failed === undefined ? -1 : results.indexOf(failed);
  };
  t.equal(judge({}, {}), -1);
  t.equal(judge({ status: 3 }, { status: 4 }), 0, 'the first one');
  t.equal(judge({}, { status: 4 }), 1);
  t.equal(judge({ ...pipe, endedByServer: true }, {}), -1, 'SIGPIPE of a stage whose output was closed');
  t.equal(judge({ status: 141, endedByServer: true }, {}), -1, 'as a shell tells it');
  t.equal(judge({}, pipe), 1, 'SIGPIPE of the last one');
  t.equal(judge({ ...pipe, endedByServer: true }, { status: 4 }), 1, 'the consumer is to blame');
  t.equal(judge(pipe, {}), 0, 'SIGPIPE that had another reason');
  t.equal(judge({ status: 141 }, {}), 0);
  t.equal(judge({ status: undefined, signal: 'SIGTERM', endedByServer: true }, { status: 4 }), 1);
  t.equal(judge({ bytesOut: 0 }, { bytesIn: 0, bytesOut: 0, status: 22 }, { bytesIn: 0, status: 1 }), -1, 'no data');
  t.equal(judge({ bytesOut: 0, status: 7 }, { bytesIn: 0, status: 22 }), 0);
  t.equal(judge({ bytesOut: 0 }, { bytesIn: 0, status: 100, inProcess: true }), 1, 'bad arguments');
});
