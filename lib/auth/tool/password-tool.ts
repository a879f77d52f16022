/**
 * What `das2_srv_passwd` does with a password file: set, delete, verify, list (server-internals 4.5).
 *
 * Contract: `runPasswordTool` says everything through `say` (people) and `print` (results), never a password or a hash, and
 * resolves with the exit status of the table below. The file changes as a whole under a lock, after all questions have been
 * asked and the hash has been made.
 */
import { readFileSync, statSync } from 'node:fs';
import { ReplaceError, type ReplaceOptions, replaceFile } from '../../files/replace-file.js';
import { parsePasswords } from '../accounts.js';
import { type HashScheme, hashKind, hashPassword, matches } from '../hash/password-hash.js';
import { userNameFault, withoutUser, withPassword } from './password-lines.js';

/** Exit statuses of the program. */
export const PASSWD_STATUS = {
  ok: 0,
  wrongPassword: 1,
  configuration: 17,
  noSetting: 21,
  noFile: 22,
  noPassword: 23,
  noUser: 24,
  extraArguments: 25,
  badUser: 26,
  badPassword: 27,
  unknownUser: 28,
  notWritten: 29,
  usage: 100,
  interrupted: 130,
} as const;

export type PasswordAction = 'set' | 'delete' | 'verify' | 'list';

/** A fault with its exit status; the message is for the terminal. */
export class PasswordToolError extends Error {
  override readonly name = 'PasswordToolError';
  constructor(
    readonly exitStatus: number,
    message: string,
  ) {
    super(message);
  }
}

export interface PasswordJob {
  readonly action: PasswordAction;
  readonly file: string;
  /** '' for `list`. */
  readonly user: string;
  /** Start from an empty file. */
  readonly create: boolean;
  /** Overwriting an existing file needs no confirmation. */
  readonly force: boolean;
  readonly scheme: HashScheme;
  /** Where the password comes from: given on the command line, a line of standard input, or the terminal. */
  readonly password: { readonly from: 'argument'; readonly text: string } | { readonly from: 'input' | 'terminal' };
}

export interface PasswordToolOutput {
  say(text: string): void;
  print(text: string): void;
}

/** Does the job; resolves with the exit status, rejects with `PasswordToolError`. */
export async function runPasswordTool(job: PasswordJob, output: PasswordToolOutput): Promise<number> {
  const exists = statSync(job.file, { throwIfNoEntry: false }) !== undefined;
  if (!exists && !job.create) {
    throw new PasswordToolError(PASSWD_STATUS.noFile, `${job.file} does not exist; -c creates it`);
  }
  const dialogue = new Dialogue(job);
  try {
    switch (job.action) {
      case 'list':
        return list(job.file, output);
      case 'delete':
        return remove(job, output);
      case 'verify':
        return await verify(job, dialogue, output);
      case 'set':
        return await set(job, { dialogue, exists, output });
    }
  } finally {
    await dialogue.close();
  }
}

/** One line for each user and scheme; weak ones are marked. */
function list(file: string, output: PasswordToolOutput): number {
  const users = readUsers(file, output);
  const width = Math.max(4, ...[...users.keys()].map((user) => user.length));
  for (const [user, hashes] of users) {
    for (const hash of hashes) {
      const kind = hashKind(hash);
      const scheme = kind === undefined ? 'none (nobody can log in)' : `${kind.name}${kind.isWeak ? '  weak' : ''}`;
      output.print(`${printable(user).padEnd(width)}  ${scheme}\n`);
    }
  }
  return PASSWD_STATUS.ok;
}

function remove({ file, user }: PasswordJob, output: PasswordToolOutput): number {
  let found = false;
  replace(file, {
    newMode: NEW_MODE,
    change: (present) => {
      const rest = present === undefined ? undefined : withoutUser(present, user);
      found = rest !== undefined;
      return rest;
    },
  });
  if (!found) throw new PasswordToolError(PASSWD_STATUS.unknownUser, `there is no user ${shown(user)} in ${file}`);
  output.say(`user ${shown(user)} deleted`);
  return PASSWD_STATUS.ok;
}

async function verify(job: PasswordJob, dialogue: Dialogue, output: PasswordToolOutput): Promise<number> {
  const hashes = readUsers(job.file, output).get(job.user);
  if (hashes === undefined) {
    throw new PasswordToolError(PASSWD_STATUS.unknownUser, `there is no user ${shown(job.user)} in ${job.file}`);
  }
  const password = await dialogue.password(`das2 password of ${printable(job.user)}> `);
  for (const hash of hashes) {
    if (!(await matches(password, hash))) continue;
    const kind = hashKind(hash);
    output.say(`the password is right (${kind?.name}${kind?.isWeak ? ', a weak scheme: set it again' : ''})`);
    return PASSWD_STATUS.ok;
  }
  output.say('the password is wrong');
  return PASSWD_STATUS.wrongPassword;
}

async function set(
  job: PasswordJob,
  context: { readonly dialogue: Dialogue; readonly exists: boolean; readonly output: PasswordToolOutput },
): Promise<number> {
  const { dialogue, exists, output } = context;
  if (job.create && exists && !job.force) await dialogue.confirm(job.file);
  const password = await dialogue.newPassword(job.user);
  const hash = await makeHash(password, job.scheme);
  replace(job.file, {
    newMode: NEW_MODE,
    change: (present) => {
      // Somebody may have removed the file meanwhile.
      if (present === undefined && !job.create) {
        throw new PasswordToolError(PASSWD_STATUS.noFile, `${job.file} does not exist any more`);
      }
      return withPassword(job.create || present === undefined ? Buffer.alloc(0) : present, job.user, hash);
    },
  });
  output.say(`password of ${shown(job.user)} set (${hashKind(hash)?.name})`);
  if ([...password].length < SHORTEST_GOOD_PASSWORD) {
    output.say(`warning: it has fewer than ${SHORTEST_GOOD_PASSWORD} characters, which programs that guess find soon`);
  }
  if (!exists) output.say(`${job.file} is new: see that the account of the web server can read it, and nobody else`);
  return PASSWD_STATUS.ok;
}

const NEW_MODE = 0o640;
const LONGEST_PASSWORD = 1000;
/** Shorter ones are taken, since scripts of older servers set such, but not without a word. A DES hash sees no more than this. */
const SHORTEST_GOOD_PASSWORD = 8;

async function makeHash(password: string, scheme: HashScheme): Promise<string> {
  if (password === '') throw new PasswordToolError(PASSWD_STATUS.badPassword, 'the password is empty');
  if (Buffer.byteLength(password) > LONGEST_PASSWORD) {
    throw new PasswordToolError(
      PASSWD_STATUS.badPassword,
      `the password is longer than ${LONGEST_PASSWORD} bytes, which no client can send`,
    );
  }
  try {
    return await hashPassword(password, scheme);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PasswordToolError(PASSWD_STATUS.badPassword, error.message);
  }
}

/** Replaces a file of accounts; throws `PasswordToolError`. */
export function replace(file: string, options: ReplaceOptions): void {
  try {
    replaceFile(file, options);
  } catch (error) {
    if (!(error instanceof ReplaceError)) throw error;
    throw new PasswordToolError(PASSWD_STATUS.notWritten, error.message);
  }
}

function readUsers(file: string, output: PasswordToolOutput): ReadonlyMap<string, readonly string[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PasswordToolError(PASSWD_STATUS.noFile, `${file} cannot be read (${code ?? 'error'})`);
  }
  return parsePasswords(text, (line) => output.say(`${file}:${line}`));
}

/** Asks for passwords where they come from. */
class Dialogue {
  #terminal: import('../../command/terminal.js').Terminal | undefined;

  constructor(readonly job: PasswordJob) {}

  /** Asked once. */
  async password(question: string): Promise<string> {
    const { password } = this.job;
    if (password.from === 'argument') return password.text;
    if (password.from === 'input') return readLine();
    const answer = await (await this.#open()).ask(question, 'hidden');
    if (answer === undefined) throw interrupted();
    return answer;
  }

  /** Asked twice where people type it blindly. */
  async newPassword(user: string): Promise<string> {
    const first = await this.password(`New das2 password of ${printable(user)}> `);
    if (this.job.password.from !== 'terminal' || first === '') return first;
    const second = await this.password('Once more> ');
    if (first !== second)
      throw new PasswordToolError(PASSWD_STATUS.badPassword, 'the passwords differ; nothing changed');
    return first;
  }

  /** Creating anew empties a file that exists: only somebody at a terminal can say yes to that, or `--force`. */
  async confirm(file: string): Promise<void> {
    const refused = new PasswordToolError(
      PASSWD_STATUS.notWritten,
      `${file} exists, and -c would remove all users in it; without -c the user is added, --force overwrites`,
    );
    const { Terminal } = await import('../../command/terminal.js');
    this.#terminal ??= Terminal.open();
    if (this.#terminal === undefined) throw refused;
    const answer = await this.#terminal.ask(`${file} exists. Remove all users in it? [y/N] `, 'shown');
    if (answer === undefined) throw interrupted();
    if (!/^\s*y(?:es)?\s*$/i.test(answer)) throw refused;
  }

  async close(): Promise<void> {
    this.#terminal?.close();
  }

  async #open(): Promise<import('../../command/terminal.js').Terminal> {
    const { Terminal } = await import('../../command/terminal.js');
    this.#terminal ??= Terminal.open();
    if (this.#terminal !== undefined) return this.#terminal;
    throw new PasswordToolError(
      PASSWD_STATUS.noPassword,
      'there is no terminal to ask for the password; give it on standard input with --stdin',
    );
  }
}

function interrupted(): PasswordToolError {
  return new PasswordToolError(PASSWD_STATUS.interrupted, 'interrupted; nothing changed');
}

/** The first line of standard input, without its end. */
function readLine(): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(0);
  } catch {
    bytes = Buffer.alloc(0);
  }
  const end = bytes.indexOf(0x0a);
  return (end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8').replace(/\r$/, '');
}

function shown(user: string): string {
  return `'${printable(user)}'`;
}

/** Names come from a file or a command line and go to a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** Throws unless the name can stand in the file. */
export function requireUserName(user: string): void {
  const fault = userNameFault(user);
  if (fault !== undefined) throw new PasswordToolError(PASSWD_STATUS.badUser, `the user name ${fault}`);
}
