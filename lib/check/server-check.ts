/**
 * Asks a running server over HTTP and compares with what this configuration says: is it this instance, does the web server
 * pass on what das2 clients need and leave alone what they cannot bear (server-protocol 1.1, design 3).
 */
import { utf8Text } from '../bytes.js';
import type { Configuration } from '../conf/configuration.js';
import { sameServer } from '../request/own-url.js';
import { encodeQueryValue } from '../request/query-string.js';
import type { SourceTree } from '../source/tree/source-tree.js';
import { validateStream } from '../stream/validator/validator.js';
import type { Findings } from './findings.js';
import { exactHeader, type PlainRequest, type PlainResponse, plainRequest } from './plain-http.js';
import type { RunnableSource } from './source-check.js';

export interface ServerCheck {
  /** Address of the main program, without query. */
  readonly url: string;
  readonly configuration: Configuration;
  readonly tree: SourceTree;
  /** Sources that can be asked for data. */
  readonly runnable: readonly RunnableSource[];
  readonly timeout: number;
}

/** libdas2 reads status line and headers into 2048 bytes. */
const HEADER_LIMIT = 2000;
/** What no das2 client compares without case (T2). */
const EXACT_NAMES = ['Content-Type', 'Content-Disposition', 'Location', 'WWW-Authenticate'];

type Ask = (request: Omit<PlainRequest, 'url' | 'timeoutMs'> & { readonly path?: string }) => Promise<PlainResponse>;

/** Checks the server at `url`. */
export async function checkServer(facts: ServerCheck, all: Findings): Promise<void> {
  const findings = all.about('server');
  const ask: Ask = async ({ path = '', ...request }) => {
    const response = await plainRequest({
      ...request,
      url: `${facts.url.replace(/\/+$/, '')}${path}`,
      timeoutMs: facts.timeout * 1000,
    });
    checkHeaders(response, request.query ?? path, findings);
    return response;
  };
  try {
    const id = await ask({ query: '?server=id' });
    if (id.status !== 200) {
      findings.error('no-server', `server=id gets status ${id.status}`, {
        clients: 'find no das2 server at this address',
        advice: 'see the log of the web server; is the address that of the main program (/das/server)?',
      });
      return;
    }
    checkIdentity(id, facts, findings);
    await checkOwnUrl(ask, facts, findings);
    await checkList(ask, facts, findings);
    await checkArguments(ask, findings);
    await checkCredentials(ask, findings);
    await checkHead(ask, findings);
    await checkData(ask, facts, findings);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    findings.error('no-server', `no answer: ${reason}`, {
      clients: 'cannot reach the server',
      advice: /certificate/.test(reason)
        ? 'renew the certificate in the web server, or let this program trust the authority by NODE_EXTRA_CA_CERTS'
        : 'see whether the web server runs and listens at this address (its error log; systemctl status)',
    });
  }
}

function checkHeaders(response: PlainResponse, what: string, findings: Findings): void {
  const name = what.slice(0, 80);
  if (response.headerBytes > HEADER_LIMIT) {
    findings.error('long-headers', `${name}: ${response.headerBytes} bytes of headers`, {
      clients: 'libdas2 reads 2048 bytes and fails',
      advice: 'see which headers the web server adds (mod_headers)',
    });
  }
  for (const exact of EXACT_NAMES) {
    const other = response.headers.find(([key]) => key !== exact && key.toLowerCase() === exact.toLowerCase());
    if (other !== undefined) {
      findings.error('header-case', `${name}: the header ${exact} is sent as ${other[0]}`, {
        clients: 'libdas2 compares letter by letter and does not find it',
        advice: 'see which proxy in front of the server changes names',
      });
    }
  }
  if (response.isCut) findings.error('cut', `${name}: the answer is cut`);
}

function checkIdentity(id: PlainResponse, { configuration }: ServerCheck, findings: Findings): void {
  const expected = configuration.text('SITE_NAME') ?? configuration.text('SERVER_ID');
  const answered = id.body.toString('utf8').trim();
  if (expected !== undefined && answered !== expected) {
    findings.warning(
      'other-server',
      `the server calls itself '${answered.slice(0, 80)}', this configuration '${expected}'`,
      {
        advice: 'is it another instance, or started with another configuration (DAS2_SERVER_CONF)?',
      },
    );
  }
}

/** Redirects, JSON documents and the calls on pages carry the address that the server takes for its own (server-protocol 1.3). */
async function checkOwnUrl(ask: Ask, { url, configuration }: ServerCheck, findings: Findings): Promise<void> {
  // With SERVER_URL it is the public one, whatever address the check takes.
  const named = configuration.text('SERVER_URL');
  if (named !== undefined) {
    if (!URL.canParse(named) || !sameServer(named, url)) {
      findings.note('own-url', `links in answers lead to ${named.slice(0, 200)} (SERVER_URL), which was not asked`, {
        advice: 'if that address is out of date, correct it; else check it as well, with --cgi',
      });
    }
    return;
  }
  const path = '/services.json';
  const answer = (await ask({ path })).body.toString('utf8');
  const own = /"services":\{[^}]*"_reference":"([^"]*)\/services\.json"/.exec(answer)?.[1];
  if (own === undefined) return;
  if (sameServer(own, url) && new URL(own).protocol === new URL(url).protocol) return;
  findings.warning('own-url', `the server takes ${own.slice(0, 200)} for its own address`, {
    clients: 'are redirected there, and find it in pages and documents',
    advice: 'set SERVER_URL, or let the proxy hand the host and the scheme on and name it in TRUSTED_PROXIES',
  });
}

async function checkList(ask: Ask, { tree }: ServerCheck, findings: Findings): Promise<void> {
  const answer = await ask({ query: '?server=list' });
  if (answer.status !== 200) {
    findings.error('list', `server=list gets status ${answer.status}`, { clients: 'see no sources' });
    return;
  }
  const own = new Set(lines((await tree.list()).body));
  const theirs = new Set(lines(answer.body));
  const missing = [...own].filter((line) => !theirs.has(line));
  const more = [...theirs].filter((line) => !own.has(line));
  if (missing.length + more.length === 0) return;
  const example = missing.length > 0 ? `it lacks ${missing[0]}` : `it has ${more[0]}`;
  findings.warning(
    'other-list',
    `the list of the server differs in ${missing.length + more.length} lines: ${example}`,
    {
      advice: 'compare rights of the accounts on DSDF_ROOT and the configuration of the server',
    },
  );
}

/** A query without `=` reaches CGI programs as arguments. */
async function checkArguments(ask: Ask, findings: Findings): Promise<void> {
  const answer = await ask({ query: '?--version' });
  const type = exactHeader(answer, 'Content-Type') ?? '';
  if (answer.status !== 200 || !type.startsWith('text/html')) {
    findings.error(
      'arguments',
      `?--version gets status ${answer.status}, ${type || 'no type'}, instead of the landing page`,
      {
        clients: 'can give options to the program',
        advice: 'see that GATEWAY_INTERFACE reaches the program',
      },
    );
  }
}

/** Answers to requests with credentials carry no CORS headers: by that we see whether the credentials have arrived. */
async function checkCredentials(ask: Ask, findings: Findings): Promise<void> {
  const without = await ask({ query: '?server=id' });
  const withThem = await ask({ query: '?server=id', headers: { Authorization: 'Basic Y2hlY2s6Y2hlY2s=' } });
  const isOpen = (response: PlainResponse) => exactHeader(response, 'Access-Control-Allow-Origin') !== undefined;
  if (isOpen(without) && isOpen(withThem)) {
    findings.error('no-credentials', 'the web server does not pass the header Authorization on', {
      clients: 'get 401 for protected sources, whatever password they send',
      advice:
        'Apache: CGIPassAuth On for this address (a RewriteRule that hands it on must stand in each virtual host)',
    });
  } else if (!isOpen(without)) {
    findings.warning('headers', 'answers come without Access-Control-Allow-Origin', {
      clients: 'pages of other sites cannot read public data',
      advice: 'see whether the web server or a proxy removes or adds headers',
    });
  }
}

async function checkHead(ask: Ask, findings: Findings): Promise<void> {
  const whole = await ask({ query: '?server=list' });
  const head = await ask({ query: '?server=list', method: 'HEAD' });
  if (head.status !== whole.status) findings.warning('head', `HEAD gets status ${head.status}, GET ${whole.status}`);
  if (exactHeader(whole, 'Content-Length') === undefined) {
    findings.note('content-length', 'the web server drops Content-Length', {
      advice: 'Apache 2.4.59 and later: SetEnv ap_trust_cgilike_cl 1',
    });
  }
  const slash = await ask({ path: '/source%2F' });
  const plain = await ask({ path: '/source/' });
  if (slash.status === 404 && plain.status !== 404) {
    findings.note('encoded-slashes', 'addresses with %2F are refused', {
      advice: 'Apache: AllowEncodedSlashes On, in each virtual host',
    });
  }
}

/** One stream, as an HTTP/1.0 client and as one that would take a compressed answer. */
async function checkData(ask: Ask, { runnable }: ServerCheck, findings: Findings): Promise<void> {
  const found = runnable.find(({ source, examples }) => source.readAccess === undefined && examples.length > 0);
  const example = found?.examples[0];
  if (found === undefined || example === undefined) return;
  const query =
    `?server=dataset&dataset=${encodeQueryValue(found.source.id)}` +
    `&start_time=${encodeQueryValue(example.beginText)}&end_time=${encodeQueryValue(example.endText)}` +
    (example.interval === undefined
      ? `&resolution=${example.resolution}`
      : `&interval=${encodeQueryValue(example.interval)}`) +
    (example.params === undefined ? '' : `&params=${encodeQueryValue(example.params)}`);
  const old = await ask({ query, version: '1.0' });
  if (old.status !== 200) {
    findings.error('data', `${found.source.id}: its example gets status ${old.status}: ${text(old)}`, {
      clients: 'get the same',
      advice: 'the log of the server has the request; does the example run here?',
    });
    return;
  }
  if (old.isChunked) {
    findings.error('chunked', 'an HTTP/1.0 client gets a chunked answer', {
      clients: 'libdas2 takes the sizes of chunks for data',
      advice: 'see which proxy in front of the server does that',
    });
  }
  if (found.source.kind !== 'qstream') checkStream(old, found.source.id, findings);
  const modern = await ask({ query, headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
  const coding = exactHeader(modern, 'Content-Encoding');
  if (coding !== undefined) {
    findings.error('coding', `the web server compresses das2 streams (${coding})`, {
      clients: 'no das2 client undoes that',
      advice: 'Apache: SetEnv no-gzip 1 for this address',
    });
  }
}

function checkStream(answer: PlainResponse, id: string, findings: Findings): void {
  const validator = validateStream({ findingsPerRule: 1 });
  validator.push(answer.body);
  const report = validator.end();
  const [first] = report.findings.filter(({ severity }) => severity === 'violation');
  // Of a long stream only the begin is kept, and its end is in the middle of a packet.
  if (first !== undefined && answer.body.length < 8 << 20) {
    findings.error(
      'bad-stream',
      `${id}: what the server sends is no proper stream: ${first.message} (byte ${first.offset})`,
      {
        clients: 'fail or show wrong values',
      },
    );
  }
}

function lines(body: Uint8Array): string[] {
  return utf8Text(body)
    .split('\r\n')
    .filter((line) => line !== '');
}

function text(response: PlainResponse): string {
  return response.body
    .toString('utf8')
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 300);
}
