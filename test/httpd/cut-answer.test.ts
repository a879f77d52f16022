/**
 * What the embedded server has sent in front of a cut has arrived. Bun holds bytes of which it says that they have been taken, so this
 * uses the executables of dist/bin where they are built.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BIN } from '../tools/apache.js';
import { dayOf, layOutFaultSite } from '../tools/fault-site.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import { sendHttp } from '../tools/raw-http.js';

if (existsSync(join(BIN, 'das2_srv_httpd'))) process.env.DAS2SRV_BIN ||= BIN;

t.test('a table that breaks off has its last line, which is no row', async (t) => {
  const program = await httpdProgram();
  const site = layOutFaultSite({});
  const httpd = await startHttpd(program, site.configurationFile);
  t.teardown(async () => {
    await httpd.stop();
    site.remove();
    program.remove();
  });
  site.writeSource('Breaks', `reader = 'points "$@" 40; echo tape broke >&2; exit 3; :'\ndas2Stream = 1\n`);
  for (const more of ['', '&resolution=2', '&resolution=2&planes=v']) {
    const { status, aborted, body } = await sendHttp(httpd, { query: `${dayOf('Breaks')}&csv=1${more}` });
    t.match({ status, aborted }, { status: 200, aborted: true }, more);
    t.match(body.toString(), /\nINCOMPLETE: tape broke \(request \w+\)\n$/, more);
  }
});
