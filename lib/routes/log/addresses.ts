/**
 * The list of addresses that have a log, the one that changed last first (server-internals 5.2). For those who see all logs.
 */
import { listLogFiles } from '../../log/log-files.js';
import { addressListMain } from '../../page/log-page.js';
import { jsonReply, textReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import { refusal } from './access.js';
import { type LogFacts, logPageReply } from './answer.js';

const MOST_ADDRESSES = 500;

/** The list as page, JSON or text. Throws the refusal of a viewer who may not see it. */
export function listLogAddresses(facts: LogFacts): Reply {
  const { server, request, viewer, query } = facts;
  if (!viewer.seesAll) throw refusal(viewer, 'the list of addresses');
  const rows = new Map<string, { who: string; changed: number; bytes: number }>();
  for (const { who, mtimeMs, size } of listLogFiles(server.configuration.path('LOG_PATH'))) {
    const row = rows.get(who) ?? { who, changed: mtimeMs, bytes: 0 };
    row.bytes += size;
    rows.set(who, row);
  }
  const latest = [...rows.values()].slice(0, MOST_ADDRESSES).map(({ who, changed, bytes }) => ({
    who,
    changed: new Date(changed).toISOString().slice(0, 19),
    bytes,
    link: `${request.mountPath}?ip=${encodeQueryValue(who)}`,
  }));
  if (query.format === 'json') {
    return jsonReply(request, { addresses: latest.map(({ link: _link, ...row }) => row), total: rows.size });
  }
  if (query.format === 'text') return textReply(request, latest.map(({ who }) => `${who}\n`).join(''));
  return logPageReply(facts, 'Logs of this server', addressListMain(latest, rows.size, request.mountPath));
}
