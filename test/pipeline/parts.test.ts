/** Parts of the pipeline that need no process: command words, environment, the tail of standard error, who failed. */
import fc from 'fast-check';
import t from 'tap';
import { plainWords, programName, shellText } from '../../lib/pipeline/command-words.js';
import { stageEnvironment } from '../../lib/pipeline/environment.js';
import { failedStage } from '../../lib/pipeline/outcome.js';
import type { StageResult } from '../../lib/pipeline/stage.js';
import { StandardErrorTail } from '../../lib/pipeline/standard-error.js';

t.test('plain words', async (t) => {
  t.same(plainWords(' das2_bin_avgsec  -r\t-b 2001-01-01 '), ['das2_bin_avgsec', '-r', '-b', '2001-01-01']);
  for (const shell of [
    'a|b',
    'X=1 a',
    'a "b"',
    'a $B',
    'a;b',
    'a\nb',
    '~/a',
    'a*',
    '',
    '(a)',
    'a &',
    'a >b',
    '`a`',
    'a #b',
  ]) {
    t.equal(plainWords(shell), undefined, JSON.stringify(shell));
  }
  t.equal(programName('/opt/x/das2_bin_avgsec -r'), 'das2_bin_avgsec');
  t.equal(programName('a | b'), undefined);
});

t.test('text for the shell', async (t) => {
  t.equal(shellText('/opt/rdr -x'), 'exec /opt/rdr -x "$@"');
  t.equal(shellText('time rdr'), 'time rdr "$@"', 'a word of the shell');
  t.equal(shellText('X=1 rdr'), 'X=1 rdr "$@"');
  t.equal(shellText('a | b'), 'a | b "$@"');
});

t.test('environment', async (t) => {
  t.same(stageEnvironment({ binPath: [], libPath: [], passNames: [], inherited: {} }), {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  });
  const full = stageEnvironment({
    binPath: ['/opt/das2/bin', '/bin', '/opt/das2/bin'],
    libPath: ['/opt/lib'],
    passNames: ['IDL_DIR', 'REMOTE_ADDR', 'HTTP_COOKIE', 'QUERY_STRING', 'Http_Authorization', 'BUN_OPTIONS', 'ABSENT'],
    inherited: {
      PATH: '/usr/bin:/bin',
      LD_LIBRARY_PATH: '/usr/lib/x',
      HOME: '/home/das',
      LANG: 'de_DE.UTF-8',
      TZ: 'Europe/Berlin',
      IDL_DIR: '/idl',
      SECRET: 's',
      HTTP_COOKIE: 'c',
      QUERY_STRING: 'q',
      Http_Authorization: 'a',
      BUN_OPTIONS: 'b',
    },
    requestFacts: { REMOTE_ADDR: '192.0.2.7', SERVER_NAME: 'h' },
  });
  t.same(full, {
    IDL_DIR: '/idl',
    REMOTE_ADDR: '192.0.2.7',
    PATH: '/opt/das2/bin:/usr/bin:/bin',
    LD_LIBRARY_PATH: '/opt/lib:/usr/lib/x',
    HOME: '/home/das',
    LANG: 'de_DE.UTF-8',
    TZ: 'UTC',
  });
});

t.test('the tail of standard error is the end of the text, whatever the pieces', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary-ascii', maxLength: 30 })), (pieces) => {
      const tail = new StandardErrorTail(40);
      for (const piece of pieces) tail.add(Buffer.from(piece));
      const whole = pieces.join('');
      return tail.text() === whole.slice(-40) && tail.total === whole.length;
    }),
  );
});

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
