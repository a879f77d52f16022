/**
 * Requests that want to do harm, more than two thousand, the same ones each time: every payload in every place and coding, and
 * valid requests with random damage. `pwned` is a file that shell payloads try to make; `root` is the top of the site, which
 * no client should know, but may.
 */
import type { RequestSpec } from '../tools/protocol-driver.js';

export interface HostileRequest extends RequestSpec {
  /** What it tries. */
  readonly kind: string;
}

/** In every hostile text, so that it can be found wherever it turns up. */
export const MARK = 'EVIL';

const TIMES = 'start_time=2017-01-01&end_time=2017-01-02';
const READERS = ['Canary', 'CanaryShell', 'CanaryMacro', 'CanaryInterval', 'CanaryReduced'];

/** All requests, in a fixed order. */
export function hostileRequests(pwned: string, root: string): HostileRequest[] {
  return [
    ...shellRequests(pwned),
    ...traversalRequests(root),
    ...injectionRequests(),
    ...shapeRequests(),
    ...methodRequests(),
    ...byteRequests(),
    ...credentialRequests(),
    ...hapiRequests(pwned),
    ...damagedRequests(),
  ];
}

function shellPayloads(pwned: string): string[] {
  const command = `touch ${pwned}`;
  return [
    `;${command};`,
    `| ${command}`,
    `|| ${command}`,
    `& ${command}`,
    `&& ${command}`,
    `$(${command})`,
    `\`${command}\``,
    `\n${command}\n`,
    `\r\n${command}`,
    `> ${pwned}`,
    `>> ${pwned}`,
    `< /etc/passwd`,
    `<(${command})`,
    `a' ; ${command}; '`,
    `a" ; ${command}; "`,
    `'$(${command})'`,
    `"$(${command})"`,
    `"\`${command}\`"`,
    `\\$(${command})`,
    `\\\n${command}`,
    `{touch,${pwned}}`,
    `$IFS;touch$IFS${pwned}`,
    `$\{IFS}${command}`,
    `$'\\n'${command}`,
    `\0;${command}`,
    `*`,
    `?`,
    `~root`,
    `!!`,
    `#${MARK}`,
    `-rf`,
    `--config=/etc/passwd`,
    `-e system("${command}")`,
    `%n%s%x`,
    `eval ${command}`,
    `exec ${command}`,
    `'unbalanced`,
    `"unbalanced`,
    `trailing\\`,
    `PATH=${pwned}`,
    `\u037e${command}`,
    `\uff1b${command}`,
    `\u2028${command}`,
    `\u202e${command}`,
    `__proto__`,
    `constructor`,
    `$(PARAMS)$(THIS_FILE)$(USER_PASSWD)`,
    `\${USER_PASSWD}`,
  ].map((payload) => `${MARK}${payload}`);
}

/** As a careful client, as one that encodes everything, and as one that encodes twice. */
const CODINGS: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text),
  (text) => everyByte(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
];

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function shellRequests(pwned: string): HostileRequest[] {
  const requests: HostileRequest[] = [];
  const places = ['params', 'start_time', 'end_time', 'resolution', 'interval', 'dataset', 'ascii', 'free', 'server'];
  let turn = 0;
  for (const payload of shellPayloads(pwned)) {
    for (const place of places) {
      for (const coding of CODINGS) {
        const values: Record<string, string> = {
          server: 'dataset',
          dataset: READERS[turn++ % READERS.length] ?? 'Canary',
          start_time: '2017-01-01',
          end_time: '2017-01-02',
          interval: '60',
        };
        if (turn % 9 === 0) values.server = 'image';
        values[place] = place === 'dataset' ? `Canary${coding(payload)}` : coding(payload);
        requests.push({ kind: 'shell', query: queryOf(values) });
      }
    }
    requests.push({ kind: 'shell', path: `/data/Canary${encodeURIComponent(payload)}`, query: TIMES });
    requests.push({
      kind: 'shell',
      path: '/data/CanaryShell',
      query: `${TIMES}&params~${encodeURIComponent(payload)}=on`,
    });
    requests.push({ kind: 'shell', query: encodeURIComponent(payload) });
  }
  return requests;
}

function queryOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
}

const UP = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..%5c',
  '..\\',
  '%252e%252e%252f',
  '%c0%ae%c0%ae/',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '....//',
  './../',
  '..;/',
  '%2e./',
  '..%00/',
  '..%ef%bc%8f',
];

function traversalRequests(root: string): HostileRequest[] {
  const kind = 'traversal';
  const requests: HostileRequest[] = [];
  const targets = ['etc/passwd', 'etc/das2server.conf', 'outside/Evil', 'outside/Evil.dsdf', 'log/canary'];
  for (const up of UP) {
    for (const target of targets) {
      for (const depth of [1, 3]) {
        const way = `${up.repeat(depth)}${target}`;
        requests.push({ kind, query: `server=dsdf&dataset=${way.replaceAll('\\', '%5c')}` });
        requests.push({ kind, query: `server=dataset&${TIMES}&dataset=Examples/${way.replaceAll('\\', '%5c')}` });
        const prefix = ['static', 'data', 'source', 'coverage', 'cite'][requests.length % 5] ?? 'static';
        requests.push({ kind, path: `/${prefix}/${way}`, query: TIMES });
        requests.push({ kind, path: `/static/${way}` });
      }
    }
  }
  const wholes = [
    `${root}/etc/passwd`,
    `${root}/datasets/Canary`,
    `${root}/outside/Evil`,
    '/etc/hostname',
    'file:///etc/hostname',
    '//etc/hostname',
    '/proc/self/environ',
    '/dev/zero',
    'Canary/../../outside/Evil',
    'Canary%00',
    'Canary%00.dsdf',
    'Canary.dsdf.dsdf',
    'Canary/',
    '/Canary',
    '_dirinfo_',
    '.hidden',
    'Canary.',
    'linked/Evil',
    'linked-file',
    'CON',
    `${'a/'.repeat(130)}x`,
    'x'.repeat(256),
  ];
  for (const whole of wholes) {
    requests.push({ kind, query: `server=dsdf&dataset=${whole}` });
    requests.push({ kind, query: `server=dataset&${TIMES}&dataset=${whole}` });
    requests.push({ kind, query: `server=image&${TIMES}&dataset=${whole}` });
    for (const prefix of ['static', 'source', 'data', ''])
      requests.push({ kind, path: `/${prefix}/${whole}`, query: TIMES });
    requests.push({ kind, path: `/${whole}`, query: 'server=dsdf' });
  }
  return requests;
}

const BREAKS = [
  '%0d%0a',
  '%0a',
  '%0d',
  '%00',
  '%0b',
  '%e5%98%8a%e5%98%8d',
  '%250d%250a',
  '%c2%85',
  '%e2%80%a8',
  '%c4%8d%c4%8a',
];

function injectionRequests(): HostileRequest[] {
  const kind = 'injection';
  const requests: HostileRequest[] = [];
  for (const br of BREAKS) {
    const evil = `${MARK}${br}X-Evil:%20yes${br}${br}%3Cscript%3Ealert(1)%3C/script%3E`;
    const keys = ['dataset', 'start_time', 'end_time', 'params', 'resolution', 'interval', 'server', 'free', evil];
    for (const key of keys) {
      requests.push({ kind, query: `server=dataset&dataset=Moved&${TIMES}&${key}=${evil}` });
      requests.push({ kind, query: `server=dataset&dataset=Foreign&${TIMES}&${key}=${evil}` });
      requests.push({ kind, query: `server=dsdf&dataset=Moved&${key}=${evil}`, headers: BROWSER });
    }
    requests.push({ kind, path: `/source/Moved${evil}` });
    requests.push({ kind, path: `/static/${evil}.css` });
    requests.push({ kind, path: `/${evil}` });
  }
  const values = [
    'x.org/evil?',
    '"><script>alert(1)</script>',
    `${MARK} \t y`,
    'a@b:99999',
    '[::1',
    'das.example.org:80, evil.org',
    'x'.repeat(3000),
    '\x7f\x01',
    'é'.repeat(100),
    '*, "a", W/"b", *',
    'gzip;q=1e99, *;q=-1, ;;;,,,',
    '() { :; }; touch /tmp/x',
    '-1',
  ];
  const names = [
    'Host',
    'User-Agent',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'Forwarded',
    'If-None-Match',
    'If-Modified-Since',
    'Accept-Encoding',
    'Accept',
    'Origin',
    'Referer',
    'Range',
    'Cookie',
    'Proxy',
  ];
  for (const name of names) {
    for (const value of values) {
      const query = ['server=list', 'server=dsdf&dataset=Moved', `server=dataset&dataset=Canary&${TIMES}`, ''].at(
        requests.length % 4,
      );
      requests.push({ kind, ...(query === '' ? {} : { query }), headers: { [name]: value } } as HostileRequest);
    }
  }
  return requests;
}

const BROWSER = { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/120.0' };

function shapeRequests(): HostileRequest[] {
  const kind = 'shape';
  const requests: HostileRequest[] = [];
  const good = `server=dataset&dataset=Canary&${TIMES}`;
  for (const key of ['server', 'dataset', 'start_time', 'end_time', 'resolution', 'params', 'ascii']) {
    requests.push({ kind, query: `${good}&${key}=1&${key}=2` });
    requests.push({ kind, query: `${key}=&${good}&${key}=${MARK}` });
    requests.push({ kind, query: `${good};${key}=${MARK};${key}=b` });
    requests.push({ kind, query: `${good}&${key}[]=1&${key}[a]=2&${key.toUpperCase()}=3` });
    for (const size of [1000, 2100, 8000, 9000, 20_000]) {
      requests.push({ kind, query: `${good}&${key}=${'A'.repeat(size)}` });
    }
  }
  for (const count of [63, 64, 65, 200, 1500]) {
    requests.push({ kind, query: `${good}${'&a=b'.repeat(count)}` });
    requests.push({ kind, query: `${good}${';a=b'.repeat(count)}` });
    requests.push({ kind, query: `${good}&params=${'w+'.repeat(count)}` });
    requests.push({ kind, path: '/'.repeat(count) });
    requests.push({ kind, path: `/source/${'d/'.repeat(count)}` });
  }
  for (const query of [
    '&',
    '&&&&',
    '=',
    '====',
    '&=&=',
    ';',
    '?',
    '??server=list',
    '%',
    '%%%',
    '%zz=%zz',
    '+',
    '#',
    'server',
  ]) {
    requests.push({ kind, query });
    requests.push({ kind, query, path: '/data/Canary' });
  }
  const bounds = ['start', 'stop', 'time.min', 'time.max', 'reader.x.min', 'read.time.max', 'stop_time'];
  for (const bound of bounds) {
    requests.push({ kind, query: `server=dataset&dataset=Secret&${TIMES}&${bound}=1900-01-01` });
    requests.push({ kind, query: `server=dataset&dataset=Canary&${bound}=2017-01-01` });
  }
  for (const number of [
    '1e999',
    '-0',
    'NaN',
    'Infinity',
    '0x10',
    '1_0',
    '1e-400',
    '٣',
    '1;2',
    '00000000000000000001',
    '.',
    'e5',
  ]) {
    requests.push({ kind, query: `${good}&resolution=${encodeURIComponent(number)}` });
    requests.push({
      kind,
      query: `server=dataset&dataset=CanaryInterval&${TIMES}&interval=${encodeURIComponent(number)}`,
    });
  }
  for (const time of [
    '9999-99-99',
    '0000-00-00',
    '-1',
    '99999999999999999999',
    'now',
    '2017-01-01T99:99:99',
    `2017${MARK}`,
    '2017-001T',
  ]) {
    requests.push({ kind, query: `server=dataset&dataset=Canary&start_time=${time}&end_time=2018-01-01` });
  }
  return requests;
}

function methodRequests(): HostileRequest[] {
  const methods = [
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'PROPFIND',
    'MKCOL',
    'COPY',
    'MOVE',
    'LOCK',
    'SEARCH',
    'PURGE',
    'get',
    'Get',
    'GETS',
    'XYZZY',
    'LIST',
    'M-SEARCH',
  ];
  return methods.flatMap((method) =>
    ['server=list', `server=dataset&dataset=Canary&${TIMES}`, 'server=debug'].flatMap((query) => [
      { kind: 'method', method, query },
      { kind: 'method', method, path: '/static/das2server.css' },
    ]),
  );
}

function byteRequests(): HostileRequest[] {
  const random = randomNumbers(20170101);
  const requests: HostileRequest[] = [];
  const kind = 'bytes';
  for (let i = 0; i < 160; i++) {
    const bytes = Array.from({ length: 1 + Math.floor(random() * 24) }, () => Math.floor(random() * 256));
    const text = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    if (i % 4 === 0)
      requests.push({ kind, path: `/${['static', 'source', 'data', 'x'][i % 3]}/${text.replaceAll('%00', '')}` });
    else if (i % 4 === 1) requests.push({ kind, query: text });
    else
      requests.push({
        kind,
        query: `server=dataset&dataset=CanaryMacro&${TIMES}&${i % 4 === 2 ? 'params' : 'free'}=${text}`,
      });
  }
  const overlong = [
    '%c0%80',
    '%e0%80%80',
    '%f0%80%80%80',
    '%ed%a0%80',
    '%f4%90%80%80',
    '%fe',
    '%ff%ff',
    '%80',
    '%c3',
    '%ef%bf%be',
  ];
  for (const text of overlong) {
    for (const key of ['dataset', 'params', 'start_time', 'server', 'free', text]) {
      requests.push({ kind, query: `server=dataset&dataset=Canary&${TIMES}&${key}=${MARK}${text}` });
    }
  }
  return requests;
}

function credentialRequests(): HostileRequest[] {
  const kind = 'credentials';
  const encode = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
  const values = [
    encode('u:wrong'),
    encode('root:p'),
    encode('u'),
    encode(':'),
    encode(''),
    encode("u' OR '1'='1:p"),
    encode('u\0:p'),
    encode('u\n:p'),
    encode('../u:p'),
    encode(`u:${'p'.repeat(2000)}`),
    encode(`${'u'.repeat(5000)}:p`),
    encode('\xff\xfe:p'),
    'Basic ====',
    'Basic !!!!',
    'Basic',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Digest username="u"',
    `${encode('u:wrong')}, ${encode('root:x')}`,
  ];
  return values.flatMap((Authorization) =>
    [`server=dataset&dataset=Secret&${TIMES}`, 'server=debug', `server=image&dataset=Secret&${TIMES}`].map((query) => ({
      kind,
      query,
      headers: { Authorization },
    })),
  );
}

/** HAPI takes its keys apart by itself; coverage has ids in paths. */
function hapiRequests(pwned: string): HostileRequest[] {
  const kind = 'hapi';
  const requests: HostileRequest[] = [];
  const good = { dataset: 'CanaryTable', start: '2017-01-01Z', stop: '2017-01-02Z' };
  const places = ['dataset', 'start', 'stop', 'parameters', 'include', 'format'];
  for (const [i, payload] of shellPayloads(pwned).entries()) {
    const text = encodeURIComponent(payload);
    for (const place of places) {
      const value = place === 'dataset' && i % 2 === 0 ? `CanaryTable:${text}` : text;
      requests.push({ kind, path: '/hapi/data', query: queryOf({ ...good, [place]: value }) });
    }
    requests.push({ kind, path: '/hapi/info', query: `id=CanaryTable/${text}` });
    requests.push({ kind, path: '/hapi/catalog', query: `depth=${text}&${text}=1` });
    requests.push({ kind, path: `/hapi/${text}` });
    requests.push({ kind, path: `/coverage/CanaryTable${text}`, query: `start_time=${text}` });
  }
  for (const up of UP) {
    for (const target of ['etc/passwd', 'outside/Evil', 'state/hapi/x']) {
      requests.push({ kind, path: '/hapi/info', query: `dataset=${up.repeat(3).replaceAll('\\', '%5c')}${target}` });
      requests.push({ kind, path: `/coverage/${up.repeat(3)}${target}.json` });
    }
  }
  for (const br of BREAKS) {
    const evil = `${MARK}${br}X-Evil:%20yes${br}${br}%3Cscript%3Ealert(1)%3C/script%3E`;
    for (const place of places) requests.push({ kind, path: '/hapi/data', query: queryOf({ ...good, [place]: evil }) });
    requests.push({ kind, path: '/hapi/data', query: `${queryOf(good)}&${evil}=1&${evil}=2`, headers: BROWSER });
  }
  const many = Array.from({ length: 700 }, (_, i) => `p${i}`).join(',');
  requests.push({ kind, path: '/hapi/data', query: queryOf({ ...good, parameters: many }) });
  return requests;
}

/** Valid requests with bytes replaced, doubled, cut and swapped. */
function damagedRequests(): HostileRequest[] {
  const random = randomNumbers(424242);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const letters = [...'\';|&$`<>()[]{}*?~!#\\"=+,:/.-_%09aZ', '%0a', '%00', '%ff', '%2e%2e%2f', '%25', '&', ';'];
  const bases = [
    `server=dataset&dataset=Canary&${TIMES}&params=a+b`,
    `server=dataset&dataset=CanaryMacro&${TIMES}&params=lfdr:ExEw&free=1`,
    `server=dataset&dataset=CanaryShell&${TIMES}&resolution=60&ascii=1&params=--opt=x`,
    `server=dataset&dataset=CanaryInterval&${TIMES}&interval=60`,
    'server=dsdf&dataset=Canary',
    'server=list',
  ];
  return Array.from({ length: 320 }, () => {
    let text = pick(bases);
    for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
      const at = Math.floor(random() * text.length);
      const letter = pick(letters).replace(/[#<>"\\^`{|} ]/, (found) => encodeURIComponent(found));
      text = text.slice(0, at) + letter + text.slice(random() < 0.5 ? at : at + 1);
    }
    return { kind: 'damaged', query: text };
  });
}

/** Numbers between 0 and 1, the same row for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
