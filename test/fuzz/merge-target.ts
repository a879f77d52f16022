/**
 * The target for merging cache files, which das2_cache_rdr and the server do (stream-format 13.8).
 *
 * An input is all files behind each other. Its arguments are BEGIN, END (us2000), the seconds of the level, and for each file a word
 * `file/LENGTH`, `live/LENGTH` or `file/LENGTH/BEGIN/END` with bounds of its own. Files made of one stream by repeating its headers must give
 * what the stream in one file gives, and two ranges beside each other what both together give.
 */
import { deflateSync } from 'node:zlib';
import { PartCutter } from '../../lib/cache/answer/cut-part.js';
import { BlockMerger, type MergeOptions } from '../../lib/cache/answer/merge-blocks.js';
import { ERROR_TABLE } from '../../lib/error.js';
import type { ByteFilter, ByteSink } from '../../lib/stream/byte-filter.js';
import { timeFromUs2000 } from '../../lib/stream/time.js';
import type { RuleCode } from '../../lib/stream/validator/rules.js';
import { splitStream } from '../tools/split-stream.js';
import { das2Stream, type GeneratedStream } from './das2-streams.js';
import { execute, inChunks, type Outcome, WHOLE } from './execute.js';
import { compareOutcomes, FATAL, PASSED_ON, report, violated } from './filter-checks.js';
import { mutate } from './mutate.js';
import { demand, type FuzzInput, type Target } from './property.js';
import type { Random } from './random.js';

const NAME = 'merge-blocks';
const BEGINS = [-1e12, 0, 1e9, -5e8, 4.1e14];
const LENGTHS = [1, 1e7, 1e9, 4e15];

interface Part {
  readonly bytes: Uint8Array;
  readonly live: boolean;
  readonly bounds: { readonly begin: number; readonly end: number } | undefined;
}

/** A stream as several files, each of which has all headers that its records need. */
function filesOf(random: Random, { head, packets }: GeneratedStream): Uint8Array[] {
  const compressed = Buffer.from(head).toString('latin1').includes('deflate');
  const definitions = new Map<number, Uint8Array>();
  const files: Uint8Array[] = [];
  let body: Uint8Array[] = [];
  const close = (): void => {
    const content = Buffer.concat(body);
    files.push(Buffer.concat([head, compressed ? deflateSync(content) : content]));
    body = [...definitions.values()];
  };
  for (const packet of packets) {
    if (random.oneIn(6)) close();
    body.push(packet);
    const tag = /^\[(\d\d)\]|^\|Hx\|(\d+)\|/.exec(Buffer.from(packet.subarray(0, 12)).toString('latin1'));
    if (tag !== null) definitions.set(Number(tag[1] ?? tag[2]), packet);
  }
  close();
  return files;
}

function make(random: Random, seeds: readonly Uint8Array[]): FuzzInput {
  const begin = random.pick(BEGINS);
  const words = [String(begin), String(begin + random.pick(LENGTHS)), random.pick(['60', '0', '0.25'])];
  const whole = random.oneIn(2);
  const files = filesOf(random, das2Stream(random));
  if (!whole) {
    if (random.oneIn(4)) files.push(...filesOf(random, das2Stream(random)));
    if (random.oneIn(4)) files.push(seeds.length > 0 ? random.pick(seeds) : new Uint8Array(0));
    const nth = random.below(files.length);
    const other = (): Uint8Array => random.pick(files);
    if (!random.oneIn(4)) files[nth] = mutate(random, files[nth] as Uint8Array, other);
  }
  for (const file of files) {
    const live = !whole && random.oneIn(4);
    const bounds = !whole && random.oneIn(4) ? `/${begin}/${begin + random.pick(LENGTHS)}` : '';
    words.push(`${live ? 'live' : 'file'}/${file.length}${bounds}`);
  }
  return { bytes: Buffer.concat(files), args: words, nature: whole ? 'whole' : 'damaged' };
}

function partsOf(bytes: Uint8Array, words: readonly string[]): Part[] {
  let at = 0;
  return words.map((word) => {
    const [kind, length, begin, end] = word.split('/');
    const from = at;
    at += Number(length);
    const bounds = begin === undefined ? undefined : { begin: Number(begin), end: Number(end) };
    return { bytes: bytes.subarray(from, at), live: kind === 'live', bounds };
  });
}

interface Merged extends Outcome {
  /** Records that the merger says it has sent. */
  readonly records: number;
}

function merge(parts: readonly Part[], options: MergeOptions, random?: Random): Merged {
  let merger: BlockMerger | undefined;
  // The runner of filters limits the output and looks at errors; all input is given at its end.
  const create = (sink: ByteSink): ByteFilter => {
    const current = new BlockMerger(options, sink, PartCutter);
    merger = current;
    let over = false;
    return {
      push() {},
      flush() {},
      end() {
        if (over) return;
        over = true;
        for (const part of parts) mergePart(current, part, random);
        current.end();
      },
    };
  };
  const outcome = execute(create, new Uint8Array(0), WHOLE);
  return { ...outcome, records: merger?.recordCount ?? 0 };
}

function mergePart(merger: BlockMerger, { bytes, live, bounds }: Part, random: Random | undefined): void {
  const inside = bounds && { begin: timeFromUs2000(bounds.begin), end: timeFromUs2000(bounds.end) };
  merger.begin(inside, live);
  if (random === undefined) merger.push(bytes);
  else {
    inChunks(random, bytes, (chunk) => {
      merger.push(chunk);
      if (random.oneIn(4)) merger.flush();
    });
  }
  merger.close();
}

/** Data packets, sorted: where they stand depends on how the range is divided. */
function dataPackets(output: Uint8Array): string[] {
  return splitStream(output)
    .filter(({ tag }) => tag.startsWith(':'))
    .map(({ tag, data }) => tag + Buffer.from(data as Uint8Array).toString('latin1'))
    .sort();
}

function check({ bytes, args, nature }: FuzzInput, random: Random): number {
  const [begin, end, seconds] = args.slice(0, 3).map(Number) as [number, number, number];
  const parts = partsOf(bytes, args.slice(3));
  const optionsFor = (from: number, to: number): MergeOptions => ({
    program: NAME,
    level: { seconds, directory: seconds === 0 ? 'intrinsic' : 'bin-60s' },
    begin: timeFromUs2000(from),
    end: timeFromUs2000(to),
    rangeText: '2000-01-01 to 2000-01-02',
  });
  const options = optionsFor(begin, end);
  const first = merge(parts, options);
  const pieces = merge(parts, options, random);
  compareOutcomes(first, pieces);
  demand(first.records === pieces.records || first.cut, 'chunking independence of the count', () => '');
  checkOutput(first, parts);
  if (nature !== 'whole' || first.cut) return 2;
  checkDefinitions(first.output);
  const one = together(parts);
  if (one !== undefined) compareOutcomes(first, merge([one], options));
  const all = dataPackets(first.output);
  // Among the times of records there are such differences, so a record may lie on the border.
  const middle = begin + random.pick([1, 1e5, 1e6, 7e6, 8e6, 6e7, 1.2e8, (end - begin) / 2]);
  if (first.error !== undefined || middle >= end) return 3;
  const early = merge(parts, optionsFor(begin, middle));
  const late = merge(parts, optionsFor(middle, end));
  const halves = [...dataPackets(early.output), ...dataPackets(late.output)].sort();
  demand(
    halves.length === all.length && halves.every((packet, i) => packet === all[i]),
    'two ranges give what both together give',
    () => `${halves.length} and ${all.length} records`,
  );
  return 5;
}

/** No definition follows an equal one of its id. */
function checkDefinitions(output: Buffer): void {
  const known = new Map<string, string>();
  const packets = splitStream(output);
  packets.forEach(({ tag, offset, root }, i) => {
    if (root === undefined || tag === '[xx]') return;
    const text = output.toString('latin1', offset, packets[i + 1]?.offset ?? output.length);
    demand(known.get(tag) !== text, 'no repeated definition', () => text);
    known.set(tag, text);
  });
}

/** The files as one: those behind the first without their stream header. Compressed ones are left alone. */
function together(parts: readonly Part[]): Part | undefined {
  const first = parts[0] as Part;
  if (/^.{0,60}compression="deflate/s.test(Buffer.from(first.bytes).toString('latin1'))) return undefined;
  const bodies = parts.map(({ bytes }) => {
    const head = Buffer.from(bytes.subarray(0, 30)).toString('latin1');
    const tag = /^(?:\[00\]|\|Sx\|\|)(\d+)\|?/.exec(head) as RegExpExecArray;
    return bytes.subarray(tag[0].length + Number(tag[1]));
  });
  const head = first.bytes.subarray(0, first.bytes.length - (bodies[0] as Uint8Array).length);
  return { ...first, bytes: Buffer.concat([head, ...bodies]) };
}

function checkOutput({ output, error, cut, records }: Merged, parts: readonly Part[]): void {
  if (cut) return;
  if (error !== undefined) {
    demand(error.code in ERROR_TABLE && error.code !== 'internal' && error.code !== 'usage', 'error of a file', () =>
      String(error),
    );
    demand(error.exitStatus !== 0 && error.message.length < 1000, 'status and message of a fault', () => error.message);
  }
  if (output.length === 0) {
    demand(error !== undefined, 'no silence without a fault', () => '');
    return;
  }
  const found = report(output);
  const broken = parts.flatMap(({ bytes }) => violated(report(bytes)));
  const wrong = violated(found).filter((code: RuleCode) => {
    // Records are copied as they are; the order of files is the caller's.
    if (code === 'not-monotonic') return false;
    return FATAL.has(code) || (!broken.includes(code) && !(PASSED_ON.has(code) && broken.length > 0));
  });
  demand(wrong.length === 0 && found.summary.complete, `valid output (${wrong[0]})`, () =>
    JSON.stringify(found.findings).slice(0, 400),
  );
  const sent = Object.values(found.summary.records).reduce((sum, count) => sum + count, 0);
  demand(sent === records, 'every record is counted', () => `${sent} sent, ${records} counted`);
  if (error === undefined && records === 0)
    demand(output.includes('<exception '), 'an exception where there is nothing', () => output.toString('latin1'));
}

export const MERGE_BLOCKS: Target = { name: NAME, make, check };
