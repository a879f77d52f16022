/**
 * The example sources as a running site, without build and installation: das2_srv_httpd from the sources, the readers run by Bun from
 * theirs.
 */
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE_PROGRAMS } from '../../conf/examples/programs.js';
import { BUN, MAIN, TOP } from '../examples/run-reader.js';
import { httpdProgram, startHttpd } from './httpd-driver.js';
import { temporaryFolder } from './temporary-folder.js';

/**
 * Starts the site; answers its own URL. `sources`: further definitions by id; `settings`: further lines of the configuration. `test` is the
 * tap test that ends its life.
 */
export async function startExampleSite(...site: Parameters<typeof exampleSite>): Promise<string> {
  return (await exampleSite(...site)).url;
}

/** The same, with the folder of the site. */
export async function exampleSite(
  test: { teardown(clean: () => unknown): unknown },
  sources: Readonly<Record<string, string>> = {},
  settings: readonly string[] = [],
): Promise<{ readonly url: string; readonly folder: string }> {
  const folder = temporaryFolder(test);
  for (const name of EXAMPLE_PROGRAMS) {
    chmodSync(folder.write(`bin/${name}`, `#!/bin/sh\nexec '${BUN}' '${MAIN}' ${name} "$@"\n`), 0o755);
  }
  cpSync(join(TOP, 'conf/datasets'), join(folder.path, 'datasets'), { recursive: true });
  for (const [id, text] of Object.entries(sources)) folder.write(`datasets/${id}.dsdf`, text);
  for (const name of ['log', 'state']) folder.write(`${name}/.keep`, '');
  cpSync(join(TOP, 'conf/passwd.example'), join(folder.path, 'etc/passwd'));
  cpSync(join(TOP, 'conf/group.example'), join(folder.path, 'etc/group'));
  const configuration = folder.write(
    'etc/das2server.conf',
    [
      'SITE_NAME = "Example site"',
      'SERVER_ID = tst',
      'DSDF_ROOT = ../datasets',
      `RESOURCE_PATH = "${join(TOP, 'conf/static')}"`,
      'BIN_PATH = ../bin',
      'LOG_PATH = ../log',
      'STATE_ROOT = ../state',
      'USER_PASSWD = passwd',
      'USER_GROUP = group',
      'WORK_QUEUE_BROKER = none',
      'MAX_PIPELINES_PER_IP = 20',
      ...settings,
      '',
    ].join('\n'),
  );
  const program = await httpdProgram();
  const server = await startHttpd(program, configuration);
  test.teardown(async () => {
    await server.stop();
    program.remove();
  });
  return { url: `http://${server.host}:${server.port}${server.mountPath}`, folder: folder.path };
}
