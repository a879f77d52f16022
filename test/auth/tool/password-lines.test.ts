/** Changes to the text of a password file: what belongs to others stays as it is, byte for byte. */
import { deepStrictEqual as deepEqual } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { parsePasswords } from '../../../lib/auth/accounts.js';
import { userNameFault, withoutUser, withPassword } from '../../../lib/auth/tool/password-lines.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const text = (file: Buffer | undefined): string | undefined => file?.toString('latin1');

t.test('user names', async (t) => {
  for (const good of ['ada', 'Ada.Lovelace@x.org', 'a b', 'müller', '名前', '-x', 'a'.repeat(255)])
    t.equal(userNameFault(good), undefined, good);
  for (const bad of [
    '',
    'a:b',
    ' a',
    'a ',
    '\ta',
    'a\n',
    'a\x00b',
    'a\x7f',
    '#a',
    '\ufeffa',
    'a'.repeat(256),
    '\u00a0a',
  ])
    t.type(userNameFault(bad), 'string', JSON.stringify(bad));
});

t.test('a password is put in place of the old one, or at the end', async (t) => {
  const file = bytes('# users\n\nada:old\n bob :x:y\r\ncarol:1');
  t.equal(text(withPassword(file, 'ada', 'H')), '# users\n\nada:H\n bob :x:y\r\ncarol:1\n');
  t.equal(text(withPassword(file, 'bob', 'H')), '# users\n\nada:old\nbob:H\r\ncarol:1\n');
  t.equal(text(withPassword(file, 'dan', 'H')), '# users\n\nada:old\n bob :x:y\r\ncarol:1\ndan:H\n');
  t.equal(text(withPassword(bytes(''), 'dan', 'H')), 'dan:H\n');
  t.equal(text(withPassword(bytes('\xef\xbb\xbfada:1\n'), 'ada', 'H')), '\xef\xbb\xbfada:H\n', 'byte order mark');
});

t.test('further lines of the user go: all of them would open the door', async (t) => {
  t.equal(text(withPassword(bytes('a:1\nb:2\na:3\n'), 'a', 'H')), 'a:H\nb:2\n');
  t.equal(text(withoutUser(bytes('a:1\nb:2\na:3\n'), 'a')), 'b:2\n');
  t.equal(withoutUser(bytes('a:1\n#b:2\n'), 'b'), undefined, 'a comment is no user');
});

t.test('bytes that are no UTF-8 stay, and names of several bytes are found', async (t) => {
  t.equal(text(withPassword(bytes('j\xfcrg:1\n'), 'a', 'H')), 'j\xfcrg:1\na:H\n');
  const file = Buffer.from('jürg:1\nà:2\n');
  t.equal(withoutUser(file, 'jürg')?.toString(), 'à:2\n');
  t.equal(withoutUser(file, 'à')?.toString(), 'jürg:1\n');
});

t.test('what is written is what log-ins read, whatever else is in the file', async () => {
  const line = fc.oneof(
    fc.constantFrom('', '# note', 'ada:1', ' ada :2', 'bob:3\r', 'nonsense', ':', 'ada', 'bob: x ', '#ada:1'),
    fc.string({ maxLength: 12 }).map((noise) => noise.replaceAll('\n', '')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('ada', 'bob', 'eve'), (lines, user) => {
      const before = Buffer.from(lines.join('\n'));
      const users = (file: Buffer) => parsePasswords(file.toString(), () => {});
      const set = withPassword(before, user, '$6$x');
      const expected = new Map(users(before));
      expected.delete(user);
      deepEqual(users(set).get(user), ['$6$x']);
      const others = new Map(users(set));
      others.delete(user);
      deepEqual([...others].sort(), [...expected].sort());
      const removed = withoutUser(set, user);
      deepEqual([...users(removed ?? before)].sort(), [...expected].sort());
    }),
  );
});
