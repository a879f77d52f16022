/** What the checker says of disks: full, nearly full, with room. */
import { statfsSync } from 'node:fs';
import t from 'tap';
import { Findings } from '../../lib/check/findings.js';
import { checkSpace, type Room } from '../../lib/check/space-check.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { instance } from './check-instance.js';

const MEBIBYTE = 1024 ** 2;

t.test('room for what the server writes', async (t) => {
  const fixture = instance(t, { settings: { CACHE_ROOT: '../cache' } });
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const found = (rooms: Readonly<Record<string, Room>>) => {
    const findings = new Findings('');
    checkSpace(configuration, findings, (folder) => rooms[folder]);
    return findings.list;
  };
  const much = { bytes: 1e12, files: undefined };
  t.same(found({ [fixture.logPath]: much, [fixture.stateRoot]: { bytes: 1e12, files: 5000 } }), []);
  t.match(
    found({ [fixture.logPath]: { ...much, bytes: 4096 }, [fixture.stateRoot]: { bytes: 5.5 * MEBIBYTE, files: 9e9 } }),
    [
      {
        severity: 'error',
        subject: 'space',
        message: `LOG_PATH: the disk of ${fixture.logPath} is full`,
        clients: /logs/,
      },
      { severity: 'warning', message: /^STATE_ROOT: 5 MiB are left on /, advice: /make room/ },
    ],
  );
  t.match(found({ [fixture.stateRoot]: { ...much, files: 0 }, [fixture.logPath]: { ...much, files: 12 } }), [
    { severity: 'warning', message: /^LOG_PATH: room for 12 files is left / },
    { severity: 'error', message: /is full: no file can be made$/ },
  ]);
});

t.test('what the system says', async (t) => {
  const fixture = instance(t);
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const findings = new Findings('');
  checkSpace(configuration, findings);
  const { bavail, bsize } = statfsSync(fixture.logPath);
  if (bavail * bsize > 1000 * MEBIBYTE)
    t.same(findings.list, [], 'there is room, and folders that are missing are no fault');
  else t.ok(findings.list.length > 0);
});
