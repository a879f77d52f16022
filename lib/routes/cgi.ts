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
import { type CgiEnvironment, requestFromCgi } from '../request/cgi-environment.js';
import type { Request } from '../request/request.js';
import type { ReadBody } from '../request/request-body.js';
import { makeServer, requestSettings, type Server } from '../server/context.js';
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
    readBody: bodyReader(environment.CONTENT_LENGTH),
  };
  let started = false;
  // A fault outside of any promise (an event of a child process) would otherwise end in a trace on standard error.
  const lastResort = (error: unknown): void => {
    complain(program, `request ${request.id}: ${error instanceof Error ? error.stack : String(error)}`);
    const isFirst = !started;
    started = true;
    void (isFirst ? answerError(error, request) : Promise.resolve()).finally(() => process.exit(1));
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
  return exitStatus(await answerError(error, request));
}

/** The answer to a request that no route could take care of. Most requests go well and need none of it. */
async function answerError(error: unknown, request: Request): Promise<ReplyOutcome> {
  const { errorReply } = await import('../reply/error-reply.js');
  return writeCgiReply(errorReply(error, request), request);
}

/** Reads the body of the request from standard input, if a route ever asks for it. */
function bodyReader(length: string | undefined): ReadBody {
  return async (limit) => (await import('../request/request-body.js')).bodyFromDescriptor(0, length)(limit);
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
