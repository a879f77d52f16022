/** What the tests of pipelines share: paths of the fault programs, running a pipeline to its end, watching processes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PipelineLimits } from '../../lib/pipeline/limits.js';
import type { PipelineSink } from '../../lib/pipeline/output-gate.js';
import { type Pipeline, type PipelineOptions, startPipeline } from '../../lib/pipeline/run.js';
import { stageEnvironment } from '../../lib/pipeline/stage/environment.js';
import type { PipelineResult, Stage } from '../../lib/pipeline/stage/stage.js';

/** Folder of the fault programs. */
export const FAULTS = fileURLToPath(new URL('../faults', import.meta.url));

/** The stream header packet that they begin with. */
export const HEADER = '[00]000025<stream version="2.2" />\n';

export const ENVIRONMENT = stageEnvironment({
  binPath: [FAULTS],
  libPath: [],
  passNames: [],
  inherited: { PATH: '/usr/bin:/bin' },
});

/** A reader stage. */
export function reader(command: string, ...args: string[]): Stage {
  return { role: 'reader', command, args };
}

/** A filter stage. */
export function filter(command: string, ...args: string[]): Stage {
  return { role: 'reducer', command, args };
}

export function start(
  stages: readonly Stage[],
  limits: PipelineLimits = {},
  findFilter: NonNullable<PipelineOptions['findFilter']> = async () => undefined,
): Promise<Pipeline> {
  return startPipeline({ stages, environment: ENVIRONMENT, limits, findFilter });
}

/** Collects what a pipeline writes. */
export class Collector implements PipelineSink {
  readonly #parts: Buffer[] = [];

  write(bytes: Uint8Array): void {
    this.#parts.push(Buffer.from(bytes));
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString('latin1');
  }
}

/** Runs a pipeline to its end. */
export async function run(
  stages: readonly Stage[],
  limits: PipelineLimits = {},
  findFilter?: PipelineOptions['findFilter'],
): Promise<{ output: string; result: PipelineResult }> {
  const pipeline = await start(stages, limits, findFilter);
  const sink = new Collector();
  const result = await pipeline.deliver(sink);
  return { output: sink.text, result };
}

/** A fresh folder, removed when the test ends. */
export function temporaryFolder(t: { teardown(action: () => void): unknown }): string {
  const folder = mkdtempSync(join(tmpdir(), 'das2-pipeline-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Process ids that a fault program wrote to a file. */
export function processIds(file: string): number[] {
  return readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
}

/** True while a process runs; one that has ended but was not collected does not run. */
export function isRunning(processId: number): boolean {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until a condition holds; false if it does not within the time. */
export async function until(condition: () => boolean, milliseconds = 60_000): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!condition()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
