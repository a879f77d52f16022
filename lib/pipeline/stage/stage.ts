/**
 * What a pipeline is made of, and what is known of each part when it has ended.
 *
 * A stage is a command of the operator (configuration or DSDF) plus arguments of the request. The two never mix: the command
 * is shell text, the arguments are an argument vector (server-protocol 4.6.2).
 */

import type { FilterProgram } from '../../filter/program.js';

/** What a stage is for; used in logs and messages. */
export type StageRole = 'reader' | 'cacheReader' | 'reducer' | 'selection' | 'converter' | 'plotMaker';

export interface Stage {
  readonly role: StageRole;
  /** Operator's text for `/bin/sh`; plain words that begin with one of our filters run inside the process. */
  readonly command: string;
  /** Appended to the command as positional parameters. */
  readonly args: readonly string[];
  /** Arguments where the stage runs inside the process, if they differ: an exact number instead of a rounded time. */
  readonly inProcessArgs?: readonly string[];
  /** A filter made for this run: it stands in for the command, inside the process. Not for the first stage. */
  readonly filter?: () => Promise<FilterProgram>;
  /** It opens its standard output or error by name: see output-by-name.ts. */
  readonly outputByName?: boolean;
  /** Variables that references in the command stand for (`DAS2_ARG_1` …). */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How one stage ended. */
export interface StageResult {
  readonly role: StageRole;
  /** Command and arguments as a line for the log, never for a client. */
  readonly commandLine: string;
  readonly inProcess: boolean;
  /** Exit status; 126 and 127 if it could not be started; undefined if a signal ended it or its end was never seen. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The last part of its standard error, at most 64 KiB; of a stage inside the process the message of its fault. */
  readonly standardError: string;
  /** The server ended it, because its output was no longer wanted; how it ended then says nothing about it. */
  readonly endedByServer: boolean;
}

/** Why a pipeline was ended before its stages had finished. The first reason wins. */
export type TerminationReason =
  | 'clientGone'
  | 'firstByteTimeout'
  | 'idleTimeout'
  | 'runTimeLimit'
  | 'outputLimit'
  | 'noStream'
  | 'serverStopped';

/** The record of a whole run. */
export interface PipelineResult {
  /** Every stage ended well (see outcome.ts) and nothing was cut. */
  readonly ok: boolean;
  /** Bytes that left the last stage, whether or not a client took them. */
  readonly bytes: number;
  /** From the start of the first stage to the first byte out of the last one. */
  readonly firstByteMs: number | undefined;
  readonly durationMs: number;
  readonly terminationReason: TerminationReason | undefined;
  readonly stages: readonly StageResult[];
  /** The stage whose failure decides; undefined if all went well or the run was cut by the server. */
  readonly failedStage: StageResult | undefined;
}

/** A command with its arguments on one line for logs; arguments are quoted where a shell would need it. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args.map(quoteForLog)].join(' ');
}

function quoteForLog(word: string): string {
  return /^[A-Za-z0-9_.,:=+@%/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
