/** What logs say of a pipeline that a limit has ended. */
import t from 'tap';
import { settingKeys } from '../../../lib/conf/settings.js';
import { resultLine } from '../../../lib/data/outcome.js';
import { terminationWords } from '../../../lib/pipeline/stage/termination-words.js';

t.test('each limit is named by the setting that changes it', (t) => {
  const settings = {
    firstByteTimeout: 'FIRST_BYTE_TIMEOUT',
    idleTimeout: 'IDLE_TIMEOUT',
    runTimeLimit: 'MAX_RUN_TIME',
    outputLimit: 'MAX_OUTPUT_BYTES',
  } as const;
  for (const [reason, setting] of Object.entries(settings) as [keyof typeof settings, string][]) {
    t.ok((settingKeys() as readonly string[]).includes(setting), setting);
    t.match(terminationWords(reason), new RegExp(`\\b${setting}\\b`));
    const line = resultLine({
      ok: false,
      bytes: 0,
      firstByteMs: undefined,
      durationMs: 1,
      terminationReason: reason,
      stages: [],
      failedStage: undefined,
    });
    t.match(line, `ended by the server: ${terminationWords(reason)}`);
    t.notMatch(line, reason);
  }
  t.end();
});
