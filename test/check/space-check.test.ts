/** What the checker says of disks: full, nearly full, with room. */
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
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

t.test('room that exports leave free', async (t) => {
  const fixture = instance(t, { settings: { EXPORT_MIN_FREE: '2 GiB', EXPORT_ROOT: '../state/out/export' } });
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const found = (folder: string, bytes: number) => {
    const findings = new Findings('');
    checkSpace(configuration, findings, (asked) =>
      asked === join(fixture.stateRoot, folder) ? { bytes, files: undefined } : undefined,
    );
    return findings.list;
  };
  const refused = {
    severity: 'warning',
    subject: 'space',
    message: /^EXPORT_ROOT: 2047 MiB are left on the disk of .*, and exports leave 2048 MiB free \(EXPORT_MIN_FREE\)$/,
    clients: /exports are refused/,
    advice: /make room .* or lower EXPORT_MIN_FREE/,
  };
  t.match(found('out/export', 2047 * MEBIBYTE), [refused]);
  t.match(found('out', 2047 * MEBIBYTE), [refused], 'a folder that is not there yet');
  t.same(found('out/export', 2049 * MEBIBYTE), []);
  t.match(found('out/export', 4096), [{ severity: 'error', message: /is full/ }], 'one finding is enough');
});

t.test('what the system says', async (t) => {
  const fixture = instance(t);
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const findings = new Findings('');
  checkSpace(configuration, findings);
  const { bavail, bsize } = statfsSync(fixture.logPath);
  if (bavail * bsize > 6000 * MEBIBYTE)
    t.same(findings.list, [], 'there is room, and folders that are missing are no fault');
  else t.ok(findings.list.length > 0);
});
