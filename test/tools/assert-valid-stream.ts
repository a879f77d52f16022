/**
 * Says whether bytes are a valid stream, for tests of everything that writes streams.
 *
 *     assertValidStream(t, output);
 *     assertValidStream(t, output, { allow: ['x-decreases'] });
 *
 * Violations and remarks both fail, unless their code is allowed: what we write ourselves should give no cause for a remark.
 */
import type { Test } from 'tap';
import type { Report } from '../../lib/stream/validator/findings.js';
import type { RuleCode } from '../../lib/stream/validator/rules.js';
import { validateStream } from '../../lib/stream/validator/validator.js';

export interface AssertValidOptions {
  /** Check the rules of section 17 too; on without it. */
  readonly strict?: boolean;
  /** Codes that do not fail the test. */
  readonly allow?: readonly RuleCode[];
  readonly message?: string;
}

/** The report of the validator on these bytes. */
export function reportOf(bytes: Uint8Array, options: { readonly strict?: boolean } = {}): Report {
  const validator = validateStream({ strict: options.strict ?? true });
  validator.push(bytes);
  return validator.end();
}

/** Fails the test with the findings, unless there are none. */
export function assertValidStream(t: Test, bytes: Uint8Array, options: AssertValidOptions = {}): boolean {
  const { allow = [], message = 'the stream is valid', strict = true } = options;
  const findings = reportOf(bytes, { strict })
    .findings.filter(({ code }) => !allow.includes(code))
    .map(({ offset, packet, code, message }) => `${offset}: packet ${packet}: ${code}: ${message}`);
  return t.strictSame(findings, [], message);
}
