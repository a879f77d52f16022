/**
 * Data requests that say what they expect: `expect=<digits>` or `Das2-Expect: sha256-d2c1:<digits>` (citation 12.3).
 *
 *   the latest entry has another digest      412 and what a comparison says, no data; `expect_mode=warn`: the data, with a warning in front
 *   equal, or no entry                       the data; if they turn out to be others, a das2 stream ends with a comment that says so
 *   `expect_mode=strict`                     the data are held back until their digest is known; 412 if they are others
 *
 * Contract: loaded for such requests alone.
 */

import { digitsOf, SHORTEST_PREFIX } from '../../cite/citation/states.js';
import { citedRequest } from '../../cite/delivery/cited-delivery.js';
import { logEntries } from '../../cite/delivery/log-entries.js';
import type { LogEntry } from '../../cite/log/row.js';
import { type Comparison, compareLogged, compareNew, comparisonDocument } from '../../cite/making/compare.js';
import { type CitedQuestion, dataAddress } from '../../cite/question/question.js';
import { requestKey } from '../../cite/request-key.js';
import type { DataQuestion } from '../../data/question.js';
import { Das2Error } from '../../error.js';
import { jsonReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { formatComment } from '../../stream/message.js';
import { frameHeader } from '../../stream/tag.js';

const MODES = ['refuse', 'warn', 'strict'] as const;
const SOURCE = 'das2srv';
/** Old clients take few headers. */
const LONGEST_LINK = 700;

export interface Expectation {
  /** In lower case, at least 16. */
  readonly digits: string;
  readonly mode: (typeof MODES)[number];
}

function expectationOf({ parameters, headers }: Request): Expectation {
  const text = parameters.get('expect') ?? headers.get('das2-expect') ?? '';
  const digits = digitsOf(text.trim());
  if (!/^[0-9a-f]{1,64}$/.test(digits) || digits.length < SHORTEST_PREFIX) {
    throw new Das2Error(
      'illegalArgument',
      `expect takes ${SHORTEST_PREFIX} to 64 hexadecimal digits of a content digest`,
    );
  }
  const mode = MODES.find((name) => name === (parameters.get('expect_mode') ?? 'refuse'));
  if (mode === undefined) throw new Das2Error('illegalArgument', 'expect_mode takes warn or strict');
  return { digits, mode };
}

/** What the log says to an expectation. */
export interface ExpectedData {
  readonly expectation: Expectation;
  /** True if the data of this entry are those that are expected. */
  readonly isMet: (entry: LogEntry) => boolean;
  /** The answer, if no data are to be sent. */
  readonly refusal?: Reply;
  /** The data are sent although they have changed. */
  readonly warning?: string;
  /** Where the comparison can be seen. */
  readonly headers: readonly Header[];
}

/** Reads what a request expects, and asks the log. Errors: `illegalArgument`. */
export async function expectData(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
): Promise<ExpectedData> {
  const expectation = expectationOf(request);
  const { digits, mode } = expectation;
  if (mode === 'strict' && !context.configuration.flag('CITE_ENABLE')) {
    throw new Das2Error(
      'notImplemented',
      'expect_mode=strict needs digests, and this server makes none: CITE_ENABLE is off',
    );
  }
  const { cited, entries } = await lookUp(context, request, question);
  const comparison = compareLogged(context, cited, entries, digits);
  const isMet = (entry: LogEntry): boolean => compareNew(context, cited, entries, entry, digits).result === 'unchanged';
  const expected = { expectation, isMet, headers: [] };
  if (comparison === undefined || comparison.result === 'unchanged') return expected;
  if (mode !== 'warn') return { ...expected, refusal: refusalOf(context, request, cited, comparison) };
  const url = encodeQueryValue(cited.address).replaceAll('&', '%26');
  const link = `<${request.baseUrl}/verify?url=${url}&hash=${digits}>; rel="describedby"`;
  return {
    ...expected,
    warning: 'The data of this request have changed since the digest that was expected.',
    headers: link.length < LONGEST_LINK ? [['Link', link]] : [],
  };
}

/** The answer to a client whose data have turned out to be others, if they have. */
export async function judgeNew(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
  facts: { readonly entry: LogEntry; readonly digits: string },
): Promise<Reply | undefined> {
  const { cited, entries } = await lookUp(context, request, question);
  const comparison = compareNew(context, cited, entries, facts.entry, facts.digits);
  return comparison.result === 'unchanged' ? undefined : refusalOf(context, request, cited, comparison);
}

async function lookUp(
  { configuration }: ServerContext,
  { baseUrl }: Request,
  question: DataQuestion,
): Promise<{ cited: CitedQuestion; entries: readonly LogEntry[] }> {
  const request = citedRequest(question);
  const rk = requestKey(request);
  const entries = await logEntries(configuration, rk);
  return { cited: { question, planes: undefined, request, rk, address: dataAddress(baseUrl, request) }, entries };
}

/** 412 with what the comparison says. */
function refusalOf(context: ServerContext, request: Request, cited: CitedQuestion, comparison: Comparison): Reply {
  const headers: Header[] = [['Cache-Control', 'no-store']];
  return jsonReply(request, comparisonDocument(context, request, cited, comparison), { status: 412, headers });
}

/** A comment for those who read the log of a stream. */
export function commentPacket(value: string): Uint8Array {
  return Buffer.from(frameHeader('xx', formatComment({ type: 'log:warning', source: SOURCE, value })));
}
