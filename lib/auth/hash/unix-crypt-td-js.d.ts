/** Types of the package `unix-crypt-td-js`, which has none: DES crypt(3). */
declare module 'unix-crypt-td-js' {
  /** The 13-character hash; characters or bytes of the password, two characters of salt. */
  export default function crypt(password: string | number[], salt: string): string;
}
