/**
 * The info document of HAPI from the headers of a das2 stream (server-internals 6.4, 6.5).
 *
 * Contract: a plain object for `JSON.stringify`, so that it is valid JSON whatever the stream says. What only the source's definition or the
 * server knows (dates, contact, citation) is given by the caller.
 */
import type { HapiParameter } from './parameters.js';
import type { HapiFormat } from './row-writer.js';

/** Version of HAPI that documents announce without being told. */
const HAPI_VERSION = '3.3';

/** Code and text of an answer (server-internals 6.3). */
export interface HapiStatus {
  readonly code: number;
  readonly message: string;
}

const HAPI_OK: HapiStatus = { code: 1200, message: 'OK' };

export interface HapiInfo {
  readonly HAPI: string;
  readonly status: HapiStatus;
  readonly format?: HapiFormat;
  readonly parameters: readonly HapiParameter[];
  readonly [key: string]: unknown;
}

export interface HapiInfoOptions {
  readonly version?: string;
  /** Default 1200, OK. */
  readonly status?: HapiStatus;
  /** Set where data follow. */
  readonly format?: HapiFormat;
  /** `startDate`, `stopDate`, `contact`, `description` and whatever else belongs in front of the parameters. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** The document for these parameters. */
export function hapiInfo(
  parameters: readonly HapiParameter[],
  { version, status, format, facts }: HapiInfoOptions = {},
): HapiInfo {
  return {
    HAPI: version ?? HAPI_VERSION,
    status: status ?? HAPI_OK,
    ...(format === undefined ? {} : { format }),
    ...facts,
    parameters,
  };
}

/** The document as lines in front of data. */
export function commentLines(info: HapiInfo, prefix: string): string {
  return `${prefix}${JSON.stringify(info, undefined, 1).replaceAll('\n', `\n${prefix}`)}\n`;
}
