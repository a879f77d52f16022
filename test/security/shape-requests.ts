/** Requests of odd shape: repeated and huge keys, methods, bytes, credentials, and good ones with random damage. */
import { type HostileRequest, MARK, randomNumbers, TIMES } from './hostile-parts.js';

/** Keys that come twice, are empty, or too long. */
export function shapeRequests(): HostileRequest[] {
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

/** Methods and bodies that the server does not take, or should not. */
export function methodRequests(): HostileRequest[] {
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

/** Bytes that are no text. */
export function byteRequests(): HostileRequest[] {
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

/** Credentials that open nothing. */
export function credentialRequests(): HostileRequest[] {
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

/** Valid requests with bytes replaced, doubled, cut and swapped. */
export function damagedRequests(): HostileRequest[] {
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
