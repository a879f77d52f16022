/**
 * Compares two das2 streams by meaning, as the README of the golden vectors says: `semantic`, `prefix` or `exit-only`.
 *
 * Contract: `compareStreams` returns differences as lines for people, none when the streams agree; at most twenty. It is independent of
 * lib/stream (split-stream.ts). As a command: `compare-streams [--mode MODE] EXPECTED ACTUAL`, status 0 if they agree.
 */
import { readFileSync } from 'node:fs';
import { compareProperties, compareTags, sameUnits } from './compare-headers.js';
import { compareData } from './compare-values.js';
import { type Element, itemCount, type Packet, planesOf, splitStream } from './split-stream.js';

export type CompareMode = 'semantic' | 'prefix' | 'exit-only';

const LIMIT = 20;

/** The differences between an output and what was expected. */
export function compareStreams(actual: Uint8Array, expected: Uint8Array, mode: CompareMode = 'semantic'): string[] {
  if (mode === 'exit-only') return [];
  let wanted: Packet[];
  let got: Packet[];
  try {
    wanted = splitStream(expected);
  } catch (error) {
    return [`the expected stream: ${(error as Error).message}`];
  }
  try {
    got = splitStream(actual);
  } catch (error) {
    return [`the output: ${(error as Error).message}`];
  }
  const differences: string[] = [];
  for (let i = 0; i < wanted.length && differences.length < LIMIT; i++) {
    const want = wanted[i] as Packet;
    const have = got[i];
    if (have === undefined) {
      differences.push(
        `packet ${i} ${want.tag} is missing: the output ends after ${got.length} of ${wanted.length} packets`,
      );
      break;
    }
    if (have.tag !== want.tag) {
      differences.push(`packet ${i}: expected ${want.tag}, got ${have.tag} (at byte ${have.offset})`);
      break;
    }
    differences.push(
      ...comparePackets(have, want).map((text) => `packet ${i} ${want.tag} (at byte ${have.offset}): ${text}`),
    );
  }
  const rest = got.slice(wanted.length);
  const surplus = mode === 'prefix' ? rest.filter(({ tag }) => tag !== '[xx]' && !tag.startsWith(':')) : rest;
  const [first] = surplus;
  if (differences.length === 0 && first !== undefined) {
    differences.push(`${surplus.length} packets more than expected, the first is ${first.tag} at byte ${first.offset}`);
  }
  return differences.slice(0, LIMIT);
}

/** The difference between two exit statuses: 0 must be 0, anything else must not be 0. */
export function compareExit(actual: number, expected: number): string[] {
  if ((actual === 0) === (expected === 0)) return [];
  return [`exit status ${actual}, expected ${expected === 0 ? '0' : `not 0 (${expected})`}`];
}

function comparePackets(have: Packet, want: Packet): string[] {
  if (want.data !== undefined) {
    return compareData(
      have.data as Uint8Array,
      want.data,
      planesOf(have.header as Element),
      planesOf(want.header as Element),
    );
  }
  const a = have.root as Element;
  const b = want.root as Element;
  if (a.name !== b.name) return [`expected <${b.name}>, got <${a.name}>`];
  if (want.tag === '[00]') return compareStreamHeaders(a, b);
  return want.tag === '[xx]' ? compareMessages(a, b) : comparePacketHeaders(a, b);
}

function compareStreamHeaders(have: Element, want: Element): string[] {
  const differences = compareProperties(have, want, 'stream');
  const version = have.attributes.get('version');
  if (version !== '2.2') differences.push(`version is ${JSON.stringify(version)}, not 2.2`);
  const compression = [have, want].map((element) => element.attributes.get('compression') ?? 'none');
  if (compression[0] !== compression[1])
    differences.push(`compression is ${compression[0]}, expected ${compression[1]}`);
  return differences;
}

function comparePacketHeaders(have: Element, want: Element): string[] {
  const differences = compareProperties(have, want, 'packet');
  const a = planesOf(have);
  const b = planesOf(want);
  if (a.length !== b.length) return [...differences, `${a.length} planes, expected ${b.length}`];
  b.forEach((wanted, index) => {
    differences.push(...comparePlanes(a[index] as Element, wanted, `plane ${index}`));
  });
  return differences;
}

function comparePlanes(have: Element, want: Element, where: string): string[] {
  if (have.name !== want.name) return [`${where}: expected <${want.name}>, got <${have.name}>`];
  const differences: string[] = [];
  const differs = (name: string, a: string | undefined, b: string | undefined): void => {
    differences.push(`${where}: ${name} is ${JSON.stringify(a)}, expected ${JSON.stringify(b)}`);
  };
  for (const name of ['name', 'type', 'nitems']) {
    const [a, b] = [have, want].map((plane) => plane.attributes.get(name) ?? '');
    if (a !== b) differs(name, a, b);
  }
  const isTime = /^time/.test(have.attributes.get('type') ?? '');
  for (const name of ['units', 'zUnits', 'yUnits', 'xUnits']) {
    const [a, b] = [have, want].map((plane) => plane.attributes.get(name));
    if (isTime && name === 'units' && a !== 'UTC') differs(name, a, 'UTC');
    else if (!sameUnits(a ?? '', b ?? '')) differs(name, a, b);
  }
  if (itemCount(have) === itemCount(want)) differences.push(...compareTags(have, want, where));
  return [...differences, ...compareProperties(have, want, where)];
}

function compareMessages(have: Element, want: Element): string[] {
  const type = want.attributes.get('type');
  const names = want.name === 'exception' ? ['type', 'message'] : ['type', 'value', 'source'];
  return names
    .filter((name) => !(name === 'source' && type === 'taskProgress'))
    .filter((name) => (have.attributes.get(name) ?? '') !== (want.attributes.get(name) ?? ''))
    .map((name) => {
      const [a, b] = [have, want].map((element) => JSON.stringify(element.attributes.get(name)));
      return `${want.name} ${name} is ${a}, expected ${b}`;
    });
}

/** The command line. Returns the exit status. */
export function main(args: readonly string[]): number {
  const files = [...args];
  let mode: CompareMode = 'semantic';
  if (files[0] === '--mode') {
    mode = files[1] as CompareMode;
    files.splice(0, 2);
  }
  const [expected, actual] = files;
  if (expected === undefined || actual === undefined || !['semantic', 'prefix', 'exit-only'].includes(mode)) {
    console.error('usage: compare-streams [--mode semantic|prefix|exit-only] EXPECTED ACTUAL');
    return 2;
  }
  const differences = compareStreams(readFileSync(actual), readFileSync(expected), mode);
  for (const line of differences) console.log(line);
  return differences.length === 0 ? 0 : 1;
}

if (/compare-streams\.[cm]?[jt]s$/.test(process.argv[1] ?? '')) process.exitCode = main(process.argv.slice(2));
