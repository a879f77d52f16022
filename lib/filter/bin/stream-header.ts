/**
 * What a reduction to seconds changes in the stream header (stream-format 12.3).
 */
import { parseDatum } from '../../stream/decimal-text.js';
import type { StreamHeader } from '../../stream/header.js';
import { findProperty, type Properties, SOURCE_ID, sourceId, withProperty } from '../../stream/properties.js';
import { intervalSeconds } from '../../stream/units.js';
import { datumText, fixedText, generalText } from '../print-number.js';

/** The header of the reduced stream. `seconds` is the length of a bin. */
export function reducedStreamHeader(header: StreamHeader, program: string, seconds: number): StreamHeader {
  let properties: Properties = header.properties;
  const set = (type: string, name: string, value: string): void => {
    properties = withProperty(properties, { type, name, value });
  };
  const width = tagWidthSeconds(findProperty(properties, 'xTagWidth')?.value);
  if (width === undefined || width < seconds) set('Datum', 'xTagWidth', `${datumText(seconds)} s`);
  // A stream whose tag width is larger than the bin reports that width as its resolution; clients rely on the pair.
  const resolution = width !== undefined && width >= seconds ? width : seconds;
  set('Datum', 'xCacheResolution', `${datumText(resolution)} s`);
  set('', 'xCacheResInfo', ` (${resolutionText(resolution)} Averages)`);
  const dataType = findProperty(properties, 'Data_type');
  if (dataType !== undefined) set(dataType.type, 'Data_type', 'K0>Key Parameter');
  return { ...withSourceId({ ...header, properties }, program), version: '2.2', compressed: false };
}

/** The header with the program as `sourceId` if it has none (11.2). */
export function withSourceId(header: StreamHeader, program: string): StreamHeader {
  if (findProperty(header.properties, SOURCE_ID) !== undefined) return header;
  return { ...header, properties: [...header.properties, sourceId(program)] };
}

/** Seconds of a Datum; undefined when there is none or when it is no time interval (D-18). */
function tagWidthSeconds(text: string | undefined): number | undefined {
  const datum = parseDatum(text ?? '');
  const unit = datum === undefined ? undefined : intervalSeconds(datum.units);
  const width = unit === undefined ? Number.NaN : Number(datum?.number) * unit;
  return Number.isFinite(width) ? width : undefined;
}

/** `5.0 s`, `20 ms`, `1.0 minute`, `365 day`. */
function resolutionText(seconds: number): string {
  if (seconds < 1) return `${fixedText(seconds * 1000, 0)} ms`;
  if (seconds < 60) return `${fixedText(seconds, 1)} s`;
  if (seconds < 3600) return `${fixedText(seconds / 60, 1)} minute`;
  if (seconds < 86400) return `${fixedText(seconds / 3600, 1)} hour`;
  return `${generalText(seconds / 86400)} day`;
}
