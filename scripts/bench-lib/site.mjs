/**
 * A small instance to measure requests on: 1,000 sources in 40 folders, one that passes a stream through, and the CGI
 * environment of a request to it.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgiEnvironment } from '../tools/cgi-environment.mjs';

export const SOURCES = 1000;
const FOLDERS = 40;

/** Lays out the instance in `root`; `streams` are {id, file, reducer?} whose reader prints that file. */
export function makeSite(root, streams) {
  for (const folder of ['etc', 'log', 'state', 'readers']) mkdirSync(path.join(root, folder), { recursive: true });
  for (let index = 0; index < SOURCES; index++) {
    const folder = path.join(root, 'datasets', `Group_${index % FOLDERS}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, `Source_${index}.dsdf`),
      `description = "Source number ${index} of the bench"\nreader = "true"\nvalidRange = "2000-01-01 to 2010-01-01"\n` +
        'exampleRange = "2001-01-01 to 2001-01-02"\n',
    );
  }
  for (const { id, file } of streams) {
    const reader = path.join(root, 'readers', id);
    writeFileSync(reader, `#!/bin/sh\nexec cat '${file}'\n`);
    chmodSync(reader, 0o755);
    writeFileSync(
      path.join(root, 'datasets', `${id}.dsdf`),
      `description = "A stream of the bench"\ndas2Stream = 1\nreader = "${reader}"\nvalidRange = "2000-01-01 to 2030-01-01"\n`,
    );
  }
  writeFileSync(
    path.join(root, 'etc/das2server.conf'),
    'SITE_NAME = Bench\nDSDF_ROOT = ../datasets\nLOG_PATH = ../log\nSTATE_ROOT = ../state\nWORK_QUEUE_BROKER = none\n',
  );
}

/** Environment in which a web server would start the program for one request. */
export function requestEnvironment(root, { query = '', pathInfo }) {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    DAS2_SERVER_CONF: path.join(root, 'etc/das2server.conf'),
    ...cgiEnvironment({ QUERY_STRING: query, HTTP_USER_AGENT: 'bench' }),
    ...(pathInfo === undefined ? {} : { PATH_INFO: pathInfo }),
  };
}
