/**
 * The one error class of the program, and the one table that says what each code means outside.
 *
 * Contract: every fault that a caller may have to tell apart is a `Das2Error` with a stable `code`. What a code
 * becomes on the wire (HTTP status, das2 exception type) or in a shell (exit status) stands in `ERROR_TABLE` and
 * nowhere else. Messages are for people: they name the parameter, file and line, or setting to change, and never
 * hold a path of the host or a command line when they can reach a client.
 *
 * Rules: server-protocol 2.4 (statuses and exception types), stream-format 11.4 (exit statuses).
 */

export interface ErrorMapping {
  /** HTTP status of an answer whose first byte has not been sent. */
  readonly status: number;
  /** `type` of the das2 exception packet. */
  readonly exceptionType: string;
  /** Exit status of a program that ends with this error. */
  readonly exitStatus: number;
}

const map = (status: number, exceptionType: string, exitStatus: number): ErrorMapping => ({
  status,
  exceptionType,
  exitStatus,
});

export const ERROR_TABLE = {
  // The request is at fault.
  illegalArgument: map(400, 'IllegalArgument', 13),
  authenticationRequired: map(401, 'AuthenticationRequired', 13),
  forbidden: map(403, 'Forbidden', 13),
  noSuchSource: map(404, 'NoSuchDataSource', 13),
  notFound: map(404, 'NoSuchDataSource', 13),
  methodNotAllowed: map(405, 'IllegalArgument', 13),
  gone: map(410, 'IllegalArgument', 13),
  queryTooLong: map(414, 'IllegalArgument', 13),
  tooWide: map(422, 'IllegalArgument', 13),
  tooMany: map(429, 'ServerError', 13),
  tooManyLogIns: map(429, 'AuthenticationRequired', 13),
  // There is nothing to send: not a fault of anybody.
  noDataInInterval: map(200, 'NoDataInInterval', 0),
  // The server, its configuration or a program it runs is at fault.
  internal: map(500, 'ServerError', 1),
  configuration: map(500, 'ServerError', 17),
  sourceDefinition: map(500, 'ServerError', 15),
  readerFailed: map(500, 'ServerError', 13),
  timeLimit: map(500, 'ServerError', 13),
  outputLimit: map(500, 'ServerError', 13),
  notImplemented: map(501, 'NotImplemented', 13),
  overload: map(503, 'ServerError', 13),
  // A command line is at fault.
  usage: map(500, 'ServerError', 100),
  // A stream is at fault (exit statuses of stream-format 11.4).
  packetTooLarge: map(500, 'ServerError', 12),
  valueEncoding: map(500, 'ServerError', 14),
  units: map(500, 'ServerError', 15),
  property: map(500, 'ServerError', 16),
  plane: map(500, 'ServerError', 17),
  packetHeader: map(500, 'ServerError', 18),
  streamHeader: map(500, 'ServerError', 19),
  message: map(500, 'ServerError', 20),
  framing: map(500, 'ServerError', 22),
  exceptionReceived: map(500, 'ServerError', 24),
  planeLimit: map(500, 'ServerError', 100),
  compression: map(500, 'ServerError', 22),
  // The receiver of the output went away: end quietly (stream-format 11.1).
  outputClosed: map(500, 'ServerError', 0),
  // The output cannot be written: a full disk, a descriptor that is closed.
  outputFailed: map(500, 'ServerError', 1),
} as const satisfies Record<string, ErrorMapping>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export interface ErrorDetails {
  /** The fault below this one. */
  readonly cause?: unknown;
  /** Facts for the log: file, line, byte offset, packet id, exit status … never shown to a client. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Exit status where one program departs from the table (usage is 13 in das2_ascii). */
  readonly exitStatus?: number;
}

/** A fault with a stable code. See the head of this file. */
export class Das2Error extends Error {
  override readonly name = 'Das2Error';
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly exceptionType: string;
  readonly exitStatus: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.data = details.data ?? {};
    const mapping = ERROR_TABLE[code];
    this.status = mapping.status;
    this.exceptionType = mapping.exceptionType;
    this.exitStatus = details.exitStatus ?? mapping.exitStatus;
  }
}

/** True for a `Das2Error`, with the given code if one is given. */
export function isDas2Error(error: unknown, code?: ErrorCode): error is Das2Error {
  return error instanceof Das2Error && (code === undefined || error.code === code);
}

/** The error as a `Das2Error`; anything unforeseen becomes `internal` with the original as its cause. */
export function asDas2Error(error: unknown): Das2Error {
  if (error instanceof Das2Error) return error;
  return new Das2Error('internal', 'internal error', { cause: error });
}
