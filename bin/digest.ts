/**
 * das2_digest: the content digest of das2 streams, of files or of what passes in a pipeline (citation 5, 12.4).
 *
 *     das2_digest [--json] [FILE | -] ...          digests of files, or of standard input
 *     reader | das2_digest --fd N | filter         copies standard input to standard output; one line of JSON to descriptor N at the end
 *     das2_digest --verify CITATION [FILE ...]     compares files with what a citation, or a bag, says about them
 *
 * Contract: in a pipeline not a byte is changed, and what cannot be hashed passes all the same. Status: 0; 1 for a file without a digest, or one that
 * is not what the citation says; 100 for a wrong command line or a file that cannot be read.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { type DigestRecord, StreamRecorder } from '../lib/cite/digest/record.js';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { explainTerminal, printAll, readingFault, readSome, say, standardOutput } from './standard-streams.js';

const PROGRAM = 'das2_digest';
const USAGE = `Usage: ${PROGRAM} [--json] [FILE | -] ... | --fd N | --verify CITATION [FILE ...]\n`;
const STANDARD_INPUT = '-';
const BUFFER_SIZE = 256 * 1024;
const WRONG_USAGE = 100;

const HELP = `${USAGE}
Prints the content digest of das2 streams: a hash of their values, the same for binary and
text, any byte order, compression and packet ids. For QStreams it is a hash of the packets
without comments. Reads standard input where no FILE is given.

  --json             one line of JSON for each file: state, digest (of the values), m (of
                     the labels), raw (SHA-256 of the bytes), bytes, packets, firstX, lastX
  --fd N             copy standard input to standard output, unchanged, and write that line
                     of JSON to descriptor N at the end
  --verify CITATION  compare the files with the digests in CITATION: BibTeX, RIS, CSL-JSON,
                     DataCite, JSON, text, a manifest of SHA-256 sums, or the folder of a bag.
                     Without FILE: all files that the manifest names
  -h, --help         print this text
  -v, --version      print version and commit

Status: 0 all well; 1 a file has no digest, or differs from the citation; 100 wrong usage, or a file
that cannot be read.

Examples:

  ${PROGRAM} data.d2s
  my_reader 2026-01-01 2026-01-02 | ${PROGRAM} --fd 3 3> digest.json | das2_ascii
  ${PROGRAM} --verify references.bib data.d2s
`;

/** What the words of the command line ask for. */
interface Command {
  json: boolean;
  descriptor: number | undefined;
  citation: string | undefined;
  readonly files: string[];
}

/** Runs the program; returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseArguments(args);
    if (typeof command === 'string') return printAll(command);
    if (command.citation !== undefined) {
      const { verify } = await import('./digest-verify.js');
      return verify(command.citation, command.files, recordOf, print);
    }
    if (command.files.length === 0 || command.files.includes(STANDARD_INPUT)) {
      await explainTerminal(PROGRAM, 'a das2 stream or a QStream');
    }
    return command.descriptor === undefined ? describe(command) : tap(command.descriptor);
  } catch (error) {
    if (isDas2Error(error, 'outputClosed')) return 0;
    say(`${PROGRAM}: ${error instanceof Error ? error.message : String(error)}`);
    if (isDas2Error(error, 'usage')) say(`${USAGE}Try '${PROGRAM} --help'.`);
    return WRONG_USAGE;
  }
}

function parseArguments(args: readonly string[]): Command | string {
  const command: Command = { json: false, descriptor: undefined, citation: undefined, files: [] };
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') {
      command.files.push(...args.slice(at + 1));
      break;
    }
    if (word === '--help' || word === '-h') return HELP;
    if (word === '--version' || word === '-v') return `${PROGRAM} ${VERSION} (${COMMIT})\n`;
    if (word === '--json') command.json = true;
    else if (word === '--fd') command.descriptor = descriptorOf(args[++at]);
    else if (word === '--verify') command.citation = valueBehind(args[++at], word);
    else if (word.startsWith('-') && word !== STANDARD_INPUT) throw wrong(`unknown option ${JSON.stringify(word)}`);
    else command.files.push(word);
  }
  if (command.descriptor !== undefined && (command.files.length > 0 || command.citation !== undefined)) {
    throw wrong('--fd copies standard input, and takes no files');
  }
  return command;
}

function valueBehind(word: string | undefined, option: string): string {
  if (word === undefined) throw wrong(`${option} needs a value`);
  return word;
}

function descriptorOf(word: string | undefined): number {
  const text = valueBehind(word, '--fd');
  const descriptor = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (descriptor < 2) throw wrong('--fd needs the number of an open descriptor other than 0 and 1');
  if (!isOpen(descriptor)) {
    throw wrong(`descriptor ${descriptor} is not open; write ${descriptor}> FILE behind the command`);
  }
  return descriptor;
}

/** Somebody has opened it for us: what the runtime keeps for itself is no file, pipe, socket or device. */
function isOpen(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
  } catch {
    return false;
  }
}

function wrong(message: string): Das2Error {
  return new Das2Error('usage', message);
}

/** Copies standard input to standard output and tells descriptor `descriptor` what it was. */
function tap(descriptor: number): number {
  const recorder = new StreamRecorder();
  const buffer = new Uint8Array(BUFFER_SIZE);
  let fault: unknown;
  try {
    for (let count = readSome(buffer); count > 0; count = readSome(buffer)) {
      const bytes = buffer.subarray(0, count);
      standardOutput.write(bytes);
      recorder.push(bytes);
    }
  } catch (error) {
    fault = error;
  }
  const isClosed = isDas2Error(fault, 'outputClosed');
  const record = recorder.end(
    fault === undefined ? undefined : isClosed ? 'the output was closed' : readingFault(fault),
  );
  tell(descriptor, record);
  if (fault === undefined || isClosed) return 0;
  throw fault;
}

function tell(descriptor: number, record: DigestRecord): void {
  try {
    writeSync(descriptor, `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw new Das2Error('outputFailed', `cannot write descriptor ${descriptor}`, { cause: error });
  }
}

function describe({ files, json }: Command): number {
  let status = 0;
  for (const file of files.length === 0 ? [STANDARD_INPUT] : files) {
    const record = recordOf(file);
    if (typeof record === 'string') {
      say(`${PROGRAM}: ${file}: ${record}`);
      status = WRONG_USAGE;
      continue;
    }
    if (record.digest === undefined) {
      if (!json) say(`${PROGRAM}: ${file}: no digest: ${record.reason}`);
      status = Math.max(status, 1);
    }
    if (json) print(`${JSON.stringify({ file, ...record })}\n`);
    else if (record.digest !== undefined) print(textOf(file, record));
  }
  return status;
}

/** The record of a file; a text says why it cannot be read. */
function recordOf(file: string): DigestRecord | string {
  let descriptor = 0;
  try {
    if (file !== STANDARD_INPUT) descriptor = openSync(file, 'r');
    const recorder = new StreamRecorder();
    const buffer = new Uint8Array(BUFFER_SIZE);
    for (let count = readSome(buffer, descriptor); count > 0; count = readSome(buffer, descriptor)) {
      recorder.push(buffer.subarray(0, count));
    }
    return recorder.end();
  } catch (error) {
    return readingFault(error);
  } finally {
    if (descriptor > 0) closeSync(descriptor);
  }
}

function textOf(file: string, { digest, m, raw, packets, firstX, lastX }: DigestRecord): string {
  const span = firstX === undefined ? '' : `, ${firstX} to ${lastX ?? '?'}`;
  const labels = m === undefined ? '' : `  labels  ${m}\n`;
  return `${digest}  ${file}\n${labels}  bytes   ${raw}\n  packets ${packets}${span}\n`;
}

function print(text: string): void {
  standardOutput.write(Buffer.from(text));
}
