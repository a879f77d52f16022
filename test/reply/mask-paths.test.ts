/** Paths of the host are masked in what leaves the server, units and addresses are not. */
import fc from 'fast-check';
import t from 'tap';
import { maskPaths } from '../../lib/reply/mask-paths.js';

t.test('masked', async (t) => {
  const table: [text: string, masked: string][] = [
    ['/etc/passwd', '[path]'],
    ['open /srv/das/x.dat failed', 'open [path] failed'],
    ["'/home/a b/c d.dat' is missing", "'[path]' is missing"],
    ['"/x/y z": no', '"[path]": no'],
    ['sh: 1: /opt/x/reader: not found', 'sh: 1: [path]: not found'],
    ['(/a/b), [/c/d]; </e/f>', '([path]), [[path]]; <[path]>'],
    ['PATH=/usr/bin:/bin', 'PATH=[path]:[path]'],
    ['-I/usr/include', '-I[path]'],
    ['file:///etc/x', '[path]'],
    ['C:\\Users\\x', '[path]'],
    ['File "/usr/lib/python3/a.py", line 3', 'File "[path]", line 3'],
    ['at /srv/a.js:3:4', 'at [path]:3:4'],
    ['//host/share', '[path]'],
    ['x\n/a/b\ny', 'x\n[path]\ny'],
    ['error:/tmp/das2-x', 'error:[path]'],
  ];
  for (const [text, masked] of table) t.equal(maskPaths(text), masked, text);
});

t.test('kept', async (t) => {
  for (const text of [
    'm/s',
    'nT/sqrt(Hz)',
    'and/or',
    '1 / 2',
    'http://x.org/a/b',
    'https://x.org',
    'a/b/c.dat',
    '../x',
    '2017/032',
    'V**2/m**2/Hz',
    '(a)/b',
  ]) {
    t.equal(maskPaths(text), text);
  }
});

t.test('a path of the host never survives', async () => {
  const path = fc
    .array(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}$/), { minLength: 2, maxLength: 4 })
    .map((segments) => `/srv/${segments.join('/')}`);
  const frame = fc.constantFrom(' ', '"', "'", '(', '[', '=', ':', ',', '\n', '\t', '>', 'x', '`');
  fc.assert(
    fc.property(frame, path, frame, (before, text, after) => !maskPaths(before + text + after).includes('/srv/')),
  );
});

t.test('long lines take no long time', async (t) => {
  const text = `${'"/'.repeat(50_000)}${'/'.repeat(50_000)}${'a:'.repeat(50_000)}`;
  t.type(maskPaths(text), 'string');
});
