/** Sections, options and their defaults, whichever editor wrote them. */
import t from 'tap';
import { parseIni } from '../../lib/conf/ini-file.js';

const plain = (text: string, faults: string[] = []) =>
  parseIni(text, (line) => faults.push(line)).map(({ name, options }) => [name, Object.fromEntries(options)]);

t.test('sections, options, continued lines, defaults', async (t) => {
  const text = '[b]\nName = one\n  two\n; a comment\nother: 50%\n[DEFAULT]\nother = none\n[a]\nname=\n';
  t.strictSame(plain(text), [
    ['a', { other: 'none', name: '' }],
    ['b', { other: '50%', name: 'one\ntwo' }],
  ]);
});

t.test('a byte order mark and the line ends of other systems', async (t) => {
  const wanted = [['a', { x: '1', y: '2' }]];
  const faults: string[] = [];
  for (const end of ['\n', '\r\n', '\r']) t.strictSame(plain(`\ufeff[a]${end}x = 1${end}y = 2${end}`, faults), wanted);
  t.strictSame(faults, []);
});

t.test('what means nothing is told and skipped', async (t) => {
  const faults: string[] = [];
  t.strictSame(plain('lost = 1\n[a]\nnothing\nx = 1\n', faults), [['a', { x: '1' }]]);
  t.match(faults, [/^1: /, /^3: /]);
});
