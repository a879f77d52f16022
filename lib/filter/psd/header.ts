/**
 * Headers of `das2_psd`: what becomes of the stream header, and the plane that holds a spectrum (stream-format 13.6).
 *
 * Contract: labels, ranges and scales of the amplitudes are left out, because they would label, hide or misplace spectral densities; all other
 * properties are passed on as they are. Frequencies are in hertz.
 */
import { Das2Error } from '../../error.js';
import { parseDatum } from '../../stream/decimal-text.js';
import { type Encoding, parseEncoding } from '../../stream/encoding.js';
import { type PacketHeader, type Plane, type StreamHeader, unitsAttribute } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import {
  effectiveProperty,
  findProperty,
  type Properties,
  type Property,
  withoutProperty,
  withProperty,
} from '../../stream/properties.js';
import { frequencyHertz } from '../../stream/units.js';
import { datumText } from '../print-number.js';
import { squaredPerHertz } from './units.js';

export const NAME = 'das2_psd';

/** Exit status of errors that only this program has (stream-format 11.4). */
export const OWN_STATUS = 105;

/** Narrowest text field of a density: seven significant digits. */
const TEXT_WIDTH = 14;

export interface PsdOptions {
  /** Points of a window: even, at least 16. */
  readonly length: number;
  /** Windows are advanced by `length` divided by this, rounded down. */
  readonly slideDenominator: number;
  /** Do not subtract the mean of a window (`-d`). */
  readonly keepMean?: boolean;
  /** `NUMBER UNITS` for xTagWidth (`-c`). */
  readonly tagWidth?: string | undefined;
  /** A plane that cannot be transformed is an error (`-n`). */
  readonly strict?: boolean;
  /** Largest relative change of the spacing of records (`-j`); 0.01 without it. */
  readonly jitter?: number | undefined;
}

/** Which of the spectrum is kept, and where it lies on the frequency axis. All in hertz. */
export interface FrequencyRules {
  readonly tagMinimum: number;
  readonly trimMinimum: number;
  readonly trimMaximum: number;
}

/** The frequencies that are written: items `first` to `first + count - 1` of the spectrum. */
export interface FrequencyAxis {
  readonly first: number;
  readonly count: number;
  /** Frequency of the first item that is written, and the step between items. */
  readonly minimum: number;
  readonly interval: number;
}

/** The header of the stream of spectra. */
export function spectrumStreamHeader(header: StreamHeader, options: PsdOptions): StreamHeader {
  const { length, slideDenominator, tagWidth } = options;
  let properties: Properties = header.properties.filter(({ name }) => !isAmplitudeHint(name));
  const set = (type: string, name: string, value: string): void => {
    properties = withProperty(properties, { type, name, value });
  };
  const kind = `%{DFT_length} point DFT, %{xDftOverlapInfo}`;
  const title = findProperty(properties, 'title');
  set(title?.type ?? '', 'title', title === undefined ? kind : `${title.value}!c${kind}`);
  set('', 'xDftOverlapInfo', overlapText(slideDenominator));
  set('int', 'DFT_length', String(length));
  set('int', 'DFT_slide_denominator', String(slideDenominator));
  set('', 'DFT_window', 'hann');
  set('', 'yScaleType', 'linear');
  set('', 'zScaleType', 'log');
  set('', 'renderer', 'spectrum');
  if (tagWidth !== undefined) set('Datum', 'xTagWidth', tagWidth);
  set('', 'sourceId', `${NAME} ${length} ${slideDenominator}`);
  return { ...header, version: '2.2', compressed: false, properties };
}

function overlapText(denominator: number): string {
  return denominator === 1 ? 'No Overlap' : `${denominator - 1}/${denominator} Overlap`;
}

/** Properties of a packet type without hints that are about amplitudes. */
export function spectrumPacketProperties(header: PacketHeader): Properties {
  return withoutProperty(
    header.properties.filter(({ name }) => !isAmplitudeHint(name)),
    'renderer',
  );
}

/** Labels, ranges and scales of y and z. Fill is not among them. */
function isAmplitudeHint(name: string): boolean {
  return /^[yz](?:Label|Range|ScaleType|ValidMin|ValidMax|Format)$/.test(name) || name === 'yTagWidth';
}

/** What the plane itself says about its frequencies (`DFT_...`). Throws `property` for a value that is no frequency. */
export function frequencyRules(plane: Plane, header: PacketHeader, stream: StreamHeader): FrequencyRules {
  const hertz = (name: string, otherwise: number): number => {
    const property = effectiveProperty(name, plane, header, stream);
    return property === undefined ? otherwise : propertyHertz(property);
  };
  return {
    tagMinimum: hertz('DFT_freqTagMin', 0),
    trimMinimum: hertz('DFT_freqTrimMin', Number.NEGATIVE_INFINITY),
    trimMaximum: hertz('DFT_freqTrimMax', Number.POSITIVE_INFINITY),
  };
}

function propertyHertz({ name, value }: Property): number {
  const { number: text, units } = parseDatum(value) ?? { number: 'none', units: '' };
  const scale = units === '' || /^s(?:\*\*|\^)-1$/.test(units) ? 1 : frequencyHertz(units);
  const number = Number(text) * (scale ?? Number.NaN);
  if (Number.isFinite(number)) return number;
  throw new Das2Error('property', `${name} must be a frequency such as '10 kHz', not '${value.slice(0, 40)}'`);
}

/** The frequencies of a spectrum of windows of `length` points, `interval` seconds apart. */
export function frequencyAxis(rules: FrequencyRules, length: number, interval: number): FrequencyAxis {
  const step = 1 / (length * interval);
  const total = length / 2 + 1;
  const frequency = (item: number): number => rules.tagMinimum + item * step;
  let first = 0;
  while (first < total && frequency(first) < rules.trimMinimum) first++;
  let end = first;
  while (end < total && frequency(end) < rules.trimMaximum) end++;
  return { first, count: end - first, minimum: frequency(first), interval: step };
}

/** The fill of a spectrum: that of the data, unless a density could look like it. */
export function spectrumFill(plane: Plane, header: PacketHeader, stream: StreamHeader): number {
  const fill = planeFill(plane, header, stream);
  return fill >= 0 ? -1e31 : fill;
}

function spectrumEncoding({ kind, width, littleEndian }: Encoding): Encoding {
  if (kind === 'ascii') return parseEncoding(`ascii${Math.max(width, TEXT_WIDTH)}`);
  return parseEncoding(`${littleEndian ? 'little_endian' : 'sun'}_${kind}`);
}

/** The plane that holds the spectra of a plane. */
export function spectrumPlane(plane: Plane, axis: FrequencyAxis, fill: number): Plane {
  const units = squaredPerHertz(plane.units ?? '');
  let properties: Properties = plane.properties.filter(
    ({ name }) => !isAmplitudeHint(name) && !/^(?:fill|[yz]Fill|renderer)$/.test(name),
  );
  const set = (type: string, name: string, value: string): void => {
    properties = withProperty(properties, { type, name, value });
  };
  const operation = findProperty(properties, 'operation')?.value ?? '';
  set('', 'yLabel', 'Frequency (Hz)');
  set('', 'zLabel', `Spectral Density (${units})`);
  set('', 'operation', operation === '' ? 'DFT' : `${operation}, DFT`);
  set('double', 'zFill', Number.isNaN(fill) ? 'NaN' : datumText(fill));
  const attributes = new Map([
    ['yUnits', 'Hz'],
    ['yTagInterval', String(axis.interval)],
    ['yTagMin', String(axis.minimum)],
  ]);
  // A scan keeps attributes nobody here knows; those of the old tags and units go.
  for (const [key, value] of plane.attributes) {
    if (!/^(?:[xy](?:Tags|TagInterval|TagMin|TagMax|Offsets|OffsetInterval|OffsetMin|Units)|nitems|base)$/.test(key)) {
      if (key !== unitsAttribute(plane.element)) attributes.set(key, value);
    }
  }
  return {
    element: 'yscan',
    name: plane.name,
    encoding: spectrumEncoding(plane.encoding),
    units,
    itemCount: axis.count,
    attributes,
    properties,
  };
}
