/**
 * The document inside a packet as a tree, for those who tell of faults in coded errors.
 */
import { Das2Error, type ErrorCode } from '../error.js';
import { parseXml, type XmlElement, XmlFault } from './xml.js';

/** Characters of foreign text in a message: a hostile header must not fill the log. */
const SHOWN = 120;

/** The root element. Throws an error with this code, which begins with `what` the document is, for what is not well-formed. */
export function documentRoot(content: Uint8Array, code: ErrorCode, what: string): XmlElement {
  try {
    return parseXml(content);
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    throw new Das2Error(code, `${what} is not well-formed XML: ${error.message.slice(0, SHOWN)}`, { cause: error });
  }
}
