/**
 * What `das2_srv_passwd group` does with the group file: add, remove, list (server-internals 4.5 wishes for it).
 *
 * Contract: as the tool for passwords: everything is said through `say` and `print`, the file changes as a whole under a lock and keeps
 * mode, owner and all other lines; the result is the exit status.
 */
import { readFileSync } from 'node:fs';
import { parseGroups, parsePasswords } from '../accounts.js';
import { groupNameFault, withMembers, withoutGroup, withoutMembers } from './group-lines.js';
import { PASSWD_STATUS, PasswordToolError, type PasswordToolOutput, printable, replace } from './password-tool.js';

export const GROUP_ACTIONS = ['add', 'remove', 'list'] as const;
export type GroupAction = (typeof GROUP_ACTIONS)[number];

export interface GroupJob {
  readonly action: GroupAction;
  readonly file: string;
  /** The password file, if it is known: users without an account are pointed out. */
  readonly passwords: string | undefined;
  /** Undefined with `list`: all groups. */
  readonly group: string | undefined;
  /** None with `remove`: the whole group goes. */
  readonly users: readonly string[];
}

/** The group file is no secret: readers of the file learn names only. */
const NEW_MODE = 0o644;

/** Does the job; the result is the exit status. Throws `PasswordToolError`. */
export function runGroupTool(job: GroupJob, output: PasswordToolOutput): number {
  for (const name of [...(job.group === undefined ? [] : [job.group]), ...job.users]) {
    const fault = groupNameFault(name);
    if (fault !== undefined)
      throw new PasswordToolError(PASSWD_STATUS.badUser, `the name '${printable(name)}' ${fault}`);
  }
  if (job.action === 'list') return list(job, output);
  const { group, users, file } = job;
  if (group === undefined) throw new PasswordToolError(PASSWD_STATUS.noUser, 'no group is given; see --help');
  if (job.action === 'add' && users.length === 0) {
    throw new PasswordToolError(PASSWD_STATUS.noUser, 'no user is given; see --help');
  }
  const isChanged = change(job, group);
  const who = users.length === 0 ? '' : users.map((user) => `'${printable(user)}'`).join(', ');
  const name = `'${printable(group)}'`;
  if (job.action === 'add') {
    output.say(isChanged ? `group ${name} has ${who} now` : `group ${name} had ${who} already`);
    pointOutUnknown(job, output);
  } else {
    if (!isChanged) {
      const missing = who === '' ? `there is no group ${name} in ${file}` : `group ${name} does not have ${who}`;
      throw new PasswordToolError(PASSWD_STATUS.unknownUser, missing);
    }
    output.say(who === '' ? `group ${name} removed` : `group ${name} has lost ${who}`);
  }
  return PASSWD_STATUS.ok;
}

function change({ action, file, users }: GroupJob, group: string): boolean {
  let isChanged = false;
  replace(file, {
    newMode: NEW_MODE,
    change: (present) => {
      const content = present ?? Buffer.alloc(0);
      const next =
        action === 'add'
          ? withMembers(content, group, users)
          : users.length === 0
            ? withoutGroup(content, group)
            : withoutMembers(content, group, users);
      isChanged = next !== undefined;
      return next;
    },
  });
  return isChanged;
}

function list({ file, group }: GroupJob, output: PasswordToolOutput): number {
  const groups = parseGroups(readText(file), (line) => output.say(`${file}:${line}`));
  if (group !== undefined && !groups.has(group)) {
    throw new PasswordToolError(PASSWD_STATUS.unknownUser, `there is no group '${printable(group)}' in ${file}`);
  }
  const shown = [...groups].filter(([name]) => group === undefined || name === group);
  const width = Math.max(5, ...shown.map(([name]) => name.length));
  for (const [name, users] of shown) {
    output.print(`${printable(name).padEnd(width)}  ${[...users].map(printable).join(' ')}`.trimEnd().concat('\n'));
  }
  return PASSWD_STATUS.ok;
}

/** A member without an account cannot log in: often a slip of the pen. */
function pointOutUnknown({ passwords, users }: GroupJob, output: PasswordToolOutput): void {
  if (passwords === undefined) return;
  let known: ReadonlyMap<string, unknown>;
  try {
    known = parsePasswords(readFileSync(passwords, 'utf8'), () => {});
  } catch {
    // Whoever keeps groups need not be allowed to read hashes.
    return;
  }
  for (const user of users) {
    if (!known.has(user)) output.say(`'${printable(user)}' has no account yet: das2_srv_passwd '${printable(user)}'`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new PasswordToolError(PASSWD_STATUS.noFile, `${file} cannot be read (${code})`);
  }
}
