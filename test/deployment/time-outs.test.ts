/** Web servers wait longer than the server itself does, or clients would get their words instead of ours (server-internals 8.6). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';

const CONF = resolve(import.meta.dirname, '../../conf');
const TIME_OUT = /(?:CGIDScriptTimeout |timeout=|(?:proxy|scgi)_(?:read|send)_timeout )(\d+)/g;

t.test('example files', (t) => {
  const configuration = new Configuration('', { file: '/srv/das2/etc/das2server.conf', prefix: '/srv/das2' });
  // The longest silence: waiting for a place, then for the first byte of the reader.
  const silence = (configuration.seconds('PIPELINE_WAIT') ?? 0) + (configuration.seconds('FIRST_BYTE_TIMEOUT') ?? 0);
  t.ok(silence > 300);
  for (const name of ['apache-das2', 'nginx-das2', 'nginx-das2-scgi']) {
    const text = readFileSync(resolve(CONF, `${name}.conf.example`), 'utf8');
    const found = [...text.matchAll(TIME_OUT)].map((match) => Number(match[1]));
    t.ok(found.length >= 2, name);
    for (const seconds of found) t.ok(seconds > silence, `${name}: ${seconds} s`);
  }
  t.end();
});
