/**
 * Asks the server for data and reads the answer as it comes.
 *
 * Contract: gives a `PlotAnswer` for everything that a server can say: data, no data, an error as text (server-protocol 2.3: browsers get
 * plain text), an exception inside the stream, an answer that was cut. Rejects only when it was aborted.
 */
import { StreamReader } from '../../stream/stream-reader.js';
import { type PlotData, PlotDataCollector } from '../plot/plot-data.js';

export interface PlotAnswer {
  /** Undefined if there is nothing to draw. */
  readonly data: PlotData | undefined;
  /** What the server or the stream said besides data, for people. */
  readonly message: string | undefined;
  /** The message is a fault, not a mere absence of data. */
  readonly isFault: boolean;
}

/** Longest error text that is shown. */
const MESSAGE_LIMIT = 4000;

/** Fetches and reads one answer. `progress` is told the number of bytes now and then. */
export async function fetchPlotData(
  address: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<PlotAnswer> {
  let response: Response;
  try {
    response = await fetch(address, { signal, credentials: 'same-origin' });
  } catch (error) {
    if (signal.aborted) throw error;
    return fault('The server cannot be reached.');
  }
  const type = response.headers.get('Content-Type') ?? '';
  if (!response.ok || !/das2stream/.test(type)) {
    const text = (await response.text()).trim().slice(0, MESSAGE_LIMIT);
    const message = text === '' ? `The server answered with status ${response.status}.` : text;
    return { data: undefined, message, isFault: !response.ok };
  }
  return readAnswer(response, signal, progress);
}

async function readAnswer(
  response: Response,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<PlotAnswer> {
  const collector = new PlotDataCollector();
  const reader = new StreamReader(collector);
  let bytes = 0;
  let failure: string | undefined;
  try {
    const body = response.body?.getReader();
    for (;;) {
      const { done = true, value } = (await body?.read()) ?? {};
      if (done || value === undefined) break;
      bytes += value.length;
      reader.push(value);
      progress(bytes);
    }
    reader.end();
  } catch (error) {
    if (signal.aborted) throw error;
    // The rest of an answer that cannot be used need not come.
    void response.body?.cancel().catch(() => {});
    failure =
      error instanceof TypeError
        ? 'The answer of the server was cut short.'
        : `The answer cannot be read: ${text(error)}`;
  }
  const data = collector.data();
  const [exception] = data.exceptions;
  if (exception !== undefined) {
    const isFault = exception.type !== 'NoDataInInterval';
    return { data: nonEmpty(data), message: exception.message || exception.type, isFault };
  }
  if (failure !== undefined) return { data: nonEmpty(data), message: failure, isFault: true };
  if (data.recordCount === 0) return { data: undefined, message: 'There are no data in this range.', isFault: false };
  return { data, message: undefined, isFault: false };
}

function nonEmpty(data: PlotData): PlotData | undefined {
  return data.recordCount > 0 ? data : undefined;
}

function fault(message: string): PlotAnswer {
  return { data: undefined, message, isFault: true };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
