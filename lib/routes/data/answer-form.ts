/**
 * The forms of a data answer (server-protocol 4.6.3): what makes each, its media type, its files, its name in the log. Decided by definition and request,
 * never by the bytes.
 */
import type { TableForm } from '../../data/outcome.js';
import type { WantedForm } from '../../request/data-parameters.js';
import type { StreamKind } from '../../source/source.js';

export interface AnswerForm {
  /** The command behind the stream; undefined: it is sent as it is. */
  readonly converter: string | undefined;
  readonly contentType: string;
  readonly disposition: 'inline' | 'attachment';
  /** Of its files. */
  readonly extension: string;
  /** As the log of citations calls it. */
  readonly logName: string;
  /** It ends in no stream, so no packet can tell of a fault. */
  readonly table?: TableForm;
}

/** What the form depends on besides the wish of the client. */
export interface FormFacts {
  readonly kind: StreamKind;
  /** What turns a stream of this kind into text; undefined: nothing, so it is sent as it is. */
  readonly textConverter: string | undefined;
  readonly isBrowser: boolean;
}

/** Delimited text, with the separator that spreadsheets take for granted. */
const CSV: AnswerForm = {
  converter: 'das2_csv -d ,',
  contentType: 'text/csv; charset=utf-8',
  disposition: 'attachment',
  extension: 'csv',
  logName: 'csv',
  table: 'csv',
};

/** The form in which an answer is given. */
export function answerForm(wanted: WantedForm, { kind, textConverter, isBrowser }: FormFacts): AnswerForm {
  if (wanted === 'csv') return CSV;
  const isQstream = kind === 'qstream';
  const subtype = isQstream ? 'vnd.das2.qstream' : 'vnd.das2.das2stream';
  if (wanted === 'stream' || textConverter === undefined) {
    const extension = isQstream ? 'qds' : 'd2s';
    const contentType = `application/${subtype}`;
    return { converter: undefined, contentType, disposition: 'attachment', extension, logName: extension };
  }
  const logName = isQstream ? 'qdt' : 'd2t';
  return {
    converter: textConverter,
    contentType: isBrowser ? 'text/plain; charset=utf-8' : `text/${subtype}; charset=utf-8`,
    disposition: 'inline',
    extension: isQstream && isBrowser ? 'qdst' : logName,
    logName,
  };
}
