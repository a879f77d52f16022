/**
 * A site with an archive of images behind das2_srv_httpd and das2_srv_arbiter: two records on line, one that a program brings back, and a source that
 * needs a sign-in. Real processes, asked by HTTP.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { httpdProgram, startHttpd } from '../../tools/httpd-driver.js';
import { buildProgram } from '../../tools/program.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

/** Records of the day 2020-06-01: on line with four images, off line, and a single file. */
export const DAY = 7457;
export const ITEM = (record: number, series = 'images') => `prog:cam,level:lev1,series:${series}[${record}]`;

/** Lays out the site and starts the server. */
export async function filesSite(t: Test, settings = '') {
  const folder = temporaryFolder(t);
  const at = (path: string) => join(folder.path, path);
  const definition = (series: string, more = '') =>
    `description = 'Images ${series}'\nreader = 'false'\ndas2Stream = 1\nbrowseProg = cam\nbrowseLevel = lev1\nbrowseSeries = ${series}\n` +
    `browseKind = files\nbrowseBlock = 1day\nvalidRange = '2020-06-01 to 2020-06-04'\n` +
    `recordPath = '${at('archive')}/$(SERIES)/$(LABEL)'\n${more}`;
  folder.write('datasets/README', 'x');
  folder.write('datasets/cam/images.dsdf', definition('images', 'itemsPerRecord = 4\n'));
  folder.write('datasets/cam/closed.dsdf', definition('closed', 'securityRealm = staff\nreadAccess = USER:somebody\n'));
  for (const [i, time] of ['1159', '1201', '1202', '1204'].entries()) {
    folder.write(`archive/images/2020.06.01/img_20200601T${time}_000${i}.fits`, `image ${i} `.repeat(1000 * (i + 1)));
  }
  folder.write('archive/images/2020.06.01/.hidden', 'x');
  folder.write('archive/closed/2020.06.01/a.fits', 'secret');
  folder.write('outside/secret.fits', 'secret');
  folder.write('state/inventory/cam/lev1/images/2020.inv', `${DAY + 1}^offline^600\n`);
  folder.write('log/.keep', '');
  const program = (name: string, script: string): void =>
    chmodSync(folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  program(
    'stage',
    `echo "$@" >>${at('staged')}\n[ -e ${at('broken')} ] && exit 4\nmkdir -p "$6"; for n in 0 1 2; do echo "back $n" >"$6/frame_000$n.fits"; done`,
  );
  program('post', `echo "$@" >>${at('mails')}; cat >>${at('mails')}`);
  const file = folder.write(
    'etc/das2server.conf',
    'DSDF_ROOT = ../datasets\nSTATE_ROOT = ../state\nLOG_PATH = ../log\nSITE_NAME = Test\nBIN_PATH = ../bin\n' +
      `EXPORT_MIN_FREE = 0\nSTAGE_CMD = stage now\nMAIL_CMD = post -x\nWORK_QUEUE_BROKER = spool\n${settings}`,
  );
  const [httpd, arbiter] = await Promise.all([httpdProgram(), buildProgram('das2_srv_arbiter', 'bin/srv_arbiter.ts')]);
  t.teardown(() => {
    httpd.remove();
    arbiter.remove();
  });
  const server = await startHttpd(httpd, file);
  t.teardown(() => server.stop());
  const url = (path: string) => `http://${server.host}:${server.port}/das/browse${path}`;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(url(path), { headers, redirect: 'manual' });
  const post = (path: string, form: readonly (readonly [string, string])[]) =>
    fetch(url(path), {
      method: 'POST',
      body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])),
      redirect: 'manual',
    });
  const work = () => {
    const [command = '', ...words] = arbiter.command;
    const run = spawnSync(command, [...words, '-c', file, '--once', '-n', '2'], { encoding: 'utf8' });
    t.equal(run.status, 0, run.stderr);
    return run.stderr;
  };
  /** Asks for an export, has it done, and gives its status. */
  const exported = async (items: readonly string[], more: readonly (readonly [string, string])[] = []) => {
    const answer = await post('/export', [...items.map((item) => ['sel', item] as const), ['method', 'url'], ...more]);
    t.equal(answer.status, 303, await answer.text());
    const id = (answer.headers.get('location') ?? '').replace(/.*\//, '');
    const log = work();
    return { id, log, status: await (await get(`/export/${id}.json`)).json() };
  };
  const lines = (name: string): string[] => {
    try {
      return readFileSync(at(name), 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  /** Everything in the archive with its times, to see that nothing writes there. */
  const archive = (): string[] =>
    (readdirSync(at('archive'), { recursive: true }) as string[])
      .sort()
      .map((name) => `${name} ${statSync(join(at('archive'), name)).mtimeMs}`);
  const put = (path: string, text: string | Uint8Array): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };
  return { at, url, get, post, exported, work, lines, archive, put };
}
