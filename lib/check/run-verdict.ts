/**
 * What one run of a source says about it: mistakes of readers, in the words of those who write them.
 *
 * Contract: everything is judged by what came out and how the stages ended; each finding names what to change.
 */
import { outputByNameAdvice } from '../pipeline/stage/output-by-name.js';
import type { PipelineResult } from '../pipeline/stage/stage.js';
import type { StreamKind } from '../source/definition/definition-keys.js';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, parseTime, us2000FromTime } from '../stream/time.js';
import type { Finding, Report } from '../stream/validator/findings.js';
import type { Findings } from './findings.js';

/** What came of one run. */
export interface Outcome {
  /** The run in words. */
  readonly what: string;
  /** It is the output of the reader itself, or of its up-converter. */
  readonly isFull: boolean;
  /** What the definition says that the reader writes. */
  readonly kind: StreamKind;
  readonly range: TimeRange;
  /** Seconds that it had. */
  readonly timeout: number;
  readonly result: PipelineResult;
  readonly report: Report;
  readonly records: number;
  readonly endsWithException: boolean;
}

/** Adds what there is to say of a run. */
export function judgeRun(outcome: Outcome, findings: Findings): void {
  const { what, timeout, result } = outcome;
  const { terminationReason, failedStage } = result;
  if (terminationReason === 'firstByteTimeout' || (terminationReason !== undefined && result.bytes === 0)) {
    findings.error('no-answer', `${what}: nothing came within ${timeout} s`, {
      clients: 'wait until FIRST_BYTE_TIMEOUT and then get 500',
      advice:
        'see whether the reader waits for a disk, a network or a licence, or holds its output back (flush it); --timeout gives it longer here',
    });
  } else if (terminationReason !== undefined) {
    findings.warning('slow', `${what}: not at its end after ${timeout} s (${result.bytes} bytes by then)`, {
      advice: 'choose a shorter example, or give it longer with --timeout',
    });
  } else if (failedStage !== undefined) {
    const end = failedStage.signal ?? `status ${failedStage.status ?? 'unknown'}`;
    findings.error(
      `${failedStage.role}-failed`,
      `${what}: the ${failedStage.role} ended with ${end}${said(failedStage.standardError)}`,
      {
        clients: result.bytes === 0 ? 'get 500' : 'get a stream that ends with an exception, or a cut one',
        advice:
          outputByNameAdvice(failedStage) ??
          `try it by hand, with the folders of BIN_PATH in PATH: ${failedStage.commandLine}`,
      },
    );
  } else if (result.bytes === 0) {
    findings.warning('no-data', `${what}: no output`, {
      clients: 'get NoDataInInterval',
      advice: 'choose an example with data',
    });
  }
  const isWhole = terminationReason === undefined && failedStage === undefined;
  if (!isWhole || result.bytes === 0) return;
  judgeStream(outcome, findings);
  if (outcome.isFull) judgeTimes(outcome, findings);
}

function judgeStream({ what, kind, report, records, endsWithException }: Outcome, findings: Findings): void {
  const [first] = report.findings.filter(({ severity }) => severity === 'violation');
  if (first !== undefined) {
    findings.error(
      'bad-stream',
      `${what}: ${violations(report.violations)} of the stream format, first: ${first.message} (${first.code}, byte ${first.offset})`,
      {
        clients: 'fail or show wrong values',
        advice: 'pipe the output into das2_valid, and correct the reader',
      },
    );
  } else if (report.remarks > 0) {
    const [remark] = report.findings;
    findings.note(
      'stream',
      `${what}: ${remark?.message} (${remark?.code})${report.remarks > 1 ? `, and ${report.remarks - 1} more remarks` : ''}`,
    );
  }
  const { family } = report.summary;
  if (family !== 'unknown' && (family === 'qstream') !== (kind === 'qstream')) {
    findings.error(
      'other-kind',
      `${what}: ${family === 'qstream' ? 'a QStream, not a das2 stream' : 'a das2 stream, not a QStream'}`,
      {
        clients: 'get a stream of another kind than they are told, and no reduced data',
        advice:
          family === 'qstream' ? "write qstream = '1' in the definition" : "write das2Stream = '1' in place of qstream",
      },
    );
  }
  if (endsWithException) {
    findings.warning('exception', `${what}: the stream ends with an exception`, {
      clients: 'are told of an error or of no data',
    });
  } else if (records === 0 && family === 'das2') {
    findings.warning('no-data', `${what}: a stream without data`, { advice: 'choose an example with data' });
  }
}

/** The times of the records, as they came from the reader. */
function judgeTimes({ what, range, report, records }: Outcome, findings: Findings): void {
  const { timeRange } = report.summary;
  if (timeRange === undefined) return;
  const { begin, end } = timeRange;
  if (isElsewhere(timeRange, range)) {
    findings.error('other-range', `${what}: all records are of other times, ${begin} to ${end}`, {
      clients: 'get data that they have not asked for',
      advice: 'have the reader use its begin and end, and look at the units and the byte order of its times',
    });
  } else if (records > 2 && begin === end) {
    findings.warning('one-time', `${what}: all ${records} records are of one time, ${begin}`, {
      clients: 'see one point',
      advice: 'look at the byte order and the units of the times',
    });
  } else if (countOf(report, 'x-decreases') * 4 > records) {
    const times = countOf(report, 'x-decreases');
    findings.warning('backwards', `${what}: time goes back ${times} times in ${records} records`, {
      clients: 'get bins twice or more',
      advice: 'sort the records; of a das1 source compare ny, items or y_coordinate with what the reader writes',
    });
  } else if (isMostlyBeyond(timeRange, range)) {
    findings.warning('beyond-range', `${what}: the records go on far outside of it, ${begin} to ${end}`, {
      clients: 'wait for data that they have not asked for',
      advice: 'have the reader begin and end with its arguments',
    });
  }
}

/** How often a rule of the validator was broken. */
function countOf({ findings, more }: Report, code: Finding['code']): number {
  return findings.filter((finding) => finding.code === code).length + (more[code] ?? 0);
}

/** The records reach beyond the range by more than its own length. */
function isMostlyBeyond(records: { readonly begin: string; readonly end: string }, { begin, end }: TimeRange): boolean {
  const [first, last, from, to] = [parseTime(records.begin), parseTime(records.end), begin, end].map(us2000FromTime);
  const length = (to as number) - (from as number);
  return (from as number) - (first as number) > length || (last as number) - (to as number) > length;
}

/** No record lies within the range that the reader was asked for. */
function isElsewhere(records: { readonly begin: string; readonly end: string }, { begin, end }: TimeRange): boolean {
  return compareTimes(parseTime(records.end), begin) < 0 || compareTimes(parseTime(records.begin), end) >= 0;
}

/** The end of what a stage said, on one line. */
function said(standardError: string): string {
  const lines = standardError.trim().split('\n').slice(-3);
  return lines.join('') === '' ? '' : `: ${lines.join(' / ').slice(-400)}`;
}

function violations(count: number): string {
  return count === 1 ? 'a violation' : `${count} violations`;
}
