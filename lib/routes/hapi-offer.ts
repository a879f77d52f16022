/**
 * Whether this server offers HAPI: switched on by `ENABLE_HAPI_SUBSYS`, and part of the program. Pages and capability documents
 * name only what a client would get.
 */
import type { Configuration } from '../conf/configuration.js';

/** The HAPI documents are not part of this program; their addresses answer 501 where they are switched on. */
const IS_PROVIDED: boolean = false;

/** True if HAPI requests are answered. */
export function offersHapi(configuration: Configuration): boolean {
  return IS_PROVIDED && configuration.flag('ENABLE_HAPI_SUBSYS');
}
