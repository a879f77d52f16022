/**
 * May this client have these data? The one authorisation function: every route that runs a reader or reads the cache for a
 * client asks it (server-protocol 4.7, server-internals 4.1 to 4.3).
 *
 * Conditions are tried from left to right, the first that is met grants access. The range asked about must be the one that is
 * served, after defaults and trimming. Wrong credentials get the same answer as none. Details of faults go to the log only.
 * Accounts and password hashes are loaded when a condition needs them.
 */
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import type { Source } from '../source/source.js';
import { type TimeRange, timeFromUnix } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { type Applicant, isAllowedAddress } from './address-rights.js';
import { type Condition, parseConditions } from './conditions.js';
import { isLogIn, parseCredentials } from './credentials.js';
import { subtractDuration } from './duration.js';

export type Access =
  | {
      readonly outcome: 'granted';
      readonly by: 'public' | 'testFrom' | 'age' | 'group' | 'user';
      /** Verified name, where credentials decided. */
      readonly user?: string;
      /** Where the age of the data decided: data from here on are closed. */
      readonly openUntil?: TimePoint;
    }
  /** 401 with this realm. */
  | { readonly outcome: 'challenge'; readonly realm: string }
  /** 429. */
  | { readonly outcome: 'tooMany'; readonly retryAfterSeconds: number }
  /** 500; why, is in the log already. */
  | { readonly outcome: 'fault' };

export interface AccessQuestion {
  readonly source: Pick<Source, 'id' | 'readAccess'>;
  /** For the challenge; see `realmOf`. */
  readonly realm: string;
  /** The range that will be served; undefined if there is none, which no AGE condition grants. */
  readonly range: TimeRange | undefined;
  readonly applicant: Applicant;
  readonly configuration: Configuration;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly log: (line: string) => void;
}

type AccountQuestion = Pick<AccessQuestion, 'applicant' | 'configuration' | 'now' | 'log'>;

/** What the credentials of a request are worth. */
type LogIn =
  | { readonly outcome: 'verified'; readonly user: string }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'tooMany'; readonly retryAfterSeconds: number };

/** Decides about one request for data. */
export async function authorise(question: AccessQuestion): Promise<Access> {
  const { source, applicant, log } = question;
  if (source.readAccess === undefined) return { outcome: 'granted', by: 'public' };
  const logIn = logInOnce(question);
  try {
    if (await isAllowedAddress(applicant, 'TEST_FROM', question)) return { outcome: 'granted', by: 'testFrom' };
    for (const condition of parseConditions(source.readAccess)) {
      const access = await tryCondition(condition, question, logIn);
      if (access !== undefined) return access;
    }
  } catch (error) {
    log(`${source.id}: access could not be checked: ${errorDetail(error)}`);
    return { outcome: 'fault' };
  }
  return { outcome: 'challenge', realm: question.realm };
}

/**
 * The verified user of the applicant if he is a member of a group (`ADMIN_GROUP`, `VIEW_LOG_GROUP`), else undefined. No
 * address is exempt here, and a fault counts as no.
 */
export async function verifiedMember(group: string, question: AccountQuestion): Promise<string | undefined> {
  try {
    const access = await tryAccount({ method: 'GROUP', group }, question, logInOnce(question));
    return access?.outcome === 'granted' ? access.user : undefined;
  } catch (error) {
    question.log(`membership of ${group} could not be checked: ${errorDetail(error)}`);
    return undefined;
  }
}

/** The answer if the condition settles the matter, undefined if the next one is to be tried. */
async function tryCondition(
  condition: Condition,
  question: AccessQuestion,
  logIn: () => Promise<LogIn>,
): Promise<Access | undefined> {
  const { source, log, range, now } = question;
  switch (condition.method) {
    case 'fault':
      log(`${source.id}: readAccess: ${condition.reason}`);
      return { outcome: 'fault' };
    case 'never':
      log(`${source.id}: readAccess: ${condition.reason}; the condition is never met`);
      return undefined;
    case 'AGE': {
      const edge = subtractDuration(now, condition.duration);
      if (range === undefined || !Number.isFinite(edge)) return undefined;
      const openUntil = timeFromUnix(edge);
      const isOld = compareTimes(range.begin, range.end) <= 0 && compareTimes(range.end, openUntil) < 0;
      return isOld ? { outcome: 'granted', by: 'age', openUntil } : undefined;
    }
    default:
      return tryAccount(condition, question, logIn);
  }
}

/** GROUP and USER conditions. The files are looked at first: without them nobody could ever be let in, which is a fault. */
async function tryAccount(
  condition: Condition & { readonly method: 'GROUP' | 'USER' },
  question: AccountQuestion,
  logIn: () => Promise<LogIn>,
): Promise<Access | undefined> {
  const { configuration, log } = question;
  const { readGroups, readPasswords } = await import('./accounts.js');
  readPasswords(configuration.path('USER_PASSWD'), log);
  const members =
    condition.method === 'GROUP' ? readGroups(configuration.path('USER_GROUP'), log).get(condition.group) : undefined;
  const result = await logIn();
  if (result.outcome === 'tooMany') return result;
  if (result.outcome === 'none') return undefined;
  const isMeant = condition.method === 'USER' ? result.user === condition.user : members?.has(result.user);
  if (!isMeant) return undefined;
  return { outcome: 'granted', by: condition.method === 'USER' ? 'user' : 'group', user: result.user };
}

/** Checks the credentials of a request; no more than once, however many conditions ask. */
function logInOnce(question: AccountQuestion): () => Promise<LogIn> {
  let result: Promise<LogIn> | undefined;
  return () => {
    result ??= logIn(question);
    return result;
  };
}

async function logIn(question: AccountQuestion): Promise<LogIn> {
  const { applicant, configuration, now, log } = question;
  const header = applicant.headers.get('authorization');
  if (!isLogIn(header)) return { outcome: 'none' };
  // Nobody is let in without a name, but who goes on trying like that is a guesser as others are.
  const { user, password } = parseCredentials(header) ?? { user: '', password: '' };
  const [{ readPasswords }, { LogInLimit }, { verifyPassword }] = await Promise.all([
    import('./accounts.js'),
    import('./log-in-limit.js'),
    import('./hash/password-hash.js'),
  ]);
  const limit = new LogInLimit(configuration.path('STATE_ROOT'), user, applicant.clientAddress);
  const secondsToWait = (): number => limit.secondsToWait(now);
  if (secondsToWait() > 0) return { outcome: 'tooMany', retryAfterSeconds: secondsToWait() };
  const hashes = readPasswords(configuration.path('USER_PASSWD'), log).get(user) ?? [];
  const isRefused = (): boolean => secondsToWait() > 0;
  const isRight = user !== '' && (await verifyPassword({ user, password, hashes, now, log, isRefused }));
  // Of many tries that came at one time those count that are decided before ten have failed: else the limit were none.
  if (isRefused()) return { outcome: 'tooMany', retryAfterSeconds: secondsToWait() };
  if (isRight) return { outcome: 'verified', user };
  limit.fail(now);
  log(`log-in failed: user '${user.slice(0, 64)}' from ${applicant.clientAddress || 'an unknown address'}`);
  return { outcome: 'none' };
}
