/** Instances for the tests of the checker, a sound source, and what it reports. */
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type CheckReport, checkAll } from '../../lib/check/check.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';

/** A reader that gives a packet of two numbers; more than 100 s of it are not asked for. */
export const SOUND_READER = `
packet() { printf '%s%06d%s' "$1" "$(printf '%s' "$2" | wc -c)" "$2"; }
packet '[00]' '<stream version="2.2" />
'
packet '[01]' '<packet><x type="time20" units="us2000"/><y type="ascii14" units="V" name="a"/></packet>
'
printf ':01:2017-01-01T00:00:01    1.0000e+00\\n:01:2017-01-01T00:00:02    2.0000e+00\\n'
`;

/** The definition of a sound source, with more lines behind it. */
export const sound = (more = ''): string =>
  `description = 'Sound'\nreader = sound_rdr\ndas2Stream = 1\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n${more}`;

/** An instance with the sources of a test and no others; with one sound source if none are given. */
export function instance(
  t: Test,
  options: { readonly settings?: Record<string, string | undefined>; readonly sources?: Record<string, string> } = {},
): ProtocolFixture {
  const fixture = layOutProtocolFixture({
    settings: { D2S_REDUCER: undefined, D2S_TO_UTF8: undefined, ...options.settings },
  });
  t.teardown(() => fixture.remove());
  // Only the sources of the test count.
  for (const folder of ['Examples', 'Plain', 'Void']) removeFolder(join(fixture.dsdfRoot, folder));
  fixture.writeProgram('sound_rdr', SOUND_READER);
  for (const [id, content] of Object.entries(options.sources ?? { 'A/Sound': sound() }))
    fixture.writeSource(id, content);
  chmodSync(fixture.passwdFile, 0o640);
  return fixture;
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** What the checker reports of an instance. */
export function check(
  fixture: ProtocolFixture,
  options: Partial<Parameters<typeof checkAll>[0]> = {},
): Promise<CheckReport> {
  return checkAll({
    configuration: loadConfiguration({ file: fixture.configurationFile, environment: {} }),
    environment: {},
    account: undefined,
    accountIsGuess: false,
    sources: [],
    runReaders: true,
    jobs: 2,
    timeout: 30,
    url: undefined,
    progress: () => {},
    ...options,
  });
}

/** `severity code` of each finding about a subject. */
export function codes(report: CheckReport, subject: string): string[] {
  return report.findings
    .filter((finding) => finding.subject === subject)
    .map(({ severity, code }) => `${severity} ${code}`);
}
