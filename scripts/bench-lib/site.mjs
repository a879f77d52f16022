/**
 * A small instance to measure requests on: 1,000 sources in 40 folders, one that passes a stream through, and the CGI
 * environment of a request to it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgiEnvironment } from '../tools/cgi-environment.mjs';

export const SOURCES = 1000;
const FOLDERS = 40;
const PATHS = '/usr/local/bin:/usr/bin:/bin';

const configurationOf = (root) => path.join(root, 'etc/das2server.conf');

/** Lays out the instance in `root`; `streams` are {id, file, cacheLevel?} whose reader prints that file. */
export function makeSite(root, streams) {
  for (const folder of ['etc', 'log', 'state', 'cache', 'readers'])
    mkdirSync(path.join(root, folder), { recursive: true });
  for (let index = 0; index < SOURCES; index++) {
    const folder = path.join(root, 'datasets', `Group_${index % FOLDERS}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, `Source_${index}.dsdf`),
      `description = "Source number ${index} of the bench"\nreader = "true"\nvalidRange = "2000-01-01 to 2010-01-01"\n` +
        'exampleRange = "2001-01-01 to 2001-01-02"\n',
    );
  }
  for (const { id, file, cacheLevel } of streams) {
    const reader = path.join(root, 'readers', id);
    writeFileSync(reader, `#!/bin/sh\nexec cat '${file}'\n`);
    chmodSync(reader, 0o755);
    writeFileSync(
      path.join(root, 'datasets', `${id}.dsdf`),
      `description = "A stream of the bench"\ndas2Stream = 1\nreader = "${reader}"\nvalidRange = "2000-01-01 to 2030-01-01"\n` +
        (cacheLevel === undefined ? '' : `cacheLevel_00 = "${cacheLevel}"\n`),
    );
  }
  writeFileSync(
    configurationOf(root),
    'SITE_NAME = Bench\nDSDF_ROOT = ../datasets\nLOG_PATH = ../log\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\n' +
      'WORK_QUEUE_BROKER = none\n',
  );
}

/** Builds the cache blocks of all levels of a source in the instance at `root`. */
export function buildCache(root, { bin, id, begin, end }) {
  execFileSync(path.join(bin, 'das2_srv_cache'), ['build', id, begin, end, 'ALL'], {
    env: { PATH: PATHS, DAS2_SERVER_CONF: configurationOf(root) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Environment in which a web server would start the program for one request. */
export function requestEnvironment(root, { query = '', pathInfo }) {
  return {
    PATH: PATHS,
    DAS2_SERVER_CONF: configurationOf(root),
    ...cgiEnvironment({ QUERY_STRING: query, HTTP_USER_AGENT: 'bench' }),
    ...(pathInfo === undefined ? {} : { PATH_INFO: pathInfo }),
  };
}
