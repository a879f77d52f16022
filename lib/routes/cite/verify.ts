/**
 * `/verify` and `/cite/<id>/verify`: are the data still those that were cited? (citation 12.2)
 *
 * Contract: the comparison itself has succeeded whatever it says, so the status is 200. A difference never hides data. The latest entry of the log decides
 * if it is young enough (CITE_VERIFY_MAXAGE) or nothing may be computed; else the data are read again.
 */
import { wholeSeconds } from '../../cite/citation/citation.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { digitsOf, SHORTEST_PREFIX } from '../../cite/citation/states.js';
import { TEXT_STYLES } from '../../cite/forms/text-styles.js';
import { type Comparison, changesSince, compare, comparisonDocument, sentenceOf } from '../../cite/making/compare.js';
import { findId, questionOfId } from '../../cite/question/issued.js';
import { type CitedQuestion, citedQuestion } from '../../cite/question/question.js';
import { versionsAddress } from '../../cite/versions-address.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { htmlReply, jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { citationFormat } from './format.js';
import { neverStored, RETRY_LATER } from './headers.js';
import { verifyPage } from './page.js';

/** Answers `/verify?url=…&hash=…`, and a whole citation that is posted. */
export async function verify(context: ServerContext, request: Request): Promise<Reply> {
  if (request.method === 'POST') {
    const { postedCitation } = await import('./posted.js');
    return verify(context, await postedCitation(context, request));
  }
  const hash = request.parameters.get('hash');
  if (hash === undefined || !/^[0-9a-f]+$/.test(digitsOf(hash)) || digitsOf(hash).length < SHORTEST_PREFIX) {
    throw new Das2Error(
      'illegalArgument',
      `hash takes at least ${SHORTEST_PREFIX} hexadecimal digits of the digest in the citation`,
    );
  }
  let cited: CitedQuestion;
  try {
    cited = await citedQuestion(context, request);
  } catch (error) {
    if (!isDas2Error(error, 'noSuchSource')) throw error;
    return send(context, request, undefined, { result: 'gone', basis: 'none', cited: { digest: hash } });
  }
  return send(context, request, cited, await compare(context, request, cited, digitsOf(hash)));
}

/** Answers `/cite/<id>/verify`. */
export async function verifyId(context: ServerContext, request: Request, id: string): Promise<Reply> {
  const root = context.configuration.path('CITE_ROOT');
  const store = root === undefined ? undefined : new KeptCitations(root);
  const { issued, kept } = await findId(context, id);
  const cited = await questionOfId(context, request, issued);
  const comparison: Comparison =
    cited === undefined
      ? { result: 'gone', basis: 'none', cited: { digest: issued.digest } }
      : await compare(context, request, cited, digitsOf(issued.digest), { labels: kept?.state?.m });
  const { result, basis, current } = comparison;
  try {
    store?.note(id, { time: new Date().toISOString(), event: 'verified', result, basis, digest: current?.d2c1 });
  } catch {
    context.log.line('Citation: what was found cannot be noted: CITE_ROOT cannot be written');
  }
  return send(context, request, cited, comparison);
}

function send(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion | undefined,
  comparison: Comparison,
): Reply {
  const { result, current, before } = comparison;
  const sentence = sentenceOf(comparison);
  const headers = neverStored(cited?.question.source);
  const changes = cited === undefined ? [] : changesSince(context, cited, before?.time);
  if (citationFormat(request, TEXT_STYLES)?.name === 'html') {
    const rows: (readonly [string, string])[] = [
      ['Cited digest', comparison.cited.digest],
      ['Digest now', current?.d2c1 ?? 'unknown'],
      ['As of', current === undefined ? 'unknown' : wholeSeconds(current.time)],
      ...changes.map(({ date, text }) => [`Change ${date}`, text] as const),
      ...(comparison.equivalences ?? []).map(
        ({ date, name, reason }) => ['Declared equivalent', `${date.slice(0, 10)}, ${name}: ${reason}`] as const,
      ),
    ];
    const data = cited?.address ?? request.mountPath;
    const versions = cited && versionsAddress(request.mountPath, cited.request.dataset);
    return htmlReply(
      request,
      verifyPage(context.configuration, request, {
        sentence,
        isUnchanged: result === 'unchanged',
        rows,
        data,
        versions,
      }),
      { headers },
    );
  }
  const isLater = comparison.reason === 'being-computed';
  const options = { status: isLater ? 202 : 200, headers: isLater ? [...headers, RETRY_LATER] : headers };
  return jsonReply(request, comparisonDocument(context, request, cited, comparison), options);
}
