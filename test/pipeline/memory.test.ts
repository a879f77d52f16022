/**
 * Memory does not depend on the length of the data: long answers through the built program, plain, reduced and to a slow
 * client, and a reader that floods standard error. The peak is the system's own count for the program.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BIN } from '../tools/apache.js';
import { requestEnvironment } from '../tools/cgi-driver.js';
import { dayOf, layOutFaultSite } from '../tools/fault-site.js';
import { runProgram } from '../tools/program.js';

const LIMIT_KB = 150_000;
const program = join(BIN, 'das2_srvcgi_main');
const isMissing = !existsSync(program) || !existsSync('/usr/bin/time');

if (isMissing) {
  t.pass('skipped: das2_srvcgi_main is not built, or there is no /usr/bin/time', { skip: true });
} else {
  const site = layOutFaultSite({ MAX_OUTPUT_BYTES: '0', IDLE_TIMEOUT: '60', FIRST_BYTE_TIMEOUT: '60' });
  t.teardown(() => site.remove());
  site.writeSource('Long', 'reader = "many-bytes 1073741824; :"\ndas2Stream = 1\n');
  site.writeSource('Flood', 'reader = "flood-errors 1073741824; :"\ndas2Stream = 1\n');

  /** Runs a request; `consumer` is a shell command that takes the answer. */
  const run = async (query: string, consumer: string): Promise<{ output: string; peak: number }> => {
    const command = ['/bin/sh', '-c', `/usr/bin/time -f 'peak %M' ${program} | ${consumer}`];
    const environment = requestEnvironment(site, { query });
    const { output, errors } = await runProgram({ command, remove() {} }, [], { environment });
    return { output, peak: Number(/peak (\d+)/.exec(errors)?.[1] ?? Number.NaN) };
  };

  t.test('a gigabyte as it is', async (t) => {
    const { output, peak } = await run(dayOf('Long'), 'wc -c');
    t.ok(Number(output) > 1_073_741_824);
    t.ok(peak < LIMIT_KB, `${peak} kB`);
  });
  t.test('to a client that pauses', async (t) => {
    const { output, peak } = await run(dayOf('Long'), '(head -c 3000000 | wc -c; sleep 2; head -c 9000000 | wc -c)');
    t.equal(output, '3000000\n9000000\n');
    t.ok(peak < LIMIT_KB, `${peak} kB`);
  });
  t.test('a gigabyte on standard error', async (t) => {
    const { output, peak } = await run(dayOf('Flood'), 'tail -c 35');
    t.equal(output, '[00]000025<stream version="2.2" />\n');
    t.ok(peak < LIMIT_KB, `${peak} kB`);
  });
}
