/** Parts of the checker that need no instance: similar words, patterns of ids, rights of an account, commands. */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Account, findAccount, may } from '../../lib/check/account.js';
import { commandFault } from '../../lib/check/commands.js';
import { definitionIds, idMatcher } from '../../lib/check/definition-files.js';
import { similarWord } from '../../lib/check/similar-word.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

t.test('similar words', async (t) => {
  const known = ['LOG_PATH', 'BIN_PATH', 'reader', 'exampleRange'];
  t.equal(similarWord('LOG_PAHT', known), 'LOG_PATH');
  t.equal(similarWord('log_path', known), 'LOG_PATH');
  t.equal(similarWord('exampelRange', known), 'exampleRange');
  t.equal(similarWord('readers', known), 'reader');
  t.equal(similarWord('raeder', known), 'reader', 'two letters that changed places are one slip');
  t.equal(similarWord('LOG_PATH', known), undefined, 'itself is not meant');
  t.equal(similarWord('xyz', known), undefined);
  t.equal(similarWord('MY_OWN_KEY', known), undefined);
});

t.test('patterns of ids', async (t) => {
  const fits = (pattern: string, id: string): boolean => idMatcher([pattern])(id);
  t.ok(fits('Examples/*', 'Examples/Random'));
  t.notOk(fits('Examples/*', 'Examples/A/B'));
  t.ok(fits('**/B', 'Examples/A/B'));
  t.ok(fits('Examples/Rand?m', 'Examples/Random'));
  t.notOk(fits('Examples/Random', 'Examples/Random2'));
  t.ok(fits('A.B+', 'A.B+'));
  t.notOk(fits('A.B', 'AxB'));
  t.ok(idMatcher([])('anything'));
});

t.test('definition files, whatever clients see of them', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['B.dsdf', 'A/C.dsdf', 'A/_dirinfo_.dsdf', 'A/note.txt', '.git/X.dsdf']) folder.write(name, '');
  symlinkSync('..', join(folder.path, 'A/loop'));
  t.same(definitionIds(folder.path), ['A/C', 'B']);
  t.same(definitionIds(join(folder.path, 'missing')), []);
});

t.test('rights by mode bits', async (t) => {
  const folder = temporaryFolder(t);
  const file = folder.write('inner/file', '');
  const inner = join(folder.path, 'inner');
  const owner = process.getuid?.() ?? 0;
  const group = process.getgid?.() ?? 0;
  const stranger: Account = { name: 'x', uid: 61_234, gids: [61_234] };
  const member: Account = { ...stranger, gids: [61_234, group] };
  chmodSync(folder.path, 0o755);
  chmodSync(inner, 0o755);
  chmodSync(file, 0o640);
  t.notOk(may(stranger, 'read', file));
  t.ok(may(member, 'read', file));
  t.notOk(may(member, 'write', file));
  chmodSync(file, 0o604);
  t.ok(may(stranger, 'read', file));
  t.notOk(may(member, 'read', file), 'the bits of the group count for its members');
  if (owner !== 0) t.ok(may({ name: 'o', uid: owner, gids: [] }, 'write', file));
  chmodSync(inner, 0o750);
  t.notOk(may(stranger, 'read', file), 'a folder on the way is closed');
  t.ok(may({ name: 'root', uid: 0, gids: [0] }, 'write', file));
  t.notOk(may(stranger, 'read', join(folder.path, 'missing')));
  t.equal(findAccount('root')?.uid, 0);
  t.equal(findAccount('no such account'), undefined);
});

t.test('commands', async (t) => {
  const folder = temporaryFolder(t);
  const program = folder.write('bin/mine', '#!/bin/sh\n');
  const path = `${folder.path}/bin:/usr/bin:/bin`;
  t.match(await commandFault('mine', path), `${program} cannot be executed by this account: chmod 755 ${program}`);
  t.match(await commandFault(program, path), `${program} cannot be executed`);
  t.match(await commandFault('./bin/mine', path), /no program \.\/bin\/mine below \/.*BIN_PATH/);
  chmodSync(program, 0o755);
  t.equal(await commandFault('mine -x', path), undefined);
  t.equal(await commandFault('das2_bin_avgsec', path), undefined, 'a filter of ours');
  t.equal(await commandFault('A=1 whatever | other', path), undefined, 'shell text is not judged');
  t.match(await commandFault('/no/such/program "$X"', path), '/no/such/program');
  t.match(await commandFault('no_such_program', path), 'neither');
  t.match(await commandFault('/no/such/program', path), 'there is no file /no/such/program');
  const script = async (text: string): Promise<string | undefined> => {
    chmodSync(folder.write('bin/script', text), 0o755);
    return await commandFault('script --all', path);
  };
  t.match(await script('#!/bin/sh\r\necho\r\n'), /bin\/script end as on Windows.*Unix line ends/);
  t.match(
    await script('#!/usr/bin/pyhton\n'),
    /begins with '#!\/usr\/bin\/pyhton', and there is no \/usr\/bin\/pyhton/,
  );
  t.match(await script('#!/usr/bin/env pyhton3\n'), 'there is no pyhton3 in BIN_PATH or PATH');
  for (const line of ['#!/bin/sh', '#! /bin/sh -e', '#!/usr/bin/env sh', '#!/usr/bin/env -S sh -e', 'no script'])
    t.equal(await script(`${line}\n`), undefined, line);
  mkdirSync(join(folder.path, 'bin/folder'));
  t.match(await commandFault('folder', path), 'neither');
});
