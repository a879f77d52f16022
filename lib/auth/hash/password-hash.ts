/**
 * Password hashes: verifying all forms found in the field, making new ones (server-internals 4.4).
 *
 *   13 characters        DES crypt           read; made on demand (8 bytes of the password count)
 *   $1$ $apr1$ {SHA}     MD5, Apache         read
 *   $5$ $6$              SHA-crypt           read; `$6$` with 50 000 rounds is what is made
 *   $2a$ $2b$ $2y$       bcrypt              read; made on demand
 *   $scrypt$             scrypt              read; made on demand
 *
 * Everything else, an empty text, `*` and `!` match nothing. Comparison takes the same time whatever differs; an unknown user
 * costs as much as a known one. Loaded only where credentials are checked or made.
 */
import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { randomSalt } from './crypt-base64.js';

export type HashScheme = 'sha512' | 'bcrypt' | 'scrypt' | 'des';

/** Name of a stored hash's scheme and whether it should be replaced; undefined for what matches nothing. */
export interface HashKind {
  readonly name: 'DES' | 'MD5' | 'Apache MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512' | 'bcrypt' | 'scrypt';
  readonly isWeak: boolean;
}

const SHA512_ROUNDS = 50_000;
const BCRYPT_COST = 12;
const SCRYPT = { ln: 15, r: 8, p: 1 } as const;
/** Verified against where there is no user: the default scheme, of a password nobody has. */
const DUMMY = `$6$rounds=${SHA512_ROUNDS}$das2dummy$`;
/** Hashes that take about as long as that one. */
const DEAR = new RegExp(
  '^(?:\\$[56]\\$rounds=(?:[5-9]\\d{4}|[1-9]\\d{5,6})\\$|' +
    '\\$2[aby]\\$1[0-6]\\$[./A-Za-z0-9]{53}$|\\$scrypt\\$ln=1[4-9],r=8,)',
);

/** Verifications that run at one time; others wait. */
const CONCURRENT = 2;
/** How long a resident server remembers a success. */
const REMEMBERED_MS = 300_000;
const MOST_REMEMBERED = 1000;

const memoryKey = randomBytes(32);
const successes = new Map<string, number>();
const warnedUsers = new Set<string>();
let running = 0;
const waiting: (() => void)[] = [];

/**
 * True if the password fits one of the user's stored hashes. `hashes` is empty for unknown users. A try that fails costs as much for
 * a user whose hash is quick to compute, or none, as for one who is unknown, or the time would tell who has an account.
 */
export async function verifyPassword(attempt: {
  readonly user: string;
  readonly password: string;
  readonly hashes: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly log: (line: string) => void;
  /** Asked when the turn of this try has come, which may be long after it arrived: true if it is not to be made any more. */
  readonly isRefused?: () => boolean;
}): Promise<boolean> {
  const { user, password, hashes, now, log, isRefused = () => false } = attempt;
  const keys = hashes.map((stored) =>
    createHmac('sha256', memoryKey)
      .update(JSON.stringify([user, password, stored]))
      .digest('base64'),
  );
  if (keys.some((key) => (successes.get(key) ?? 0) > now)) return true;
  const at = await limited(async () => (isRefused() ? -1 : fittingHash(password, hashes)));
  const key = keys[at];
  if (key === undefined) return false;
  if (successes.size >= MOST_REMEMBERED) successes.clear();
  successes.set(key, now + REMEMBERED_MS);
  if (hashKind(hashes[at] ?? '')?.name === 'DES' && !warnedUsers.has(user)) {
    warnedUsers.add(user);
    log(`user '${user.slice(0, 64)}' has a DES password hash, which is weak: set the password again`);
  }
  return true;
}

/** Which of the hashes the password gives; -1 if none. */
async function fittingHash(password: string, hashes: readonly string[]): Promise<number> {
  for (const [at, stored] of hashes.entries()) if (await matches(password, stored)) return at;
  if (!hashes.some((stored) => DEAR.test(stored))) await matches(password, DUMMY);
  return -1;
}

/** The scheme of a stored hash. */
export function hashKind(stored: string): HashKind | undefined {
  if (/^[./0-9A-Za-z]{13}$/.test(stored)) return { name: 'DES', isWeak: true };
  if (stored.startsWith('$1$')) return { name: 'MD5', isWeak: true };
  if (stored.startsWith('$apr1$')) return { name: 'Apache MD5', isWeak: true };
  if (stored.startsWith('{SHA}')) return { name: 'SHA-1', isWeak: true };
  if (stored.startsWith('$5$')) return { name: 'SHA-256', isWeak: false };
  if (stored.startsWith('$6$')) return { name: 'SHA-512', isWeak: false };
  if (/^\$2[aby]\$/.test(stored)) return { name: 'bcrypt', isWeak: false };
  return stored.startsWith('$scrypt$') ? { name: 'scrypt', isWeak: false } : undefined;
}

/** True if the password gives the stored hash. */
export async function matches(password: string, stored: string): Promise<boolean> {
  const computed = await rehash(password, stored);
  return computed !== undefined && sameText(computed, stored);
}

/**
 * A new hash. Passwords that the scheme would cut (DES beyond 8 bytes, bcrypt beyond 72) are refused with a RangeError, as are
 * NUL characters, which crypt(3) elsewhere would take for the end.
 */
export async function hashPassword(password: string, scheme: HashScheme = 'sha512'): Promise<string> {
  const length = Buffer.byteLength(password);
  if (password.includes('\0')) throw new RangeError('a password cannot hold a NUL character');
  if (scheme === 'des' && length > 8) throw new RangeError('of a DES hash only 8 bytes of the password count');
  if (scheme === 'bcrypt' && length > 72) throw new RangeError('of a bcrypt hash only 72 bytes of the password count');
  if (scheme === 'bcrypt') {
    const { hash } = await import('bcryptjs');
    return hash(password, BCRYPT_COST);
  }
  const salt = randomSalt(randomBytes(16));
  let pattern = `$6$rounds=${SHA512_ROUNDS}$${salt}$`;
  if (scheme === 'des') pattern = `${salt.slice(0, 2)}${'.'.repeat(11)}`;
  else if (scheme === 'scrypt') {
    const { ln, r, p } = SCRYPT;
    pattern = `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(randomBytes(16))}$${unpadded(Buffer.alloc(32))}`;
  }
  const made = await rehash(password, pattern);
  if (made === undefined) throw new Error(`no hash was made by ${scheme}`);
  return made;
}

/** The hash of a password by the scheme and with the salt of a stored hash; undefined where that is none. */
async function rehash(password: string, stored: string): Promise<string | undefined> {
  if (Buffer.byteLength(password) > 1024) return undefined;
  switch (hashKind(stored)?.name) {
    case 'DES':
      return desCrypt(password, stored);
    case 'MD5':
    case 'Apache MD5':
      return (await import('./md5-crypt.js')).md5Crypt(password, stored);
    case 'SHA-1':
      return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
    case 'SHA-256':
    case 'SHA-512':
      return (await import('./sha-crypt.js')).shaCrypt(password, stored);
    case 'bcrypt':
      return bcrypt(password, stored);
    case 'scrypt':
      return scryptHash(password, stored);
    default:
      return undefined;
  }
}

async function desCrypt(password: string, stored: string): Promise<string> {
  const { default: crypt } = await import('unix-crypt-td-js');
  // Only eight bytes count; the library wants them as characters up to 255.
  return crypt([...Buffer.from(password).subarray(0, 8)], stored.slice(0, 2));
}

async function bcrypt(password: string, stored: string): Promise<string | undefined> {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(stored)?.[1];
  if (cost === undefined || Number(cost) < 4 || Number(cost) > 16) return undefined;
  const { hash } = await import('bcryptjs');
  // The three letters name one and the same method; the library knows `b`.
  const made = await hash(password, `$2b${stored.slice(3, 29)}`);
  return stored.slice(0, 3) + made.slice(3);
}

function scryptHash(password: string, stored: string): Promise<string | undefined> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (match === null) return Promise.resolve(undefined);
  const [, ln = '', r = '', p = '', salt = '', digest = ''] = match;
  const N = 2 ** Number(ln);
  const maxmem = 256 * 1024 * 1024;
  const length = Buffer.from(digest, 'base64').length;
  if (Number(ln) < 1 || length > 128 || 128 * N * Number(r) > maxmem / 2) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const parameters = { N, r: Number(r), p: Number(p), maxmem };
    scrypt(password, Buffer.from(salt, 'base64'), length, parameters, (error, key) => {
      resolve(!error ? `$scrypt$ln=${ln},r=${r},p=${p}$${salt}$${unpadded(key)}` : undefined);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Compares digests of the texts, which have one length whatever the texts are. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', memoryKey).update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function limited<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= CONCURRENT) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.shift()?.();
  }
}
