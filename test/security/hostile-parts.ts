/** What hostile requests are made of: payloads, codings, ways up and out, the same random numbers each time. */
import type { RequestSpec } from '../tools/protocol-driver.js';

/** A request that wants to do harm. */
export interface HostileRequest extends RequestSpec {
  /** What it tries. */
  readonly kind: string;
}

/** In every hostile text, so that it can be found wherever it turns up. */
export const MARK = 'EVIL';

/** The range of a good request. */
export const TIMES = 'start_time=2017-01-01&end_time=2017-01-02';

/** Sources whose readers tell what has reached them. */
export const READERS = ['Canary', 'CanaryShell', 'CanaryMacro', 'CanaryInterval', 'CanaryReduced'];

/** Shell text that makes the file `pwned`, in every way to start a command. */
export function shellPayloads(pwned: string): string[] {
  const command = `touch ${pwned}`;
  return [
    `;${command};`,
    `| ${command}`,
    `|| ${command}`,
    `& ${command}`,
    `&& ${command}`,
    `$(${command})`,
    `\`${command}\``,
    `\n${command}\n`,
    `\r\n${command}`,
    `> ${pwned}`,
    `>> ${pwned}`,
    `< /etc/passwd`,
    `<(${command})`,
    `a' ; ${command}; '`,
    `a" ; ${command}; "`,
    `'$(${command})'`,
    `"$(${command})"`,
    `"\`${command}\`"`,
    `\\$(${command})`,
    `\\\n${command}`,
    `{touch,${pwned}}`,
    `$IFS;touch$IFS${pwned}`,
    `$\{IFS}${command}`,
    `$'\\n'${command}`,
    `\0;${command}`,
    `*`,
    `?`,
    `~root`,
    `!!`,
    `#${MARK}`,
    `-rf`,
    `--config=/etc/passwd`,
    `-e system("${command}")`,
    `%n%s%x`,
    `eval ${command}`,
    `exec ${command}`,
    `'unbalanced`,
    `"unbalanced`,
    `trailing\\`,
    `PATH=${pwned}`,
    `\u037e${command}`,
    `\uff1b${command}`,
    `\u2028${command}`,
    `\u202e${command}`,
    `__proto__`,
    `constructor`,
    `$(PARAMS)$(THIS_FILE)$(USER_PASSWD)`,
    `\${USER_PASSWD}`,
  ].map((payload) => `${MARK}${payload}`);
}

/** As a careful client, as one that encodes everything, and as one that encodes twice. */
export const CODINGS: readonly ((text: string) => string)[] = [
  (text) => encodeURIComponent(text),
  (text) => everyByte(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
];

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** A query of these values, as they are. */
export function queryOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
}

/** Ways to write the folder above. */
export const UP = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '..%5c',
  '..\\',
  '%252e%252e%252f',
  '%c0%ae%c0%ae/',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '....//',
  './../',
  '..;/',
  '%2e./',
  '..%00/',
  '..%ef%bc%8f',
];

/** Ways to end a line. */
export const BREAKS = [
  '%0d%0a',
  '%0a',
  '%0d',
  '%00',
  '%0b',
  '%e5%98%8a%e5%98%8d',
  '%250d%250a',
  '%c2%85',
  '%e2%80%a8',
  '%c4%8d%c4%8a',
];

/** Headers of a browser. */
export const BROWSER = { 'User-Agent': 'Mozilla/5.0 (X11) Firefox/120.0' };

/** Numbers between 0 and 1, the same row for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
