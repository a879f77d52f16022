/**
 * Who asked for a job: the account of the process, whatever the environment says.
 */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { ownAccount } from '../../lib/queue/own-account.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { toolCommand } from '../tools/tool-driver.js';

const LIST = ['root:x:0:0::/root:/bin/sh', 'ada:x:1001:1001:Ada Lovelace,Room 1,,:/home/ada:/bin/sh', 'half:x:7'].join(
  '\n',
);

t.test('by number, from the list of the system', async (t) => {
  t.same(ownAccount(LIST, 1001), { name: 'ada', fullName: 'Ada Lovelace' });
  t.same(ownAccount(LIST, 0), { name: 'root', fullName: 'root' });
  t.not(ownAccount(LIST, 7).name, 'half', 'a line that is none');
});

t.test('a job names the account, not what the environment says', async (t) => {
  const folder = temporaryFolder(t);
  const [program = '', ...args] = await toolCommand(folder, 'srv_todo', 'das2_srv_todo');
  const file = folder.write('etc/das2server.conf', 'DSDF_ROOT = ../datasets\nSTATE_ROOT = ../state\n');
  for (const env of [{}, { USER: 'somebody', LOGNAME: 'somebody' }]) {
    const { stdout } = spawnSync(program, [...args, '-c', file, '-n', 'list'], {
      env: { PATH: process.env.PATH, ...env },
    });
    t.equal(String(stdout).split('|')[5], ownAccount().fullName);
  }
});
