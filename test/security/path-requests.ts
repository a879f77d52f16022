/** Ways to files that are not served, and line breaks that would be headers of their own. */
import { BREAKS, BROWSER, type HostileRequest, MARK, TIMES, UP } from './hostile-parts.js';

/** Each way up to each target. `root` is the top of the site. */
export function traversalRequests(root: string): HostileRequest[] {
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

/** Each line break in each place. */
export function injectionRequests(): HostileRequest[] {
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
