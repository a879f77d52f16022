/**
 * The fuzzer as a program: `scripts/fuzz` bundles this file and runs it.
 *
 * The main thread reads the command line, prints progress and watches; a worker thread runs the cases. Before each case the worker writes its
 * number into shared memory, so a case that hangs is known: the worker is ended, the case becomes a find, and a new worker goes on behind it.
 * A worker that runs out of memory ends the same way.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { readCommandLine, refuseCommandLine } from '../../scripts/tools/command-line.mjs';
import { checkInput, type Find, inputOf } from './campaign.js';
import type { FuzzInput, Target } from './property.js';
import { allTargets, readSeeds } from './targets.js';

const NAME = 'scripts/fuzz';
const HELP = `usage: scripts/fuzz [--executions N] [--seconds S] [--seed N] [--target NAME]... [--save DIR]
       scripts/fuzz --target NAME --seed N --case N [--save DIR]
       scripts/fuzz --target NAME --file FILE [-- ARGUMENT...]
       scripts/fuzz --list

Feeds random, cut and damaged streams to the codec and to every filter program and checks what must hold for any input.
The same seed gives the same cases. All targets get about as many runs as each other, those of single numbers and
times two or three times as many.

  --executions N  stop after N runs of the code under test
  --seconds S     stop after S seconds (60 without either)
  --seed N        another seed, another set of cases (1 without it)
  --target NAME   only this target; may be given several times
  --case N        run one case of the target and print what it finds
  --file FILE     run the bytes of a file as the input; arguments of the program stand behind --
  --save DIR      keep the inputs of finds there (a folder below the temporary one without it)
  --list          print the names of the targets
  --help          this text

Status: 0 when nothing was found, 1 when something was, 100 for a wrong command line.

Example, one filter for five minutes:
  scripts/fuzz --target das2_csv --seconds 300
`;

/** Executions of one target in a row, times its share: every target gets as many as the others, however quick it is. */
const ROUND = 750;
/** A case that takes more time of the processor hangs: the clock alone may tell only that the machine is busy with other things. */
const HANG_SECONDS = 20;
/** A case that waits longer by the clock hangs, too. */
const STILL_SECONDS = 600;
const PROGRESS_SECONDS = 10;
/** Memory in use above this is a find. */
const MEMORY_LIMIT = 700e6;
/** Finds kept for one target. */
const FIND_LIMIT = 25;

/** Places in the memory that both threads share; from `OF_TARGET` on the executions, from `NEXT` on the next case of each target. */
const TARGET = 0;
const CASE = 1;
const EXECUTIONS = 2;
const CASES = 3;
const PEAK = 4;
const OF_TARGET = 10;
const NEXT = 210;
const PLACES = 410;

interface WorkerOrders {
  readonly shared: SharedArrayBuffer;
  readonly seed: number;
  readonly names: readonly string[];
  readonly executions: number;
  readonly corpus: string;
}

async function work({ shared, seed, names, executions, corpus }: WorkerOrders): Promise<void> {
  const state = new Float64Array(shared);
  const all = await allTargets();
  const targets = names.map((name) => all.find((target) => target.name === name) as Target);
  const seeds = [...readSeeds(corpus).values()];
  const counts = new Map<string, number>();
  while ((state[EXECUTIONS] as number) < executions) {
    for (const [nth, target] of targets.entries()) {
      state[TARGET] = nth;
      let index = state[NEXT + nth] as number;
      const enough = (state[OF_TARGET + nth] as number) + ROUND * (target.share ?? 1);
      for (; (state[OF_TARGET + nth] as number) < enough; index++) {
        state[CASE] = index;
        state[NEXT + nth] = index + 1;
        let result: number | Find;
        try {
          result = checkInput(target, inputOf(target, seed, index, seeds), seed, index);
        } catch (error) {
          result = {
            target: target.name,
            index,
            key: `${target.name}: generator`,
            text: String((error as Error).stack),
          };
        }
        state[CASES] = (state[CASES] as number) + 1;
        const runs = typeof result === 'number' ? result : 1;
        state[EXECUTIONS] = (state[EXECUTIONS] as number) + runs;
        state[OF_TARGET + nth] = (state[OF_TARGET + nth] as number) + runs;
        if (typeof result !== 'number') {
          const seen = counts.get(result.key) ?? 0;
          counts.set(result.key, seen + 1);
          if (seen < 3 && counts.size < FIND_LIMIT * targets.length) parentPort?.postMessage(result);
        }
      }
      const { rss } = process.memoryUsage();
      state[PEAK] = Math.max(state[PEAK] as number, rss);
      if (rss > MEMORY_LIMIT) {
        parentPort?.postMessage({
          target: target.name,
          index: index - 1,
          key: `${target.name}: memory`,
          text: `${rss} bytes in use`,
        });
        return;
      }
    }
  }
}

interface Options {
  readonly executions: number;
  readonly seconds: number;
  readonly seed: number;
  readonly names: readonly string[];
  readonly corpus: string;
  readonly save: string;
}

/** Time of the processor that both threads have used; the main one hardly does anything. */
function usedSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

class Supervisor {
  private readonly state = new Float64Array(new SharedArrayBuffer(8 * PLACES));
  private readonly finds = new Map<string, Find & { times: number }>();
  private readonly begin = performance.now();
  private resolve: () => void = () => {};
  private worker: Worker | undefined;
  private last = '';
  private lastChange = performance.now();
  private lastUsed = usedSeconds();
  private over = false;

  constructor(
    private readonly options: Options,
    private readonly targets: readonly Target[],
  ) {}

  async run(): Promise<number> {
    const ended = new Promise<void>((resolve) => {
      this.resolve = resolve;
    });
    this.start();
    const watch = setInterval(() => this.watch(), 1000);
    const progress = setInterval(() => this.print(), PROGRESS_SECONDS * 1000);
    process.on('SIGINT', () => this.stop());
    await ended;
    clearInterval(watch);
    clearInterval(progress);
    await this.worker?.terminate();
    return this.summary();
  }

  private start(): void {
    const { seed, names, executions, corpus } = this.options;
    const orders: WorkerOrders = {
      shared: this.state.buffer as SharedArrayBuffer,
      seed,
      names,
      executions,
      corpus,
    };
    const worker = new Worker(process.argv[1] as string, {
      workerData: orders,
      resourceLimits: { maxOldGenerationSizeMb: 600 },
    });
    this.worker = worker;
    this.lastChange = performance.now();
    this.lastUsed = usedSeconds();
    worker.on('message', (find: Find) => this.found(find));
    worker.on('error', (error) => this.lost('worker died', String(error)));
    worker.on('exit', () => {
      if (worker === this.worker && !this.over) this.stop();
    });
  }

  private watch(): void {
    const place = `${this.state[TARGET]} ${this.state[CASE]}`;
    const now = performance.now();
    if (place !== this.last) {
      this.last = place;
      this.lastChange = now;
      this.lastUsed = usedSeconds();
    } else {
      const used = usedSeconds() - this.lastUsed;
      const still = (now - this.lastChange) / 1000;
      if (used > HANG_SECONDS || still > STILL_SECONDS) {
        this.lost(
          'hang',
          `no end within ${used.toFixed(0)} seconds of the processor, ${still.toFixed(0)} by the clock`,
        );
      }
    }
    if (now - this.begin > this.options.seconds * 1000) this.stop();
  }

  /** The worker is of no use any more: its case is a find, and another worker goes on with the one behind it. */
  private lost(property: string, text: string): void {
    const nth = this.state[TARGET] as number;
    const index = this.state[CASE] as number;
    const target = this.options.names[nth] as string;
    this.found({ target, index, key: `${target}: ${property}`, text });
    const old = this.worker;
    this.worker = undefined;
    void old?.terminate();
    if (!this.over) this.start();
  }

  private found(find: Find): void {
    const known = this.finds.get(find.key);
    if (known !== undefined) {
      known.times++;
      return;
    }
    this.finds.set(find.key, { ...find, times: 1 });
    const { seed, save, corpus } = this.options;
    console.log(`\nFOUND ${find.key}\n  ${find.text.replace(/\n/g, '\n  ')}`);
    console.log(`  again: scripts/fuzz --target ${find.target} --seed ${seed} --case ${find.index}`);
    const target = this.targets.find(({ name }) => name === find.target) as Target;
    mkdirSync(save, { recursive: true });
    const file = join(save, `${find.target}-${seed}-${find.index}`);
    const { bytes, args } = inputOf(target, seed, find.index, [...readSeeds(corpus).values()]);
    writeFileSync(file, bytes);
    console.log(`  input: ${file}, arguments: ${JSON.stringify(args)}`);
  }

  private rates(): string {
    const seconds = (performance.now() - this.begin) / 1000;
    const executions = this.state[EXECUTIONS] as number;
    const rate = Math.round(executions / seconds);
    const memory = Math.round((this.state[PEAK] as number) / 1e6);
    return `${executions} executions of ${this.state[CASES]} cases in ${seconds.toFixed(0)} s, ${rate}/s, at most ${memory} MB, ${this.finds.size} finds`;
  }

  private print(): void {
    console.log(`${this.rates()}, at ${this.options.names[this.state[TARGET] as number]} case ${this.state[CASE]}`);
  }

  private stop(): void {
    this.over = true;
    this.resolve();
  }

  private summary(): number {
    console.log(`\nseed ${this.options.seed}, ${this.options.names.length} targets: ${this.rates()}`);
    const { names } = this.options;
    console.log(names.map((name, nth) => `  ${name} ${this.state[OF_TARGET + nth]}`).join('\n'));
    for (const { key, times } of this.finds.values())
      console.log(`  ${key} (${times === 1 ? 'once' : 'several times'})`);
    return this.finds.size > 0 ? 1 : 0;
  }
}

/** One input, and what it finds. */
function runOne(target: Target, input: FuzzInput, seed: number, index: number, save: string | undefined): number {
  console.log(`${target.name} ${JSON.stringify(input.args)} ${input.nature} ${input.bytes.length} bytes`);
  if (save !== undefined) {
    mkdirSync(save, { recursive: true });
    writeFileSync(join(save, `${target.name}-${seed}-${index}`), input.bytes);
  }
  const result = checkInput(target, input, seed, index);
  if (typeof result === 'number') {
    console.log('nothing found');
    return 0;
  }
  console.log(result.text);
  return 1;
}

async function main(): Promise<number> {
  const { values, positionals } = readCommandLine(NAME, HELP, {
    allowPositionals: true,
    options: {
      executions: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      target: { type: 'string', multiple: true, default: [] },
      case: { type: 'string' },
      file: { type: 'string' },
      save: { type: 'string' },
      corpus: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
    },
  });
  const targets = await allTargets();
  if (values.list) {
    console.log(targets.map(({ name }) => name).join('\n'));
    return 0;
  }
  const number = (text: string | undefined, otherwise: number): number => {
    const value = text === undefined ? otherwise : Number(text);
    if (!(value >= 0)) throw new Error(`${text} is no number`);
    return value;
  };
  const names = values.target.length > 0 ? values.target : targets.map(({ name }) => name);
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) throw new Error(`there is no target ${unknown}; --list prints the names`);
  const seed = number(values.seed, 1);
  const first = targets.find(({ name }) => name === names[0]) as Target;
  if (values.file !== undefined) {
    const bytes = new Uint8Array(readFileSync(values.file));
    return runOne(first, { bytes, args: positionals, nature: 'damaged' }, seed, 0, undefined);
  }
  if (values.case !== undefined) {
    const index = number(values.case, 0);
    const input = inputOf(first, seed, index, [...readSeeds(values.corpus).values()]);
    return runOne(first, input, seed, index, values.save);
  }
  const executions = number(values.executions, Number.POSITIVE_INFINITY);
  const seconds = number(values.seconds, values.executions === undefined ? 60 : Number.POSITIVE_INFINITY);
  const save = values.save ?? join(process.env.TMPDIR ?? '/tmp', 'das2srv-fuzz');
  return new Supervisor({ executions, seconds, seed, names, corpus: values.corpus, save }, targets).run();
}

if (isMainThread) {
  main().then(
    (status) => process.exit(status),
    (error: unknown) => refuseCommandLine(NAME, error instanceof Error ? error.message : String(error)),
  );
} else {
  void work(workerData as WorkerOrders);
}
