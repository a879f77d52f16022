/** Changes to the text of a group file: what changes, and that nothing else does. */
import fc from 'fast-check';
import t from 'tap';
import { parseGroups } from '../../../lib/auth/accounts.js';
import { groupNameFault, withMembers, withoutGroup, withoutMembers } from '../../../lib/auth/tool/group-lines.js';

const FILE = '# who may read what\r\nvoyager:x:12:ada, grace\r\nnot a line\njuno:::\nvoyager:::emmy\n\xe4lter:::x\n';
const file = Buffer.from(FILE, 'latin1');
const text = (result: Buffer | undefined) => result?.toString('latin1');

t.test('adding', async (t) => {
  t.equal(text(withMembers(file, 'juno', ['ada', 'ada'])), FILE.replace('juno:::', 'juno:::ada'));
  t.equal(text(withMembers(file, 'voyager', ['lise'])), FILE.replace('ada, grace\r', 'ada,grace,lise\r'));
  t.equal(withMembers(file, 'voyager', ['emmy', 'ada']), undefined, 'in another line of the group already');
  t.equal(text(withMembers(file, 'cassini', ['ada', 'grace'])), `${FILE}cassini:::ada,grace\n`);
  t.equal(text(withMembers(Buffer.alloc(0), 'müller', ['zoë'])), Buffer.from('müller:::zoë\n').toString('latin1'));
});

t.test('removing', async (t) => {
  t.equal(
    text(withoutMembers(file, 'voyager', ['emmy', 'ada'])),
    FILE.replace('ada, grace', 'grace').replace('emmy', ''),
  );
  t.equal(withoutMembers(file, 'juno', ['ada']), undefined);
  t.equal(withoutMembers(file, 'nobody', ['ada']), undefined);
  t.equal(text(withoutGroup(file, 'voyager')), '# who may read what\r\nnot a line\njuno:::\n\xe4lter:::x\n');
  t.equal(withoutGroup(file, 'nobody'), undefined);
});

t.test('names', async (t) => {
  t.equal(groupNameFault('voyager team'), undefined);
  for (const bad of ['', 'a:b', 'a,b', ' a', '#a', 'a\nb']) t.not(groupNameFault(bad), undefined, JSON.stringify(bad));
});

t.test('what was added is read, and gone again when removed', async (t) => {
  const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((word) => groupNameFault(word) === undefined);
  fc.assert(
    fc.property(name, fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), fc.string(), (group, users, before) => {
      const start = Buffer.from(before);
      const added = withMembers(start, group, users) ?? start;
      const read = parseGroups(added.toString('utf8'), () => {}).get(group);
      if (!users.every((user) => read?.has(user))) return false;
      const removed = withoutMembers(added, group, users) ?? added;
      const rest = parseGroups(removed.toString('utf8'), () => {}).get(group);
      return !users.some((user) => rest?.has(user));
    }),
  );
  t.pass();
});
