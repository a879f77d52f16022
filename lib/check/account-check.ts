/**
 * Checks the files of accounts and groups: lines that are skipped, hashes that nobody fits or that are weak, members without
 * an account, groups that settings name (server-internals 1.5, 4.4).
 */
import { readGroups, readPasswords } from '../auth/accounts.js';
import { hashKind } from '../auth/hash/password-hash.js';
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import type { Findings } from './findings.js';

/** The accounts as far as they can be read. */
export interface KnownAccounts {
  readonly users: ReadonlySet<string> | undefined;
  readonly groups: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/** The hash of `testuser` as it is delivered: its password is in every manual. */
const DELIVERED_HASH = 'lLp764MZK2EPo';

/** Checks the account files; the result serves the check of `readAccess`. */
export function checkAccounts(configuration: Configuration, all: Findings): KnownAccounts {
  const findings = all.about('accounts');
  const users = checkPasswords(configuration, findings);
  let groups: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  if (configuration.path('USER_GROUP') !== undefined) {
    try {
      groups = readGroups(configuration.path('USER_GROUP'), (line) => findings.warning('group-line', line));
    } catch (error) {
      findings.error('group-file', errorDetail(error), { clients: 'sources with GROUP conditions get 500' });
    }
  }
  for (const [group, members] of groups ?? []) {
    const missing = users === undefined ? [] : [...members].filter((member) => !users.has(member));
    if (missing.length > 0) {
      findings.warning('no-account', `group ${group}: no account for ${missing.join(', ')}`, {
        clients: 'they get 401',
        advice: 'das2_srv_passwd makes accounts',
      });
    }
  }
  for (const key of ['ADMIN_GROUP', 'VIEW_LOG_GROUP'] as const) {
    const group = configuration.text(key);
    if (group !== undefined && !groups?.has(group)) {
      findings.warning('no-group', `${key}: there is no group ${group}`, { advice: 'add it to USER_GROUP' });
    }
  }
  return { users, groups };
}

function checkPasswords(configuration: Configuration, findings: Findings): ReadonlySet<string> | undefined {
  const file = configuration.path('USER_PASSWD');
  if (file === undefined) return undefined;
  let hashes: ReadonlyMap<string, readonly string[]>;
  try {
    hashes = readPasswords(file, (line) => findings.warning('password-line', line));
  } catch (error) {
    findings.error('password-file', errorDetail(error), { clients: 'protected sources get 500' });
    return undefined;
  }
  for (const [user, stored] of hashes) {
    if (stored.length > 1) findings.warning('two-passwords', `user ${user} has ${stored.length} passwords; each opens`);
    for (const hash of stored) {
      const kind = hashKind(hash);
      if (hash === DELIVERED_HASH) {
        findings.warning('delivered-password', `user ${user} has the password of the example, which everybody knows`, {
          advice: `das2_srv_passwd -D ${user}, or set another password`,
        });
      } else if (kind === undefined)
        findings.note('locked', `user ${user} cannot log in: the hash is of no known form`);
      else if (kind.isWeak) {
        findings.note('weak-hash', `user ${user} has a weak hash (${kind.name})`, { advice: 'set the password again' });
      }
    }
  }
  return new Set(hashes.keys());
}
