/**
 * A door for clients that know a DRMS, the archives of solar data (browse-export 9.6): `drms/show_series`, `drms/jsoc_info`, `drms/jsoc_fetch` and
 * `drms/check_address` answer in the form of the programs of that name, so that such a client works with the sources of this server.
 *
 * Contract: answers are JSON in plain ASCII, since such clients read Latin-1 unless told otherwise. What is wrong with a question is told inside of an
 * answer with status 200, as `status` and `error`: they look at nothing else.
 */
import { SeriesNames } from '../../../browse/drms/series-names.js';
import { type BrowseFacts, browseNames } from '../../../browse/facts/facts.js';
import { aboutField, fieldError, shown } from '../../../browse/faults.js';
import { Das2Error, type ErrorCode, isDas2Error } from '../../../error.js';
import { JSON_TYPE, textReply } from '../../../reply/build-reply.js';
import { publicMessage } from '../../../reply/public-message.js';
import type { Reply } from '../../../reply/reply.js';
import { firstValues } from '../../../request/query-string.js';
import { readFormPairs } from '../export/selection.js';
import { browseReply, privateReply } from '../reply.js';
import { type DrmsAnswer, type DrmsQuestion, FAILED } from './question.js';

/** States that tell such a client what went wrong with an export, besides `FAILED`. */
const TOO_LARGE = 3;
const NO_SUCH_EXPORT = 6;

/** Faults of the question, or of the moment; anything else is a fault of the server, and answered as one. */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'illegalArgument',
  'tooWide',
  'notFound',
  'forbidden',
  'tooMany',
  'overload',
  'outputLimit',
]);

/** Answers `drms/PROGRAM`. */
export async function browseDrms(facts: BrowseFacts, program: string): Promise<Reply> {
  const { request } = facts;
  const pairs = request.method === 'POST' ? await readFormPairs(facts) : request.pairs;
  const parameters = firstValues(pairs);
  const operation = operationOf(program, parameters.get('op') ?? '');
  const isExport = program === 'jsoc_fetch';
  let answer: DrmsAnswer;
  try {
    const names = new SeriesNames((await browseNames(facts)).series);
    answer = await operation({ facts, parameters, names }).catch(aboutField('ds'));
  } catch (error) {
    if (!isDas2Error(error) || !TOLD.has(error.code)) throw error;
    answer = { status: statusOf(error, isExport), error: publicMessage(error, { requestId: request.id }) };
  }
  const reply = textReply(request, `${asciiJson(answer)}\n`, { contentType: JSON_TYPE });
  return isExport ? privateReply(facts, reply) : browseReply(request, reply);
}

type Operation = (question: DrmsQuestion) => Promise<DrmsAnswer>;

function operationOf(program: string, op: string): Operation {
  switch (program) {
    case 'show_series':
      return async (question) => (await import('./info.js')).showSeries(question);
    case 'check_address':
      return async ({ parameters }) => checkAddress(parameters.get('address') ?? '');
    case 'jsoc_info':
      return async (question) => {
        const { recordList, recordSummary, seriesStructure } = await import('./info.js');
        if (op === 'series_struct') return seriesStructure(question);
        if (op === 'rs_summary') return recordSummary(question);
        if (op === 'rs_list') return recordList(question);
        throw fieldError('op', `'${shown(op)}' is none of series_struct, rs_summary, rs_list`);
      };
    case 'jsoc_fetch':
      return async (question) => {
        const { exportRequest, exportStatus } = await import('./exports.js');
        if (op === 'exp_request') return exportRequest(question);
        if (op === 'exp_status') return exportStatus(question);
        throw fieldError('op', `'${shown(op)}' is none of exp_request, exp_status`);
      };
    default:
      throw new Das2Error('notFound', 'there is nothing at this address');
  }
}

function statusOf({ code, data }: Das2Error, isExport: boolean): number {
  if (!isExport) return 1;
  if (code === 'tooWide') return TOO_LARGE;
  return data.state === NO_SUCH_EXPORT ? NO_SUCH_EXPORT : FAILED;
}

/** Nobody has to be known here: whatever looks like a mail address is good. Clients code it twice. */
function checkAddress(text: string): DrmsAnswer {
  const address = text.replace(/%40/gi, '@');
  return /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(address)
    ? { status: 2, msg: 'no registration is needed here' }
    : { status: -2, msg: 'this is not a mail address' };
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
