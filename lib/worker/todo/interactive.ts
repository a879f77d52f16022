/**
 * The lists of the queue at a terminal: rows to choose from, keys to act on them (`das2_srv_todo -i`, server-internals 3.5).
 *
 *   up, down, j, k, digits   choose a row         t w d e   waiting, being done, ended, given up
 *   x remove      r run again      f move to the front      space look again      q quit
 *
 * Contract: the screen shows what was there at the last look; a key acts on the row that is marked, by the job's own id, so a list that has
 * changed meanwhile does no harm. Whatever goes wrong is said in the last line.
 */
import { isDas2Error } from '../../error.js';
import type { Broker } from '../../queue/broker.js';
import { plainText } from '../../queue/item.js';
import { retryJob } from './change.js';
import { type JobRow, type ListKind, readRows } from './rows.js';
import { emptyMessage, tableOf } from './table.js';

/** What a dialogue needs of a terminal. */
export interface Screen {
  /** The next key (see terminal.ts); undefined to end. */
  key(): Promise<string | undefined>;
  show(text: string): void;
  readonly rows: number;
  readonly columns: number;
}

const LISTS: Readonly<Record<string, ListKind>> = { t: 'todo', w: 'working', d: 'done', e: 'dead' };
const TITLES: Readonly<Record<ListKind, string>> = {
  todo: 'Jobs that wait',
  working: 'Jobs that are being done',
  done: 'Jobs that have ended',
  dead: 'Jobs that were given up',
};
const KEYS = 'up/down or number: choose   t w d e: list   x remove  r run again  f to the front  space refresh  q quit';
/** Lines of the screen that are no rows: title, head and dashes of the table, keys, message. */
const FRAME = 6;
const MOST_ROWS = 1000;

/** Runs the dialogue until it is quit. `list` is shown first. */
export async function interact(broker: Broker, screen: Screen, list: ListKind): Promise<void> {
  await new Dialogue(broker, screen, list).run();
}

class Dialogue {
  #rows: readonly JobRow[] = [];
  #chosen = 0;
  #typed = '';
  #message = '';

  constructor(
    private readonly broker: Broker,
    private readonly screen: Screen,
    private list: ListKind,
  ) {}

  async run(): Promise<void> {
    await this.#look();
    for (;;) {
      this.#draw();
      const key = await this.screen.key();
      if (key === undefined || key === 'q') break;
      this.#message = '';
      try {
        await this.#press(key);
      } catch (error) {
        if (!isDas2Error(error)) throw error;
        this.#message = error.message;
      }
    }
    this.screen.show('\r\n');
  }

  async #press(key: string): Promise<void> {
    if (/^\d$/.test(key)) {
      this.#choose(key);
      return;
    }
    this.#typed = '';
    const list = LISTS[key];
    if (list !== undefined) {
      this.list = list;
      this.#chosen = 0;
      await this.#look();
    } else if (key === 'up' || key === 'k') this.#chosen = Math.max(0, this.#chosen - 1);
    else if (key === 'down' || key === 'j') this.#chosen = Math.min(this.#rows.length - 1, this.#chosen + 1);
    else if (key === ' ' || key === 'enter') await this.#look();
    else if (key === 'x' || key === 'r' || key === 'f') await this.#act(key);
    else this.#message = 'no such key';
  }

  /** Digits typed one after the other are one number, as long as there is such a row. */
  #choose(digit: string): void {
    const longer = Number(this.#typed + digit);
    const number = longer <= this.#rows.length ? longer : Number(digit);
    this.#typed = String(number);
    if (number >= 1 && number <= this.#rows.length) this.#chosen = number - 1;
    else this.#message = `there is no row ${number}`;
  }

  async #act(key: 'x' | 'r' | 'f'): Promise<void> {
    const row = this.#rows[this.#chosen];
    if (row === undefined) {
      this.#message = 'no job is chosen';
      return;
    }
    const done = await { x: () => this.#remove(row), r: () => this.#retry(row), f: () => this.#raise(row) }[key]();
    await this.#look();
    this.#message = done;
  }

  async #remove(row: JobRow): Promise<string> {
    if (row.list !== 'todo' && row.list !== 'dead') return 'only jobs that wait or were given up can be removed';
    const what = `${row.id} ${Object.values(row.fields).join(' ')}`.trimEnd();
    this.screen.show(`\r\u001b[KRemove ${plainText(what)}? (y/n) `);
    if ((await this.screen.key())?.toLowerCase() !== 'y') return 'nothing was removed';
    return (await this.broker.remove(row.list, row.item)) ? `${row.id} removed` : `${row.id} was gone already`;
  }

  async #retry(row: JobRow): Promise<string> {
    if (row.list !== 'done' && row.list !== 'dead') return 'only jobs that have ended can be run again';
    const { outcome } = await retryJob(this.broker, row, false);
    if (outcome === 'queued') return `${row.id} queued again`;
    return outcome === 'full' ? 'the queue is full (QUEUE_MAX)' : 'the same job is queued or under way already';
  }

  async #raise(row: JobRow): Promise<string> {
    if (row.list !== 'todo') return 'only jobs that wait can be moved';
    return (await this.broker.raise(row.item)) ? `${row.id} is next` : `${row.id} waits no more`;
  }

  async #look(): Promise<void> {
    const filter = { limit: MOST_ROWS, oldest: false, category: undefined, dataset: undefined };
    this.#rows = await readRows(this.broker, this.list, filter);
    this.#chosen = Math.max(0, Math.min(this.#chosen, this.#rows.length - 1));
  }

  #draw(): void {
    const { rows, columns } = this.screen;
    const [head = '', dashes = '', ...lines] = tableOf(this.list, this.#rows).trimEnd().split('\n');
    const digits = String(this.#rows.length).length;
    const room = Math.max(1, rows - FRAME);
    // The row that is marked stays in sight.
    const first = Math.max(0, Math.min(this.#chosen - Math.floor(room / 2), lines.length - room));
    const shown = lines.slice(first, first + room).map((line, i) => {
      const number = first + i;
      return `${number === this.#chosen ? '>' : ' '}${String(number + 1).padStart(digits)} ${line}`;
    });
    const indent = ' '.repeat(digits + 2);
    const body = lines.length === 0 ? [emptyMessage(this.list)] : [indent + head, indent + dashes, ...shown];
    const count = `${TITLES[this.list]}: ${this.#rows.length}${this.#rows.length === MOST_ROWS ? ' or more' : ''}`;
    const text = [count, ...body, '', KEYS, this.#message].map((line) => line.slice(0, columns - 1));
    this.screen.show(`\u001b[H\u001b[2J${text.join('\r\n')}`);
  }
}
