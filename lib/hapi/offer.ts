/**
 * Whether this server offers HAPI, which version of it, and in which formats (server-internals 6.1, 6.2). Pages and capability documents name only what a
 * client would get.
 */
import type { Configuration } from '../conf/configuration.js';

const VERSIONS = ['2.0', '2.1', '3.0', '3.1', '3.2', '3.3'] as const;
const NEWEST = '3.3';

export type HapiVersion = (typeof VERSIONS)[number];

/** Formats of `/hapi/data`; the first one is the default. */
export const HAPI_FORMATS = ['csv', 'binary', 'json'] as const;

/** True if HAPI requests are answered: `ENABLE_HAPI_SUBSYS`. */
export function offersHapi(configuration: Configuration): boolean {
  return configuration.flag('ENABLE_HAPI_SUBSYS');
}

/** `HAPI_VERSION`; a version that this program does not know counts as the newest. */
export function hapiVersion(configuration: Configuration): HapiVersion {
  const text = configuration.text('HAPI_VERSION');
  return VERSIONS.find((version) => version === text) ?? NEWEST;
}

/** True if documents follow this version or a later one. */
export function isSince(configuration: Configuration, version: HapiVersion): boolean {
  return VERSIONS.indexOf(hapiVersion(configuration)) >= VERSIONS.indexOf(version);
}
