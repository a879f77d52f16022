/**
 * The log of citations, open for one entry of a request (citation 6, 14.3).
 *
 * Contract: never throws. A log that cannot be written is one line an hour in the log of the requests.
 */
import type { ServerContext } from '../../server/context.js';
import { OpenSegment } from '../log/append.js';
import type { LogEntry } from '../log/row.js';

export class EntryLog {
  private constructor(
    private readonly context: ServerContext,
    /** `CITE_ROOT`. */
    readonly root: string,
    private readonly segment: OpenSegment,
  ) {}

  /** Opens the log for an entry of this key and time; undefined if it cannot be written. The caller closes it. */
  static async open(context: ServerContext, rk: string, time: string): Promise<EntryLog | undefined> {
    const { configuration } = context;
    const root = configuration.path('CITE_ROOT');
    if (root === undefined) return undefined;
    try {
      return new EntryLog(context, root, new OpenSegment(root, rk, time, configuration.flag('CITE_LOCK')));
    } catch (error) {
      await complain(context, root, error);
      return undefined;
    }
  }

  /** Appends a row that was one before. */
  append(row: string): Promise<string | undefined> {
    return this.put(() => row);
  }

  /** Appends an entry; its row, or undefined if it could not be written. */
  appendEntry(entry: LogEntry): Promise<string | undefined> {
    return this.put(() => this.segment.rowOf(entry));
  }

  close(): void {
    this.segment.close();
  }

  /** Tells the other machines of the site. */
  private async send(row: string): Promise<void> {
    const { sendRow } = await import('../central/central.js');
    if (await sendRow(this.context.configuration, this.root, row)) return;
    this.context.log.line(
      'Citation: the index of all machines (CITE_STORE) has not taken the entry; the worker repeats it',
    );
  }

  private async put(make: () => string): Promise<string | undefined> {
    try {
      const row = make();
      this.segment.append(row);
      if (this.context.configuration.text('CITE_STORE') === 'redis') await this.send(row);
      return row;
    } catch (error) {
      await complain(this.context, this.root, error);
      return undefined;
    }
  }
}

async function complain({ configuration, log }: ServerContext, root: string, error: unknown): Promise<void> {
  const state = configuration.path('STATE_ROOT');
  const { isFirstThisHour } = await import('../../log/rare-lines.js');
  if (state !== undefined && !isFirstThisHour(state, `citation log ${root}`)) return;
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  log.line(`Citation: no entry written: ${root} (CITE_ROOT) cannot be written: ${reason}`);
}
