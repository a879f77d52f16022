/**
 * `das2_psd`: power spectral density with a Hann window (stream-format 13.6).
 *
 * Contract: scans are transformed along their tags (psd-scan), packet types with y planes only are collected record by record (psd-series);
 * everything else is left out with a log comment. Output ids count from 1. An exception of the input is passed on and ends the program with
 * status 105; a stream of which nothing could be transformed ends in an exception and the same status.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { parseDatum } from '../stream/decimal-text.js';
import { type PacketHeader, type Plane, recordSize, type StreamHeader } from '../stream/header.js';
import type { Comment, StreamException } from '../stream/message.js';
import type { RecordRun } from '../stream/record-run.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { intervalSeconds } from '../stream/units.js';
import { parseCommandLine, positiveNumber, wholeNumber } from './arguments.js';
import { PLANE_LIMIT } from './bin/packet-plan.js';
import { OutputTypes } from './output-types.js';
import type { FilterProgram } from './program.js';
import { PsdAxis } from './psd/axis.js';
import { NAME, OWN_STATUS, type PsdOptions, spectrumStreamHeader } from './psd/header.js';
import { ScanPacket } from './psd/scan.js';
import { SeriesPacket } from './psd/series.js';
import { Spectrum } from './psd/spectrum.js';
import { createStreamFilter, type FilterBody } from './stream-filter.js';

const SHORTEST_WINDOW = 16;
const LONGEST_WINDOW = 1_048_576;

/** The filter behind `das2_psd`. */
function createPsd(options: PsdOptions, sink: ByteSink): ByteFilter {
  const writer = new StreamWriter(sink);
  return createStreamFilter(NAME, writer, new PsdBody(options, writer));
}

class PsdBody implements FilterBody {
  private readonly packets: (ScanPacket | SeriesPacket | undefined)[] = new Array(100).fill(undefined);
  private readonly output: OutputTypes;
  private readonly spectrum: Spectrum;
  private header: StreamHeader | undefined;
  private exceptionSeen = false;
  /** Some plane could be transformed, if its values allow it. */
  private hasSource = false;
  /** Why the first plane that is left out cannot be. */
  private leftOut: string | undefined;

  constructor(
    private readonly options: PsdOptions,
    private readonly writer: StreamWriter,
  ) {
    this.output = new OutputTypes(writer);
    this.spectrum = new Spectrum(options.length, options.keepMean === true);
  }

  streamHeader(header: StreamHeader): void {
    this.header = header;
    this.writer.streamHeader(spectrumStreamHeader(header, this.options));
  }

  packetHeader(id: number, header: PacketHeader): void {
    this.packets[id] = undefined;
    const index = header.planes.findIndex((plane) => plane.element === 'x');
    const x = header.planes[index];
    if (x === undefined) throw new Das2Error('packetHeader', `packet type ${id} has no <x> plane`);
    if (header.planes.filter((plane) => plane.element === 'x').length > 1) {
      throw new Das2Error('planeLimit', `packet type ${id} has two <x> planes, which cannot be transformed`);
    }
    if (header.planes.length > PLANE_LIMIT) {
      const count = header.planes.length;
      throw new Das2Error(
        'planeLimit',
        `packet type ${id} has ${count} planes, at most ${PLANE_LIMIT} can be transformed`,
      );
    }
    const axis = new PsdAxis(x, recordSize({ ...header, planes: header.planes.slice(0, index) }), id);
    const planning = {
      id,
      header,
      stream: this.header as StreamHeader,
      options: this.options,
      output: this.output,
      spectrum: this.spectrum,
      leaveOut: (plane: Plane, reason: string) => this.leaveOut(id, plane, reason),
    };
    if (header.planes.some(({ element }) => element === 'yscan' || element === 'xscan')) {
      this.keep(id, new ScanPacket(planning, axis));
      return;
    }
    const scatter = header.planes.find(({ element }) => element === 'z');
    if (scatter !== undefined) this.leaveOut(id, scatter, 'its packet type is a scatter of x, y and z');
    else this.keep(id, new SeriesPacket(planning, axis));
  }

  records(id: number, { bytes, view, offset, count, stride }: RecordRun): void {
    const packet = this.packets[id];
    if (packet === undefined) return;
    for (let i = 0, record = offset; i < count; i++, record += stride) packet.take(bytes, view, record);
  }

  comment(comment: Comment): void {
    this.writer.comment(comment);
  }

  exception(exception: StreamException): void {
    this.exceptionSeen = true;
    this.writer.exception(exception);
    throw new Das2Error(
      'exceptionReceived',
      `the stream ends with an exception: ${exception.type}: ${exception.message}`,
      {
        exitStatus: OWN_STATUS,
      },
    );
  }

  finish(): void {
    if (this.output.recordCount > 0 || this.exceptionSeen) return;
    const noRun = `there is no evenly spaced run of ${this.options.length} points without fill`;
    const reason = this.hasSource ? noRun : (this.leftOut ?? noRun);
    throw new Das2Error('plane', `nothing could be transformed: ${reason}`, { exitStatus: OWN_STATUS });
  }

  private keep(id: number, packet: ScanPacket | SeriesPacket): void {
    this.packets[id] = packet;
    this.hasSource ||= packet.hasSource;
  }

  private leaveOut(id: number, plane: Plane, reason: string): void {
    const name = plane.name === undefined || plane.name === '' ? 'an unnamed plane' : `plane ${plane.name}`;
    const text = `${name} of packet type ${id} cannot be transformed: ${reason}`;
    if (this.options.strict === true) throw new Das2Error('plane', text, { exitStatus: OWN_STATUS });
    this.leftOut ??= `${name} of packet type ${id}: ${reason}`;
    this.writer.comment({ type: 'log:warning', source: NAME, value: text });
  }
}

/** `NUMBER UNITS` where the units are a time interval, as it stands in the header. */
function datumArgument(text: string): string {
  const datum = parseDatum(text);
  if (datum === undefined || !(Number(datum.number) > 0) || intervalSeconds(datum.units) === undefined) {
    throw new Das2Error('usage', `option -c takes a time interval such as '10 s', not '${text.slice(0, 40)}'`);
  }
  return `${datum.number} ${datum.units}`;
}

/** A whole even number of points. */
function lengthArgument(text: string): number {
  const length = wholeNumber(text, 'LENGTH', { lowest: SHORTEST_WINDOW, highest: LONGEST_WINDOW });
  if (length % 2 !== 0) throw new Das2Error('usage', `LENGTH must be even, not '${text}'`);
  return length;
}

export const psd: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-d] [-c DATUM] [-n] [-j FRACTION] LENGTH SLIDE_DENOMINATOR

Turns waveforms into power spectral densities, with a Hann window. Reads a das2 stream from standard
input and writes a stream of spectra to standard output. LENGTH is the number of points of a window,
even and at least ${SHORTEST_WINDOW}; windows are advanced by LENGTH/SLIDE_DENOMINATOR points,
rounded down: 1 for no overlap, 2 for windows that overlap by half.

Scans (yscan) are transformed along their tags, which must be a time. Where a packet type has y
planes only, its records are collected. A window that holds fill gives no spectrum.

  -d             do not subtract the mean of each window
  -c DATUM       write this as xTagWidth, the largest gap that a plot may bridge, e.g. -c '10 s'
  -n             a plane that cannot be transformed is an error; by default a comment tells of it
  -j FRACTION    y planes: the collection starts anew where the spacing of three successive records
                 changes by more than this fraction (default: 0.01)
  -h, --help     print this text
  -v, --version  print version and commit

Planes can shift their frequencies with the property DFT_freqTagMin, and keep only those from
DFT_freqTrimMin up to but not including DFT_freqTrimMax (Datum, e.g. '10 kHz').

Unlike older programs of this name: y planes are scaled by the true spacing of their points, the
first window like all others, and their densities are per Hz; LENGTH need not be a power of two.

Status 105: the input held an exception, which is passed on, or nothing could be transformed.

Example: spectra of 1024 points that overlap by half, reduced to one a minute

  my_waveform_reader 2008-223T09:00 2008-223T10:00 | \\
    ${NAME} 1024 2 | das2_bin_avgsec 60 > spectra.d2s
`,
  create(args, sink) {
    const line = parseCommandLine(args, {
      options: { d: { takes: 'flag' }, n: { takes: 'flag' }, c: { takes: 'value' }, j: { takes: 'value' } },
      words: ['LENGTH', 'SLIDE_DENOMINATOR'],
    });
    const length = lengthArgument(line.words[0] as string);
    const tagWidth = line.value('c');
    const jitter = line.value('j');
    return createPsd(
      {
        length,
        slideDenominator: wholeNumber(line.words[1] as string, 'SLIDE_DENOMINATOR', { lowest: 1, highest: length }),
        keepMean: line.has('d'),
        strict: line.has('n'),
        tagWidth: tagWidth === undefined ? undefined : datumArgument(tagWidth),
        jitter: jitter === undefined ? undefined : positiveNumber(jitter, 'option -j'),
      },
      sink,
    );
  },
};
