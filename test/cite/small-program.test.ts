/** Small programs of the site end in time, whatever they have started. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runSmallProgram } from '../../lib/cite/small-program.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const shell = (text: string) =>
  runSmallProgram({ command: '/bin/sh', args: ['-c', text], environment: { PATH: process.env.PATH ?? '' }, input: '' });

t.test('what a program prints', async (t) => {
  t.same(await shell('echo one'), { text: 'one\n', why: '' });
  t.match(await shell('echo one; exit 3'), { why: 'it ended with status 3' });
  t.match(await shell('exec yes'), { why: /wrote more than/ });
});

t.test('a program that leaves another one behind, which holds its output, is not waited for', async (t) => {
  const { path } = temporaryFolder(t);
  const late = join(path, 'late');
  const said = await shell(`setsid sh -c "sleep 9; : > '${late}'" & echo one`);
  t.notOk(existsSync(late), 'the other one still runs');
  t.match(said.why, /took more than/);
});
