/**
 * Door to number text: `asciiN` fields in both directions (stream-format 5.1, 5.2), always correctly rounded.
 */
export { parseReal } from './number-text-reader.js';
export { isPrintedReal, writeReal } from './number-text-writer.js';
