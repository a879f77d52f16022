/**
 * `server=debug`: what an administrator wants to see of a running server (server-protocol 3.8, server-internals 8.4): settings, the
 * request as it was understood, version.
 *
 * Contract: a 404 like that of any unknown address, unless the client's address is in `VIEW_LOG_ALLOW` or the request carries
 * verified credentials of a member of `ADMIN_GROUP`. Secrets are masked; the environment and password material never appear.
 */
import { isAllowedAddress } from '../auth/address-rights.js';
import { Das2Error } from '../error.js';
import { type Html, html } from '../page/html.js';
import { page } from '../page/layout.js';
import { htmlReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { COMMIT, VERSION } from '../version.js';

/** Headers that hold credentials. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** Answers the page to those who may see it. */
export async function debugPage(context: ServerContext, request: Request): Promise<Reply> {
  const log = (line: string): void => context.log.line(line);
  if (await isAllowedAddress(request, 'VIEW_LOG_ALLOW', { configuration: context.configuration, log })) {
    context.notes.byAddress = true;
  } else if (!(await isAdministrator(context, request))) {
    throw new Das2Error('notFound', 'there is nothing at this address');
  }
  const headers = [...request.headers].map(([name, value]): [string, string] => [
    name,
    SECRET_HEADERS.has(name) ? '(hidden)' : value,
  ]);
  const main = html`
<h1>Server details</h1>
<p class="note">For administrators: this page is shown to allowed addresses and members of the administrators' group only.</p>
${table('Program', [
  ['Version', VERSION],
  ['Commit', COMMIT],
  ['Process', String(process.pid)],
  ['Running for', `${((Date.now() - context.startedAt) / 1000).toFixed(1)} s`],
])}
${table('Request', [
  ['Own URL', request.baseUrl],
  ['Mount path', request.mountPath],
  ['Path', request.path],
  ['Method', `${request.method} HTTP/${request.httpVersion}`],
  ['Client address', request.clientAddress],
  ['Browser', request.isBrowser ? 'yes' : 'no'],
  ['Request id', request.id],
])}
${table('Parameters', request.pairs)}
${table('Headers', headers)}
${table('Configuration', context.configuration.shownEntries())}
${table('Defaults of settings that are not written', await defaults(context))}
${table(
  'Warnings',
  context.configuration.warnings.map((warning): [string, string] => ['', warning]),
)}`;
  return htmlReply(request, page(context.configuration, request, { title: 'Server details', main }), {
    headers: [['Cache-Control', 'no-store']],
  });
}

async function isAdministrator(context: ServerContext, request: Request): Promise<boolean> {
  const { configuration } = context;
  const group = configuration.text('ADMIN_GROUP');
  if (group === undefined || !request.headers.has('authorization')) return false;
  const { verifiedMember } = await import('../auth/read-access.js');
  const log = (line: string): void => context.log.line(line);
  const user = await verifiedMember(group, { applicant: request, configuration, now: request.receivedAt, log });
  if (user !== undefined) context.notes.user = user;
  return user !== undefined;
}

/** What holds where nothing is written: a value, or in words how it is found. */
async function defaults({ configuration }: ServerContext): Promise<[string, string][]> {
  const { SETTING_MEANINGS } = await import('../conf/setting-meanings.js');
  return configuration
    .shownDefaults()
    .map(([key, value]) => [key, value ?? SETTING_MEANINGS[key].otherwise ?? '(none)']);
}

function table(title: string, rows: readonly (readonly [string, string])[]): Html | undefined {
  if (rows.length === 0) return undefined;
  return html`<section>
<h2>${title}</h2>
<table>
${rows.map(
  ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
)}</table>
</section>`;
}
