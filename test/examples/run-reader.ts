/**
 * Runs example readers as programs and takes their streams apart.
 *
 * The sources are run by the same Bun that the executables are made with, so that a test never sees an older build. Values are
 * decoded here, straight from the bytes, so that a fault shared by the reader and the library would show.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PacketHeader, Plane, StreamHeader } from '../../lib/stream/header.js';
import type { StreamException } from '../../lib/stream/message.js';
import { StreamReader } from '../../lib/stream/stream-reader.js';
import { parseTime, us2000FromTime } from '../../lib/stream/time.js';
import { validateStream } from '../../lib/stream/validator/validator.js';

export const TOP = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const BUN = resolve(TOP, 'node_modules/@oven/bun-linux-x64/bin/bun');
export const MAIN = resolve(TOP, 'conf/examples/main.ts');

/** Folder of the Voyager frames, or undefined where the reference files are not at hand. */
export function voyagerFolder(): string | undefined {
  const folder = resolve(process.env.DAS2SRV_SHARED ?? resolve(TOP, '../shared'), 'data/voyager');
  return existsSync(folder) ? folder : undefined;
}

export interface ReaderRun {
  readonly status: number | null;
  readonly output: Buffer;
  readonly errors: string;
}

export function runReader(name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ReaderRun {
  const run = spawnSync(BUN, [MAIN, name, ...args], { env: { TZ: 'UTC', ...environment }, maxBuffer: 1 << 30 });
  if (run.error) throw run.error;
  return { status: run.status, output: run.stdout, errors: run.stderr.toString() };
}

export interface ExampleRecord {
  /** us2000 */
  readonly x: number;
  /** Values of all planes but x, one after the other. */
  readonly values: readonly number[];
}

export interface ExampleStream {
  readonly header: StreamHeader;
  readonly packetHeaders: readonly PacketHeader[];
  readonly records: readonly ExampleRecord[];
  readonly exceptions: readonly StreamException[];
  readonly comments: number;
}

/** The whole stream; throws on any fault of framing or headers. All planes of an example have one type. */
export function readStream(bytes: Uint8Array): ExampleStream {
  let header: StreamHeader | undefined;
  const packetHeaders: PacketHeader[] = [];
  const records: ExampleRecord[] = [];
  const exceptions: StreamException[] = [];
  let comments = 0;
  const reader = new StreamReader({
    streamHeader: (found) => {
      header = found;
    },
    packetHeader: (_id, found) => {
      packetHeaders.push(found);
    },
    records: (_id, { view, offset, count, stride }, found) => {
      for (let i = 0; i < count; i++) records.push(decode(found.planes, view, offset + i * stride));
    },
    comment: () => {
      comments++;
    },
    exception: (found) => {
      exceptions.push(found);
    },
  });
  reader.push(bytes);
  reader.end();
  if (header === undefined) throw new Error('no stream header');
  return { header, packetHeaders, records, exceptions, comments };
}

/** What das2_valid has to say, with the demands of the Java client: nothing, for a good stream. */
export function findings(bytes: Uint8Array): readonly string[] {
  const validator = validateStream({ strict: true });
  validator.push(bytes);
  return validator.end().findings.map(({ code, offset, message }) => `${code} at ${offset}: ${message}`);
}

function decode(planes: readonly Plane[], view: DataView, offset: number): ExampleRecord {
  const numbers: number[] = [];
  let at = offset;
  for (const { encoding, itemCount } of planes) {
    for (let item = 0; item < itemCount; item++, at += encoding.width) {
      if (encoding.kind === 'real8') numbers.push(view.getFloat64(at, encoding.littleEndian));
      else if (encoding.kind === 'real4') numbers.push(view.getFloat32(at, encoding.littleEndian));
      else {
        const text = Buffer.from(view.buffer, view.byteOffset + at, encoding.width).toString('latin1');
        numbers.push(encoding.kind === 'time' ? us2000FromTime(parseTime(text)) : Number(text));
      }
    }
  }
  const [x = Number.NaN, ...values] = numbers;
  return { x, values };
}
