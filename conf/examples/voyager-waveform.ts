/**
 * voyager_waveform [FOLDER] BEGIN END: waveforms of the wideband receiver of Voyager 1 (plasma wave instrument).
 *
 * An example of a reader of real files: frames of the PDS data set VG1-J/S/SS-PWS-1-EDR-WFRM-60MS in FOLDER, or, without
 * that word, in the folder that the environment variable VOYAGER_DATA names. A frame is a file VG1_<begin>.DAT of 1024-byte
 * records, numbers big endian:
 *
 *     first record    bytes 248-299: text "VOYAGER-1 PWS  2/16269:51 1979-03-01T12:26:11.956Z", begin of line 1
 *     other records   bytes 116-117: line number, 1 to 800; bytes 220-1019: 1600 samples of 4 bits, the high half first
 *
 * A line lasts 60 ms, the first 55.6 ms of which are sampled 28800 times a second. The receiver knows 16 levels and keeps
 * the mean strength constant, so the unit of the values is the level; zero lies in the middle between levels 7 and 8.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTime, us2000FromTime } from '../../lib/stream/time.js';
import { ArgumentError, PacketOutput } from './packet-output.js';
import { readTimeRange } from './time-range.js';

const RECORD_BYTES = 1024;
const LINES = 800;
const LINE_MICROSECONDS = 60_000;
const LINE_NUMBER_AT = 116;
const SAMPLES_AT = 220;
const SAMPLES = 1600;
const SAMPLE_RATE = 28_800;
const MIDDLE_LEVEL = 7.5;
const FILE_NAME = /^VG1_(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)-(\d{3})\.DAT$/;
const LABEL = /^VOYAGER-1 PWS.* (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/;

export function main(args: readonly string[]): number {
  const folder = args.length > 2 ? args[0] : process.env.VOYAGER_DATA;
  if (!folder) throw new ArgumentError('FOLDER is missing, and VOYAGER_DATA is not set');
  if (args.length > 3) throw new ArgumentError('this source takes no options');
  const [beginText, endText] = args.slice(-2);
  const range = readTimeRange(beginText, endText);
  const [begin, end] = [us2000FromTime(range.begin), us2000FromTime(range.end)];

  const output = new PacketOutput();
  output.streamHeader(`
    title="Voyager 1 PWS wideband waveforms%{xCacheResInfo}" xLabel="Spacecraft event time (UTC)"
    yLabel="Electric field (4-bit levels)" renderer="waveform" Datum:xTagWidth="0.12 s" monotonicXTags="true"
    sourceId="voyager_waveform"`);
  output.packetHeader(
    1,
    `  <x name="time" type="little_endian_real8" units="us2000" />
  <yscan name="waveform" type="little_endian_real4" zUnits="" yUnits="s"
    nitems="${SAMPLES}" yTagMin="0" yTagInterval="${1 / SAMPLE_RATE}">
    <properties yLabel="Offset (s)" zLabel="Electric field (levels)" double:zValidMin="-7.5" double:zValidMax="7.5" />
  </yscan>`,
  );

  let lines = 0;
  for (const name of framesBetween(folder, begin, end)) {
    const frame = readFileSync(join(folder, name));
    const start = frameStart(frame);
    if (start === undefined) output.comment('log:warning', `${name} is not a frame of waveforms and was left out`);
    else lines += writeLines({ frame, start, begin, end, output });
  }
  if (lines === 0) output.exception('NoDataInInterval', 'No waveform was received in this interval.');
  output.flush();
  return 0;
}

/** File names in order of time. The name tells the begin of a frame, so only files that can matter are opened. */
function framesBetween(folder: string, begin: number, end: number): readonly string[] {
  const names = listFolder(folder).filter((name) => {
    const parts = FILE_NAME.exec(name);
    if (parts === null) return false;
    const [, date, hour, minute, second, millisecond] = parts;
    const start = us2000Of(`${date}T${hour}:${minute}:${second}.${millisecond}`);
    return start !== undefined && start < end && start + LINES * LINE_MICROSECONDS > begin;
  });
  return names.sort();
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw new ArgumentError('FOLDER of the Voyager frames cannot be read: look at VOYAGER_DATA in the configuration');
  }
}

/** Time of line 1 in us2000, from the text that the archive added to the first record. */
function frameStart(frame: Buffer): number | undefined {
  const time = LABEL.exec(frame.toString('latin1', 248, 300))?.[1];
  return time === undefined ? undefined : us2000Of(time);
}

/** A time in us2000, or undefined for a text that looks like one and is none, such as the 31st of February. */
function us2000Of(text: string): number | undefined {
  try {
    return us2000FromTime(parseTime(text));
  } catch {
    return undefined;
  }
}

interface Lines {
  readonly frame: Buffer;
  readonly start: number;
  readonly begin: number;
  readonly end: number;
  readonly output: PacketOutput;
}

/** Writes the lines of a frame that begin inside the range and returns how many there were. Unused records hold line 0. */
function writeLines({ frame, start, begin, end, output }: Lines): number {
  let written = 0;
  for (let at = RECORD_BYTES; at + RECORD_BYTES <= frame.length; at += RECORD_BYTES) {
    const line = frame.readUInt16BE(at + LINE_NUMBER_AT);
    const time = start + (line - 1) * LINE_MICROSECONDS;
    if (line < 1 || line > LINES || time < begin || time >= end) continue;
    const record = output.record(1, 8 + 4 * SAMPLES);
    const { view } = output;
    view.setFloat64(record, time, true);
    for (let i = 0, to = record + 8; i < SAMPLES; i += 2, to += 8) {
      const pair = frame[at + SAMPLES_AT + i / 2]!;
      view.setFloat32(to, (pair >> 4) - MIDDLE_LEVEL, true);
      view.setFloat32(to + 4, (pair & 15) - MIDDLE_LEVEL, true);
    }
    written++;
  }
  return written;
}
