/**
 * das2_srv_passwd: the accounts that may read protected sources (server-internals 4.5). Sets, deletes, verifies and lists
 * entries of the file named by `USER_PASSWD`; what it does is in lib/auth/tool/password-tool.ts. With the word `group` in front it
 * changes the file named by `USER_GROUP` (lib/auth/tool/group-tool.ts); a user of that name is reached by `-b` or `--stdin`, as long as his
 * password is none of the words add, remove and list.
 *
 * `-c` means create here, as in the tool of older servers; the configuration has the long option alone.
 */
import { writeSync } from 'node:fs';
import type { Command } from 'commander';
import type { HashScheme } from '../lib/auth/hash/password-hash.js';
import type { GroupAction, GroupJob } from '../lib/auth/tool/group-tool.js';
import type { PasswordAction, PasswordJob } from '../lib/auth/tool/password-tool.js';
import { CONFIG_MEANING, readWords } from '../lib/command/read-words.js';
import { writeFully } from '../lib/reply/write-fully.js';

const PROGRAM = 'das2_srv_passwd';
const SCHEMES: readonly HashScheme[] = ['sha512', 'bcrypt', 'scrypt', 'des'];

interface Options {
  readonly create?: true;
  readonly batch?: true;
  readonly delete?: true;
  readonly verify?: true;
  readonly list?: true;
  readonly stdin?: true;
  readonly force?: true;
  readonly des?: true;
  readonly scheme?: string;
  readonly config?: string;
  readonly file?: string;
}

/** Runs the program; resolves with its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const [{ Command }, tool] = await Promise.all([import('commander'), import('../lib/auth/tool/password-tool.js')]);
  const command = describe(new Command(PROGRAM));
  const status = await readWords(command, args, { wrong: tool.PASSWD_STATUS.usage, versionFlags: '-V, --version' });
  if (status !== undefined) return status;
  const output = { say, print: (text: string) => void writeFully(1, Buffer.from(text)) };
  const options = command.opts<Options>();
  try {
    const [word, action] = command.args;
    const groups = word === 'group' ? await import('../lib/auth/tool/group-tool.js') : undefined;
    const groupAction = groups?.GROUP_ACTIONS.find((name) => name === action);
    if (groups !== undefined && groupAction !== undefined && !options.batch) {
      return groups.runGroupTool(await makeGroupJob(groupAction, options, command.args.slice(2), tool), output);
    }
    return await tool.runPasswordTool(await makeJob(options, command.args, tool), output);
  } catch (error) {
    if (!(error instanceof tool.PasswordToolError)) throw error;
    say(error.message);
    return error.exitStatus;
  }
}

function describe(command: Command): Command {
  return command
    .description('Sets, deletes, verifies and lists the accounts of a das2 server, and its groups.')
    .argument('[user]', 'name of the user')
    .argument('[password]', 'with -b only')
    .option('-c, --create', 'start from an empty password file; an existing one loses all its users')
    .option('-b, --batch', 'take the password from the command line, where other users of this machine can see it')
    .option('-D, --delete', 'delete the user')
    .option('-v, --verify', 'say whether the password is right, change nothing')
    .option('--list', 'list users and the schemes of their hashes')
    .option('--stdin', 'read the password from the first line of standard input')
    .option('--force', 'with -c: overwrite an existing file without asking')
    .option('--scheme <scheme>', 'hash to write: sha512 (default), bcrypt or scrypt')
    .option('--des', 'write a DES hash, for a file shared with an old server: 8 bytes at most, weak')
    .option('--file <file>', 'this password file instead of that of the configuration')
    .option('--config <file>', CONFIG_MEANING)
    .addHelpText(
      'after',
      `
Without -b or --stdin the password is asked for twice and not shown.

Groups:
  ${PROGRAM} group add GROUP USER...       makes the group if need be
  ${PROGRAM} group remove GROUP [USER...]  without users: the whole group
  ${PROGRAM} group list [GROUP]

Status: 0 done; 1 wrong password (with -v); 17 configuration missing or bad; 21 USER_PASSWD or
USER_GROUP not set; 22 no password file, and no -c; 23 no password; 24 no user; 25 -D with more than
a user; 26 bad name; 27 password empty, too long or typed differently; 28 no such user or group;
29 file not written; 100 wrong usage; 130 interrupted.

Examples:
  ${PROGRAM} ada
  ${PROGRAM} -D ada
  ${PROGRAM} group add voyager ada grace
  echo "$PASSWORD" | ${PROGRAM} --stdin ada`,
    )
    .allowExcessArguments(true);
}

type Tool = typeof import('../lib/auth/tool/password-tool.js');

/** The job that options and arguments describe. Arguments are checked first, so that no file is touched for a wrong call. */
async function makeJob(options: Options, words: readonly string[], tool: Tool): Promise<PasswordJob> {
  const { PasswordToolError, PASSWD_STATUS, requireUserName } = tool;
  const usage = (text: string) => new PasswordToolError(PASSWD_STATUS.usage, `${text}; see --help`);
  const actions: PasswordAction[] = [];
  if (options.delete) actions.push('delete');
  if (options.verify) actions.push('verify');
  if (options.list) actions.push('list');
  if (actions.length > 1) throw usage('only one of -D, -v and --list can be done at a time');
  const action = actions[0] ?? 'set';
  if (options.create && action !== 'set') throw usage('-c goes with setting a password only');
  if (options.batch && options.stdin) throw usage('-b and --stdin are two sources of one password');
  if (options.des && options.scheme !== undefined) throw usage('--des and --scheme are two ways to name the hash');
  const scheme = options.des ? 'des' : SCHEMES.find((name) => name === (options.scheme ?? 'sha512') && name !== 'des');
  if (scheme === undefined) throw usage('--scheme must be sha512, bcrypt or scrypt');

  const [user, password] = words;
  if (action === 'list') {
    if (words.length > 0) throw usage('--list takes no user');
  } else {
    if (user === undefined) throw new PasswordToolError(PASSWD_STATUS.noUser, 'no user is given; see --help');
    if (action === 'delete' && words.length > 1) {
      throw new PasswordToolError(PASSWD_STATUS.extraArguments, '-D takes a user and nothing else');
    }
    requireUserName(user);
    if (options.batch && action !== 'delete' && password === undefined) {
      throw new PasswordToolError(PASSWD_STATUS.noPassword, '-b needs the password behind the user');
    }
    if (words.length > (options.batch ? 2 : 1)) throw usage('too many arguments');
  }
  if (options.batch && action !== 'delete' && action !== 'list') {
    say('warning: with -b the password can be seen in the list of processes and stays in the history of the shell');
  }
  return {
    action,
    file: options.file ?? (await configuredFile('USER_PASSWD', options.config, tool)),
    user: user ?? '',
    create: options.create === true,
    force: options.force === true,
    scheme,
    password:
      options.batch && password !== undefined
        ? { from: 'argument', text: password }
        : { from: options.stdin ? 'input' : 'terminal' },
  };
}

/** The job for the file of groups. */
async function makeGroupJob(
  action: GroupAction,
  options: Options,
  words: readonly string[],
  tool: Tool,
): Promise<GroupJob> {
  const { PasswordToolError, PASSWD_STATUS } = tool;
  const { config, file, ...others } = options;
  if (Object.keys(others).length > 0 || (action === 'list' && words.length > 1)) {
    throw new PasswordToolError(PASSWD_STATUS.usage, 'group takes --config, --file and names only; see --help');
  }
  const [group, ...users] = words;
  const groupFile = file ?? (await configuredFile('USER_GROUP', config, tool));
  const passwords = file === undefined ? await configuredFile('USER_PASSWD', config, tool) : undefined;
  return { action, file: groupFile, passwords, group, users };
}

async function configuredFile(
  key: 'USER_PASSWD' | 'USER_GROUP',
  file: string | undefined,
  tool: Tool,
): Promise<string> {
  const { PasswordToolError, PASSWD_STATUS } = tool;
  const [{ loadConfiguration }, { errorDetail }] = await Promise.all([
    import('../lib/conf/configuration.js'),
    import('../lib/conf/configuration-error.js'),
  ]);
  let found: string | undefined;
  let name: string;
  try {
    const configuration = loadConfiguration({ file });
    found = configuration.path(key);
    name = configuration.file;
  } catch (error) {
    throw new PasswordToolError(PASSWD_STATUS.configuration, errorDetail(error));
  }
  if (found === undefined) {
    throw new PasswordToolError(PASSWD_STATUS.noSetting, `${name}: ${key} is not set; set it or use --file`);
  }
  return found;
}

/** One line to people. */
function say(text: string): void {
  try {
    writeSync(2, `${PROGRAM}: ${text}\n`);
  } catch {
    // Nobody listens.
  }
}
