/**
 * What the validator found: a bounded list of findings, and the report that holds them.
 *
 * Contract: at most `limit` findings of one code are kept, the others are counted, so memory does not depend on how bad a stream is.
 * A message may be given as a function, which is called only when the finding is kept.
 */
import { type RuleCode, type Severity, VALIDATOR_RULES } from './rules.js';

/** Where something was found. */
export interface Place {
  /** Byte offset from the begin of the stream; in a compressed stream that of the inflated bytes. */
  readonly offset: number;
  /** Id as on the wire (`00`, `01`, `xx`), empty where there is no packet. */
  readonly packet: string;
}

export interface Finding extends Place {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly section: string;
  readonly message: string;
}

export interface TimeRange {
  /** Smallest and largest x in time units, as ISO text. */
  readonly begin: string;
  readonly end: string;
}

export interface StreamSummary {
  readonly family: 'das2' | 'qstream' | 'unknown';
  /** Bytes looked at; inflated ones in a compressed stream. */
  readonly bytes: number;
  readonly packets: number;
  /** Packet id to number of records, for every id that was defined. */
  readonly records: Readonly<Record<string, number>>;
  /** Missing where there are no records with time units. */
  readonly timeRange?: TimeRange;
  /** False when checking stopped at a fault after which the framing is not known. */
  readonly complete: boolean;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** Findings beyond the limit: code to their number. */
  readonly more: Readonly<Partial<Record<RuleCode, number>>>;
  /** All violations and remarks, those in `more` included. */
  readonly violations: number;
  readonly remarks: number;
  readonly summary: StreamSummary;
}

export interface FindingOptions {
  /** Check the rules of section 17 as well. */
  readonly strict: boolean;
  /** Findings kept per code. */
  readonly limit: number;
}

export class Findings {
  readonly kept: Finding[] = [];
  private readonly counts = new Map<RuleCode, number>();

  constructor(private readonly options: FindingOptions) {}

  get strict(): boolean {
    return this.options.strict;
  }

  /** Notes a departure from a rule; strict rules count in strict mode only. */
  add(code: RuleCode, place: Place, message: string | (() => string)): void {
    const { section, severity, strict } = VALIDATOR_RULES[code];
    if (strict && !this.options.strict) return;
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count > this.options.limit) return;
    const { offset, packet } = place;
    const text = typeof message === 'string' ? message : message();
    this.kept.push({ code, severity, section, offset, packet, message: text });
  }

  /** All findings as a report, in the order of their offsets. */
  report(summary: StreamSummary): Report {
    const more: Partial<Record<RuleCode, number>> = {};
    const total = { violation: 0, remark: 0 };
    for (const [code, count] of this.counts) {
      total[VALIDATOR_RULES[code].severity] += count;
      if (count > this.options.limit) more[code] = count - this.options.limit;
    }
    const findings = [...this.kept].sort((a, b) => a.offset - b.offset);
    return { findings, more, violations: total.violation, remarks: total.remark, summary };
  }
}

/** Foreign text in a message: quoted, escaped and short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
