/** Reason phrases: each status that the sources name has its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { ERROR_TABLE } from '../../lib/error.js';
import { reasonPhrase } from '../../lib/reply/status.js';

const LIB = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../lib');

t.test('each status has a reason phrase', async (t) => {
  const statuses = new Set(Object.values(ERROR_TABLE).map(({ status }) => status));
  for (const name of readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(join(LIB, name), 'utf8');
    for (const [, status] of text.matchAll(/\bstatus: ([2-5]\d\d)\b/g)) statuses.add(Number(status));
  }
  t.ok(statuses.has(406) && statuses.has(422));
  for (const status of statuses) t.not(reasonPhrase(status), 'Status', String(status));
  t.equal(reasonPhrase(299), 'Status');
});
