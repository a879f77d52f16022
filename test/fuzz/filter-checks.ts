/**
 * What must hold for every filter program and every input (stream-format 11.4, 15): coded errors only, no dependence on chunks, valid
 * output even before a fault, no success where the input ends inside a packet, nothing lost.
 */
import { ERROR_TABLE } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import type { Report } from '../../lib/stream/validator/findings.js';
import type { RuleCode } from '../../lib/stream/validator/rules.js';
import { validateStream } from '../../lib/stream/validator/validator.js';
import { dataOf } from '../tools/run-filter.js';
import { type Element, planesOf, splitStream } from '../tools/split-stream.js';
import { execute, type Outcome, randomChunking, WHOLE } from './execute.js';
import { checkHapi } from './hapi-checks.js';
import { demand, type FuzzInput, type InputFacts } from './property.js';
import type { Random } from './random.js';

/** What comes out of a program. */
const TEXT_OUTPUT: ReadonlySet<string> = new Set(['das2_csv', 'das2_hapi', 'das1_ascii']);
const DAS1_INPUT: ReadonlySet<string> = new Set(['das1_ascii', 'das1_bin_avg', 'das2_from_tagged_das1']);
const DAS1_OUTPUT: ReadonlySet<string> = new Set(['das1_bin_avg']);
/** Programs that do every usual stream to its end. */
const COMPLETE: ReadonlySet<string> = new Set([
  'das2_ascii',
  'das2_binary',
  'das2_bin_avg',
  'das2_bin_avgsec',
  'das2_bin_peakavgsec',
  'das2_bin_minmaxavgsec',
  'das2_bin_ratesec',
  'das2_csv',
  'das2_histo',
]);
/** One record in, one record out. */
const ONE_FOR_ONE: ReadonlySet<string> = new Set(['das2_ascii', 'das2_binary']);
const REDUCERS: ReadonlySet<string> = new Set([
  'das2_bin_avg',
  'das2_bin_avgsec',
  'das2_bin_peakavgsec',
  'das2_bin_minmaxavgsec',
]);

/** Input that breaks one of these may not end in success (stream-format 2.4). */
export const FATAL: ReadonlySet<RuleCode> = new Set<RuleCode>([
  'not-a-stream',
  'das3-stream',
  'empty-stream',
  'unknown-tag',
  'length-field',
  'truncated-packet',
  'undefined-packet',
  'pipe-data-length',
  'xml-malformed',
  'deflate-broken',
  'no-planes',
  'type-missing',
  'type-unknown',
]);

/** What is passed on as it came may break these in the output as it did in the input. */
export const PASSED_ON: ReadonlySet<RuleCode> = new Set<RuleCode>([
  'packet-shape',
  'units-missing',
  'utc-as-number',
  'name-twice',
  'tag-count',
  'tag-number',
  'base-time',
  'property-value',
  'fill-value',
  'x-undefined',
  'not-monotonic',
  'message-attribute',
  'task-value',
  'q-header',
  'q-element',
  'q-no-datasets',
  'q-id',
  'q-values',
  'q-encoding',
  'q-length',
  'q-inline',
  'q-inline-records',
  'q-property',
  'q-property-value',
  'q-reference',
  'q-message',
]);

/** Runs of a case: one with all bytes at once, the others in random chunks. */
const RUNS = 3;

/** What the validator says of a stream. */
export function report(bytes: Uint8Array): Report {
  const validator = validateStream();
  validator.push(bytes);
  return validator.end();
}

/** The rules that a stream breaks. */
export const violated = ({ findings }: Report): RuleCode[] =>
  findings.filter(({ severity }) => severity === 'violation').map(({ code }) => code);

/** Checks one program with one input; returns the number of runs. */
export function checkFilter(program: FilterProgram, input: FuzzInput, random: Random): number {
  const { bytes, args } = input;
  const create = program.create.bind(program, args);
  const first = execute(create, bytes, WHOLE);
  for (let run = 1; run < RUNS; run++) compareOutcomes(first, execute(create, bytes, randomChunking(random)));
  const { error, cut, output } = first;
  if (error !== undefined && !cut) {
    demand(error.code in ERROR_TABLE, 'known error code', () => error.code);
    // Only the first packet tells that options do not suit a QStream.
    const fits = error.code !== 'internal' && (error.code !== 'usage' || error.message.includes('QStream'));
    demand(fits, 'error of the input', () => `${error.code} ${error.message}`);
    demand(error.message.length < 1000, 'short message', () => error.message);
    demand(error.exitStatus !== 0, 'status of a fault', () => error.message);
  }
  if (cut) return RUNS;
  if (DAS1_INPUT.has(program.name)) {
    checkDas1(program.name, input, first);
    return RUNS;
  }
  checkDas2(program.name, input, first, output);
  return RUNS;
}

/** Two runs over the same bytes in other chunks came to the same. */
export function compareOutcomes(a: Outcome, b: Outcome): void {
  if (a.cut || b.cut) {
    demand(
      a.cut === b.cut,
      'chunking independence of the amount',
      () => `${a.output.length} and ${b.output.length} bytes`,
    );
    return;
  }
  demand(a.error?.code === b.error?.code, 'chunking independence of the error', () => `${a.error} and ${b.error}`);
  demand(
    a.error?.message === b.error?.message,
    'chunking independence of the message',
    () => `${a.error} and ${b.error}`,
  );
  demand(a.output.equals(b.output), 'chunking independence of the output', () => difference(a.output, b.output));
}

function difference(a: Buffer, b: Buffer): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const around = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', Math.max(0, at - 40), at + 40));
  return `${a.length} and ${b.length} bytes, at ${at}: ${around(a)} and ${around(b)}`;
}

/** `[xx]` packet with an exception at the end of the output. */
export function endsWithException(output: Buffer): boolean {
  return /\[xx\]\d{6}\s*<exception [^<]*$/.test(output.toString('latin1', Math.max(0, output.length - 4000)));
}

function checkDas2(name: string, { bytes, args, nature, facts }: FuzzInput, outcome: Outcome, output: Buffer): void {
  const { error } = outcome;
  const before = report(bytes);
  const broken = violated(before);
  const fatal = broken.filter((code) => FATAL.has(code));
  if (fatal.length > 0) demand(error !== undefined, 'no success with broken input', () => fatal.join(', '));
  if (!before.summary.complete)
    demand(error !== undefined, 'no success with incomplete input', () => broken.join(', '));
  if (facts !== undefined && nature === 'whole' && facts.usual && COMPLETE.has(name)) {
    const refuses = name === 'das2_csv' && facts.exceptions > 0;
    // Gaps of many years have too many empty bins to be written out.
    const tooLong = name === 'das2_bin_ratesec' && error?.code === 'outputLimit';
    if (!refuses && !tooLong) demand(error === undefined, 'success with a good stream', () => String(error));
    checkAccount(name, args, facts, output, before, error !== undefined);
  }
  if (name === 'das2_hapi' && (error === undefined || error.exitStatus === 100)) checkHapi(args, output);
  if (TEXT_OUTPUT.has(name)) return;
  if (error !== undefined && output.length > 0) {
    demand(endsWithException(output), 'exception packet after a fault', () =>
      JSON.stringify(output.toString('latin1').slice(-200)),
    );
  }
  if (output.length === 0) return;
  const after = report(output);
  const remarks = after.findings.map(({ code }) => code);
  const wrong = violated(after).filter((code) => {
    if (PASSED_ON.has(code) && broken.length > 0) return false;
    // QStream messages of unknown kinds are passed on, das2 ones are dropped.
    if (code === 'root-element' && broken.includes(code)) return before.summary.family !== 'qstream';
    // Companions of planes without a name have the same names.
    if (code === 'name-twice' && before.findings.some((finding) => finding.code === 'name-missing')) return false;
    // Fields too narrow for the number and for the fill value are left blank.
    if (code === 'number-unreadable') {
      // Planes that ride along with spectra are copied as they are.
      return !remarks.includes('text-width') && !(name === 'das2_psd' && broken.includes(code));
    }
    // Infinite values are values; packet types that are each in order need not be so together.
    if (code === 'x-undefined') return name !== 'das2_histo';
    if (code === 'not-monotonic') return name !== 'das2_bin_ratesec';
    return true;
  });
  demand(wrong.length === 0, `valid output (${wrong[0]})`, () =>
    after.findings
      .filter(({ code }) => wrong.includes(code))
      .map(({ offset, code, message }) => `${offset} ${code} ${message}`)
      .join('; '),
  );
  demand(after.summary.complete, 'complete output', () => wrong.join());
  if (ONE_FOR_ONE.has(name) && nature !== 'damaged' && (error === undefined || facts?.usual === true)) {
    const [wanted, found] = [before, after].map(({ summary }) => JSON.stringify(nonZero(summary.records)));
    demand(wanted === found, 'as many records out as in', () => `${wanted} in, ${found} out`);
  }
  if (REDUCERS.has(name)) {
    const [most, found] = [before, after].map(({ summary }) => total(summary.records));
    demand(
      (found as number) <= (most as number) || before.findings.length > 0,
      'no more records out than in',
      () => `${most} in, ${found} out`,
    );
  }
}

const total = (records: Readonly<Record<string, number>>): number =>
  Object.values(records).reduce((sum, count) => sum + count, 0);

const nonZero = (records: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(records).filter(([, count]) => count > 0);

/** Nothing of a good stream is lost or counted twice. */
function checkAccount(
  name: string,
  args: readonly string[],
  facts: InputFacts,
  output: Buffer,
  before: Report,
  stopped: boolean,
): void {
  const records = total(before.summary.records);
  demand(records === facts.records, 'validator sees every record', () => `${facts.records} written, ${records} seen`);
  if (name === 'das2_csv' && !stopped) {
    const lines = output.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
    demand(
      lines === records + facts.headers,
      'a row for every record',
      () => `${lines} rows, ${records} + ${facts.headers}`,
    );
  }
  if (name === 'das2_bin_ratesec' && !args.includes('-v') && !args.includes('-e')) {
    const sum = dataOf(output).reduce((count, [, rate]) => count + Number(rate), 0);
    demand(sum === records, 'every record is counted', () => `${sum} of ${records}`);
  }
  if (name === 'das2_histo' && args.length === 0) {
    const sum = dataOf(output).reduce((count, [, ...counts]) => count + counts.reduce(add, 0), 0);
    demand(sum === facts.values, 'every value is counted', () => `${sum} of ${facts.values}`);
  }
  if (name === 'das2_bin_minmaxavgsec') {
    const sum = countColumns(output);
    demand(sum === facts.values, 'every value is averaged', () => `${sum} of ${facts.values}`);
  }
}

const add = (sum: number, value: number | string): number => sum + Number(value);

/** Sum over the planes of counts. */
function countColumns(output: Buffer): number {
  const data = dataOf(output);
  let sum = 0;
  let nth = 0;
  for (const { tag, header } of splitStream(output)) {
    if (!tag.startsWith(':')) continue;
    const values = data[nth++] as (number | string)[];
    let at = 0;
    for (const plane of planesOf(header as Element)) {
      const items = plane.name.endsWith('scan') ? Number(plane.attributes.get('nitems')) : 1;
      if (plane.attributes.get('name')?.endsWith('.count')) sum += values.slice(at, at + items).reduce<number>(add, 0);
      at += items;
    }
  }
  return sum;
}

function checkDas1(name: string, { bytes, args }: FuzzInput, { output, error }: Outcome): void {
  if (name === 'das2_from_tagged_das1') {
    if (output.length === 0) return;
    const after = report(output);
    const wrong = violated(after).filter((code) => code !== 'x-undefined');
    demand(wrong.length === 0 && after.summary.complete, `valid output (${wrong[0]})`, () =>
      JSON.stringify(after.findings),
    );
    if (error !== undefined) demand(endsWithException(output), 'exception packet after a fault', () => error.message);
    return;
  }
  const items = Number(name === 'das1_ascii' ? args[1] : args[0]);
  const size = 4 * (items + 1);
  const records = Math.floor(bytes.length / size);
  demand((bytes.length % size !== 0) === (error !== undefined), 'an error where a record is cut', () => String(error));
  if (DAS1_OUTPUT.has(name)) {
    demand(
      output.length % size === 0 && output.length / size <= records,
      'whole records',
      () => `${output.length} bytes`,
    );
    return;
  }
  const text = output.toString('latin1');
  const lines = text.split('\n');
  demand(
    lines.pop() === '' && lines.length === records,
    'a line for every record',
    () => `${lines.length} of ${records}`,
  );
  for (const line of lines) {
    demand(/^[ -~]+$/.test(line) && line.split(/\s+/).length === items + 1, 'readable lines', () =>
      JSON.stringify(line),
    );
  }
}
