/**
 * Why the server ended a pipeline, in words for logs and administrators: each limit by the name of the setting that changes it.
 */
import type { TerminationReason } from './stage.js';

const WORDS: Readonly<Record<TerminationReason, string>> = {
  clientGone: 'the client has gone',
  firstByteTimeout: 'it gave no byte within FIRST_BYTE_TIMEOUT',
  idleTimeout: 'it gave no byte for as long as IDLE_TIMEOUT',
  runTimeLimit: 'it ran for longer than MAX_RUN_TIME',
  outputLimit: 'it gave more than MAX_OUTPUT_BYTES',
  noStream: 'what it gave is no stream',
  serverStopped: 'the server stopped it',
};

/** The reason, to follow "ended by the server: ". */
export function terminationWords(reason: TerminationReason): string {
  return WORDS[reason];
}
