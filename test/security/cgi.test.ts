/** Hostile requests through the CGI program (server-internals 8, 9: 63 to 70). */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodePercent } from '../../lib/request/query-string.js';
import { BIN } from '../tools/apache.js';
import { mainProgram, parseCgiOutput, requestEnvironment } from '../tools/cgi-driver.js';
import { runHostile } from './run-hostile.js';

if (existsSync(join(BIN, 'das2_srvcgi_main'))) process.env.DAS2SRV_BIN ||= BIN;
const program = await mainProgram();
t.teardown(() => program.remove());
const [command = '', ...words] = program.command;

await t.test('CGI program', (t) =>
  runHostile(t, {
    name: 'CGI program',
    everyNth: 7,
    parallel: 4,
    async send(site, request) {
      const { path = '', ...rest } = request;
      const environment = requestEnvironment(site, rest);
      if (path !== '') environment.PATH_INFO = decodePercent(path);
      // No web server can hand a NUL over.
      for (const [name, value] of Object.entries(environment)) environment[name] = value.replaceAll('\0', '');
      const child = spawn(command, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      const output: Buffer[] = [];
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
      child.stderr.on('data', (chunk) => {
        errors += String(chunk);
      });
      const status = await new Promise<number | null>((done, failed) => {
        child.on('error', failed);
        child.on('close', (code) => done(code));
      });
      if (errors !== '') throw new Error(`standard error: ${errors}`);
      return { ...parseCgiOutput(Buffer.concat(output), errors), aborted: status !== 0 };
    },
  }),
);
