/**
 * The account that this process runs under, for the field of jobs that says who asked (server-internals 3.2).
 *
 * Looked up by number: `os.userInfo` of the packed programs believes the environment, which a web server does not set and `sudo` may leave.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface OwnAccount {
  /** Login name; '' if it has none, as in containers. */
  readonly name: string;
  /** Full name; the login name where there is none. */
  readonly fullName: string;
}

/** The account of the effective user; `passwd` is the text of the system's list. Never throws. */
export function ownAccount(passwd = systemAccounts(), uid = process.geteuid?.()): OwnAccount {
  const row = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length >= 7 && fields[2] === String(uid));
  const name = row?.[0] ?? nameElsewhere();
  return { name, fullName: row?.[4]?.split(',')[0]?.trim() || name };
}

function systemAccounts(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

/** For accounts that a directory service keeps. */
function nameElsewhere(): string {
  try {
    const { username } = userInfo();
    return username === 'unknown' ? '' : username;
  } catch {
    return '';
  }
}
