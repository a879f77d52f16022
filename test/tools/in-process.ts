/** Routes called in this process, without a front: quick, and faults are visible. */
import { loadConfiguration } from '../../lib/conf/configuration.js';
import type { RequestLog } from '../../lib/log/request-log.js';
import type { Reply } from '../../lib/reply/reply.js';
import { handle } from '../../lib/routes/router.js';
import { makeContext, makeServer, requestSettings, type Server, type ServerContext } from '../../lib/server/context.js';
import { type TestRequest, testRequest } from './make-test-request.js';
import { layOutProtocolFixture, type ProtocolFixture, type ProtocolFixtureOptions } from './protocol-fixture.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The body was cut. */
  readonly isCut: boolean;
  readonly reply: Reply;
  readonly context: ServerContext;
  /** Lines of the request's log. */
  readonly log: readonly string[];
}

export interface InProcessSite {
  readonly fixture: ProtocolFixture;
  readonly server: Server;
  ask(request: TestRequest): Promise<Answer>;
}

/** A site of the protocol fixture whose routes are called directly. `test` is the tap test that ends its life. */
export function inProcessSite(
  test: { teardown(clean: () => void): unknown },
  options: ProtocolFixtureOptions = {},
): InProcessSite {
  return inProcess(test, layOutProtocolFixture(options));
}

/** The same for a site that is laid out already; it is removed at the end. */
export function inProcess(test: { teardown(clean: () => void): unknown }, fixture: ProtocolFixture): InProcessSite {
  test.teardown(() => fixture.remove());
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const server = makeServer(configuration);
  return {
    fixture,
    server,
    async ask(request) {
      const log: string[] = [];
      const context = makeContext(server, collectingLog(log));
      const reply = await handle(context, testRequest({ settings: requestSettings(configuration), ...request }));
      const { bytes, isCut } = await bodyOf(reply);
      return {
        status: reply.status,
        headers: Object.fromEntries(reply.headers),
        text: Buffer.from(bytes).toString(),
        bytes,
        isCut,
        reply,
        context,
        log,
      };
    },
  };
}

/** The bytes of a body, however it comes. */
async function bodyOf({ body }: Reply): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  if (body.kind !== 'stream') return { bytes: body.kind === 'bytes' ? body.bytes : new Uint8Array(0), isCut: false };
  const parts: Buffer[] = [];
  let isCut = false;
  await body.run({
    gone: false,
    write: (bytes) => void parts.push(Buffer.from(bytes)),
    onGone: () => {},
    abort: () => {
      isCut = true;
    },
  });
  return { bytes: Buffer.concat(parts), isCut };
}

function collectingLog(lines: string[]): RequestLog {
  return { line: (text) => lines.push(text), text: (text) => lines.push(...text.split('\n')), close: () => {} };
}
