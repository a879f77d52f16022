import t from 'tap';
import { compareCodePoints, sortByCodePoints } from '../../lib/code-points.js';
import { parsePeers, readPeers } from '../../lib/conf/peers.js';
import { parseBytes, parseSeconds } from '../../lib/conf/quantity.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

t.test('peers', async (t) => {
  const warnings: string[] = [];
  const peers = parsePeers(
    '\ufeff; comment\r\nstray = 1\n[b]\r\nURL: http://h/a%20b\n[ a ]\nurl = http://a\n   /das\n' +
      'Description = one & two,\n# comment between\n   three\n\n[DEFAULT]\ndescription = none\nnonsense\n[b]\nother=x\n',
    (line) => warnings.push(line),
  );
  t.same(peers, [
    { name: 'a', url: 'http://a/das', description: 'one & two,\nthree' },
    { name: 'b', url: 'http://h/a%20b', description: 'none' },
  ]);
  t.same(
    warnings.map((line) => line.slice(0, 3)),
    ['2: ', '14:'],
  );
  t.same(parsePeers(''), []);
  t.same(parsePeers('[x]'), [{ name: 'x' }]);
});

t.test('the file', async (t) => {
  const folder = temporaryFolder(t);
  t.throws(() => readPeers(`${folder.path}/none.ini`), { code: 'configuration' });
  t.same(readPeers(folder.write('p.ini', '[\u{1f600}]\n[\uffee]\n[A]\n')), [
    { name: 'A' },
    { name: '\uffee' },
    { name: '\u{1f600}' },
  ]);
  const said: string[] = [];
  const old = folder.write('old.ini', Buffer.from('[\u00c5bo]\n', 'latin1'));
  t.same(
    readPeers(old, (line) => said.push(line)),
    [{ name: '\u00c5bo' }],
  );
  t.strictSame(said, [`${old}: not UTF-8; read as ISO-8859-1`]);
});

t.test('order by code points', async (t) => {
  const texts = ['\u{10000}', '\uffff', 'b', 'a/', 'a', 'a-', 'B'];
  t.same(sortByCodePoints([...texts]), ['B', 'a', 'a-', 'a/', 'b', '\uffff', '\u{10000}']);
  t.equal(compareCodePoints('a', 'a'), 0);
  const bytes = [...texts].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
  t.same(sortByCodePoints([...texts]), bytes, 'the order of UTF-8 bytes');
});

t.test('quantities', async (t) => {
  const seconds: [string, number | undefined][] = [
    ['2 d', 172800],
    ['300', 300],
    ['1.5h', 5400],
    ['90 Min', 5400],
    ['1 w', 604800],
    ['-5', undefined],
    ['5 x', undefined],
    ['', undefined],
    ['1e3', undefined],
    ['5 constructor', undefined],
  ];
  for (const [text, value] of seconds) t.equal(parseSeconds(text), value, text);
  t.equal(parseBytes('5 GiB'), 5 * 1024 ** 3);
  t.equal(parseBytes('1 kB'), 1000);
  t.equal(parseBytes('1 K'), 1024);
  t.equal(parseBytes('10'), 10);
  t.equal(parseBytes('1 light-year'), undefined);
});
