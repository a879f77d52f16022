/**
 * `server=peers`: other das2 servers as XML (server-protocol 3.6). Autoplot uses the text of `<url>` untrimmed, so nothing but the
 * address stands between its tags.
 */
import { readPeers } from '../conf/peers.js';
import { escapeHtml } from '../page/html.js';
import { textReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';

/** Answers the peers of `PEERS_FILE`: none if it is not set, a fault of the configuration if it cannot be read. */
export function listPeers(context: ServerContext, request: Request): Reply {
  const file = context.configuration.path('PEERS_FILE');
  const peers = file === undefined ? [] : readPeers(file, (line) => context.log.line(line));
  let servers = '';
  for (const { name, url, description } of peers) {
    servers +=
      `    <server>\n      <name>${text(name)}</name>\n` +
      (url === undefined ? '' : `      <url>${text(url)}</url>\n`) +
      (description === undefined ? '' : `      <description>${text(description)}</description>\n`) +
      '    </server>\n';
  }
  const style = escapeHtml(`${request.mountPath}/static/das2server.xsl`);
  const xml =
    '<?xml version="1.0" encoding="UTF-8" ?>\n' +
    `<?xml-stylesheet type="text/xsl" href="${style}"?>\n` +
    `<das2server>\n  <peers>\n${servers}  </peers>\n</das2server>\n`;
  return textReply(request, xml, { contentType: 'text/xml; charset=utf-8' });
}

/** Text of an element; characters that XML 1.0 forbids are left out. */
function text(value: string): string {
  return value
    .replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
