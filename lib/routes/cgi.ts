/**
 * One CGI request: environment in, answer out, exit status back. The same for the main program and its sisters.
 *
 * Contract: whatever happens, the client gets an answer in the form it expects, or, if bytes have gone out already, a visible
 * cut. Text of faults goes to the log; what cannot be logged there (no configuration) is one line on standard error, which
 * ends up in the error log of the web server.
 */
import { writeSync } from 'node:fs';
import { type Configuration, loadConfiguration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { type ReplyOutcome, writeCgiReply } from '../reply/cgi-reply.js';
import { errorReply } from '../reply/error-reply.js';
import type { Reply } from '../reply/reply.js';
import { type CgiEnvironment, requestFromCgi } from '../request/cgi-environment.js';
import type { Request } from '../request/request.js';
import { bodyFromDescriptor } from '../request/request-body.js';
import { makeServer, requestSettings, type Server } from './context.js';
import { type ReplyWriter, serve } from './serve.js';

export interface CgiOptions {
  /** How the program is called in lines on standard error. */
  readonly program: string;
  readonly environment: CgiEnvironment;
  /** What answers; default: the main program. */
  readonly serve?: (server: Server, request: Request, write: ReplyWriter) => Promise<ReplyOutcome>;
}

/** Serves the request that the environment describes; the result is the exit status. */
export async function serveCgi(options: CgiOptions): Promise<number> {
  const { environment, program } = options;
  let configuration: Configuration;
  try {
    configuration = loadConfiguration({ environment });
  } catch (error) {
    return unconfigured(requestFromCgi(environment), error, program);
  }
  const request: Request = {
    ...requestFromCgi(environment, requestSettings(configuration)),
    readBody: bodyFromDescriptor(0, environment.CONTENT_LENGTH),
  };
  let started = false;
  // A fault outside of any promise (an event of a child process) would otherwise end in a trace on standard error.
  const lastResort = (error: unknown): void => {
    complain(program, `request ${request.id}: ${error instanceof Error ? error.stack : String(error)}`);
    if (!started) writeCgiReply(errorReply(error, request), request);
    process.exit(1);
  };
  process.prependListener('uncaughtException', lastResort);
  try {
    const outcome = await (options.serve ?? serve)(makeServer(configuration), request, (reply) => {
      started = true;
      return writeCgiReply(reply, request);
    });
    return exitStatus(outcome);
  } finally {
    process.off('uncaughtException', lastResort);
  }
}

async function unconfigured(request: Request, error: unknown, program: string): Promise<number> {
  complain(program, `request ${request.id}: ${errorDetail(error)}`);
  const reply: Reply = errorReply(error, request);
  return exitStatus(await writeCgiReply(reply, request));
}

/** An answer that was cut can only be told by the status; a client that left is nobody's fault. */
function exitStatus(outcome: ReplyOutcome): number {
  return outcome.aborted && !outcome.clientGone ? 1 : 0;
}

function complain(program: string, text: string): void {
  try {
    writeSync(2, `${program}: ${text.replace(/[\0-\x08\x0b-\x1f\x7f]/g, '?')}\n`);
  } catch {
    // No standard error: nobody to tell.
  }
}
