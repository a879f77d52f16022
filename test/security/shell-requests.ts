/** Shell text and options in every place that could reach a command, through the server's own routes and HAPI. */
import {
  BREAKS,
  BROWSER,
  CODINGS,
  type HostileRequest,
  MARK,
  queryOf,
  READERS,
  shellPayloads,
  TIMES,
  UP,
} from './hostile-parts.js';

/** Each payload in each place and coding. */
export function shellRequests(pwned: string): HostileRequest[] {
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

/** HAPI takes its keys apart by itself; coverage has ids in paths. */
export function hapiRequests(pwned: string): HostileRequest[] {
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
