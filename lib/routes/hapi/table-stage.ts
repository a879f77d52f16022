/**
 * The last stage of a request for a table: the conversion of the stream, inside the process, and the text that stands around its rows.
 *
 * Contract: the columns are those of the info document. An exception that says "no data" ends the table and is no fault; any other is. Records of
 * packet types that the dataset does not have are left out and counted.
 */
import type { Configuration } from '../../conf/configuration.js';
import type { AnswerFacts } from '../../data/validators.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { commentLines, type HapiStatus } from '../../filter/hapi/info.js';
import { createHapi, type HapiFilter } from '../../filter/hapi.js';
import type { FilterProgram } from '../../filter/program.js';
import type { KnownQuestion } from '../../hapi/question.js';
import type { Stage } from '../../pipeline/stage/stage.js';
import { hapiStatus } from '../../reply/hapi-status.js';
import type { Request } from '../../request/request.js';
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { isNoData } from '../../stream/message.js';
import { documentChangedAt, infoDocument, modifiedAt } from './facts.js';

const NAME = 'das2_hapi';

/** The stage, and a line for the log about what it did. */
export function tableStage(table: KnownQuestion): { readonly stage: Stage; counts(): string } {
  const { question, parameters, format } = table;
  const { begin, end } = question.range;
  let filter: HapiFilter | undefined;
  const program: FilterProgram = {
    name: NAME,
    help: '',
    usageStatus: 100,
    create(_args, sink) {
      filter = conversion(table, sink);
      return new Guard(filter, table);
    },
  };
  const names = parameters.map(({ name }) => name);
  return {
    stage: {
      role: 'converter',
      command: NAME,
      args: ['--format', format, '-b', begin.text, '-e', end.text, ...names.slice(1)],
      filter: async () => program,
    },
    counts: () =>
      `HAPI: ${filter?.rowCount ?? 0} records, ${filter?.droppedCount ?? 0} left out because time does not increase, ` +
      `${filter?.otherCount ?? 0} of other packet types`,
  };
}

/** The conversion of the stream behind a table to its rows. */
export function conversion({ question, parameters, format, known }: KnownQuestion, sink: ByteSink): HapiFilter {
  const { table } = known;
  const { begin, end } = question.range;
  return createHapi(
    {
      format,
      header: 'rows',
      begin: begin.time,
      end: end.time,
      table: table.parameters,
      timeDecimals: table.decimals,
      parameters: parameters.map(({ name }) => name),
    },
    sink,
  );
}

/** Tells an end without data from a fault. */
class Guard implements ByteFilter {
  #isOver = false;

  constructor(
    private readonly filter: HapiFilter,
    private readonly table: KnownQuestion,
  ) {}

  push(chunk: Uint8Array): void {
    this.#unlessOver(() => this.filter.push(chunk));
  }

  flush(): void {
    if (!this.#isOver) this.filter.flush();
  }

  end(): void {
    this.#unlessOver(() => this.filter.end());
    const { rowCount, otherCount } = this.filter;
    if (rowCount > 0 || otherCount === 0 || this.table.known.record.tables.length > 1) return;
    throw new Das2Error(
      'packetHeader',
      'the data have other columns than the info document says; the definition or its reader has changed',
    );
  }

  #unlessOver(work: () => void): void {
    if (this.#isOver) return;
    try {
      work();
    } catch (error) {
      this.#isOver = true;
      const type = isDas2Error(error, 'message') ? error.data.exceptionType : undefined;
      if (typeof type !== 'string' || !isNoData(type)) throw error;
    }
  }
}

/** What stands in front of the rows and behind them. */
export function aroundRows(
  configuration: Configuration,
  request: Pick<Request, 'baseUrl'>,
  { known, parameters, format, isWithHeader }: KnownQuestion,
  status: HapiStatus,
): { readonly before: string; readonly after: string } {
  if (format !== 'json' && !isWithHeader) return { before: '', after: '' };
  const document = infoDocument(configuration, request, known, { parameters, format, status });
  if (format !== 'json') return { before: commentLines(document, '#'), after: '' };
  return { before: `${JSON.stringify(document).slice(0, -1)},"data":[`, after: '\n]}\n' };
}

/** What a table depends on besides its blocks: the columns that were found, and the document around its rows if there is one. */
export function tableFacts(configuration: Configuration, request: Request, table: KnownQuestion): AnswerFacts {
  const { known } = table;
  const { before } = aroundRows(configuration, request, table, hapiStatus(1200));
  return {
    changedAt: before === '' ? modifiedAt(known) : documentChangedAt(known, request.receivedAt),
    text: `${known.record.key} ${known.record.builtAt} ${before}`,
  };
}
