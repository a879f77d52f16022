/**
 * Texts of a rate stream: what the counts are called, and what becomes of the input's stream header (stream-format 13.3).
 */
import type { StreamHeader } from '../../stream/header.js';
import { findProperty, type Property, withProperty } from '../../stream/properties.js';
import { datumText } from '../print-number.js';
import { withSourceId } from './stream-header.js';

/** Bytes in each unit of `-v`. */
export const VOLUME_UNITS = { bytes: 1, kB: 1024, MB: 2 ** 20, GB: 2 ** 30 } as const;
export type VolumeUnit = keyof typeof VOLUME_UNITS;

export interface RateLabels {
  /** Name and units of the y plane. */
  readonly name: string;
  readonly units: string;
  readonly yLabel: string;
}

/** Interval words, largest first, with their length in seconds and their plural. */
const INTERVALS: readonly (readonly [seconds: number, word: string, plural: string])[] = [
  [86400, 'day', 'days'],
  [3600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 's', 's'],
  [1e-3, 'ms', 'ms'],
  [1e-6, 'microseconds', 'microseconds'],
  [1e-9, 'ns', 'ns'],
];
/** A bin is one interval if it differs from it by no more than this part. */
const ONE = 1e-3;

/** Labels for bins of `seconds`. */
export function rateLabels(options: {
  readonly seconds: number;
  readonly events?: boolean;
  readonly volume?: VolumeUnit | undefined;
  readonly yLabel?: string | undefined;
}): RateLabels {
  const { seconds, events, volume, yLabel } = options;
  if (events === true) return { name: 'coverage', units: '', yLabel: yLabel ?? 'Coverage' };
  const unit = volume ?? 'packets';
  const smallest = INTERVALS.at(-1) as (typeof INTERVALS)[number];
  const [length, word, plural] = INTERVALS.find(([interval]) => seconds >= interval * (1 - ONE)) ?? smallest;
  const number = seconds / length;
  const isOne = Math.abs(number - 1) <= ONE;
  const interval = isOne ? word : `${Number(number.toFixed(3))} ${plural}`;
  return {
    name: 'rate',
    units: isOne ? `${unit} ${word}**-1` : unit,
    yLabel: yLabel ?? `Stream Volume (${unit}/${interval})`,
  };
}

/** Properties of the y and z axes of the input: they say nothing about counts. */
const AXIS_PROPERTY = /^[yz](?:Fill|Label|Range|ScaleType|Summary|ValidMin|ValidMax)$/;

/** The stream header of the rates. */
export function ratedStreamHeader(
  header: StreamHeader,
  program: string,
  options: { readonly seconds: number; readonly title?: string | undefined },
  labels: RateLabels,
): StreamHeader {
  const old = findProperty(header.properties, 'title')?.value;
  const bin = `${datumText(options.seconds)} s`;
  const changes: readonly Property[] = [
    { type: '', name: 'title', value: options.title ?? (old === undefined ? 'Data Coverage' : `${old} (coverage)`) },
    { type: '', name: 'yLabel', value: labels.yLabel },
    { type: 'Datum', name: 'xTagWidth', value: bin },
    { type: 'Datum', name: 'xCacheResolution', value: bin },
    { type: '', name: 'renderer', value: 'stairSteps' },
  ];
  let properties = header.properties.filter(({ name }) => !AXIS_PROPERTY.test(name));
  for (const change of changes) properties = [...withProperty(properties, change)];
  return { ...withSourceId({ ...header, properties }, program), version: '2.2', compressed: false };
}
