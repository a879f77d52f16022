/** The packets of a stream under another name. */
export { readStream as packetsOf } from './read-stream.js';
