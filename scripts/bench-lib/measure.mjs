/**
 * The stop-watch: runs commands one after the other, round robin, so that a machine whose speed drifts treats all alike.
 *
 * A command is `{ name, command: [program, ...args], environment, input, firstByte }`; `input` is a file or undefined for nothing, and
 * where `firstByte` is true the time ends with the first byte of the output instead of the program. Runs under Bun, whose `spawnSync` starts
 * a program by posix_spawn and waits for it without an event loop between.
 */
import { readFileSync } from 'node:fs';

/** Runs a command once; milliseconds from start to end. A status other than 0 is an error: a fault must not look fast. */
function timeOfRun({ name, command, environment = {}, input }) {
  const begin = performance.now();
  const result = Bun.spawnSync({
    cmd: command,
    env: environment,
    stdin: input === undefined ? 'ignore' : Bun.file(input),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const milliseconds = performance.now() - begin;
  if (result.exitCode !== 0) {
    throw new Error(`${name}: status ${result.exitCode}: ${result.stderr.toString().slice(0, 400)}`);
  }
  return milliseconds;
}

/** Runs a command once; milliseconds from start to the first byte of its output. */
async function timeToFirstByte({ name, command, environment = {} }) {
  const begin = performance.now();
  const child = Bun.spawn({ cmd: command, env: environment, stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' });
  let milliseconds;
  for await (const _chunk of child.stdout) milliseconds ??= performance.now() - begin;
  if ((await child.exited) !== 0 || milliseconds === undefined) {
    throw new Error(`${name}: status ${child.exitCode}, ${milliseconds === undefined ? 'no' : 'some'} output`);
  }
  return milliseconds;
}

/**
 * Runs a CGI request once and insists on status 200 and an answer of some length: a refusal must not look fast either. The result is that
 * length.
 */
export function checkAnswer({ name, command, environment }, leastBytes = 100) {
  const { stdout, stderr } = Bun.spawnSync({ cmd: command, env: environment, stdin: 'ignore' });
  const head = stdout.subarray(0, 400).toString('latin1');
  if (!head.startsWith('Status: 200') || stdout.length < leastBytes) {
    throw new Error(`${name}: ${stdout.length} bytes: ${head}\n${stderr.toString().slice(0, 400)}`);
  }
  return stdout.length;
}

/** `part` of the sorted values, 0.5 for the median. */
function quantile(sorted, part) {
  const place = (sorted.length - 1) * part;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

/**
 * Median, p10, p90, min in milliseconds of each command over `rounds` rounds, after `warmUps` that do not count, and its
 * `ratio` to the first command: the median of the ratios of each round, which holds when the machine drifts.
 */
export async function measureTimes(commands, { rounds, warmUps = 2 }) {
  const times = new Map(commands.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const command of commands) {
      const milliseconds = command.firstByte ? await timeToFirstByte(command) : timeOfRun(command);
      if (round >= 0) times.get(command.name).push(milliseconds);
    }
  }
  const reference = times.get(commands[0].name);
  return new Map(
    [...times].map(([name, values]) => {
      const ratios = values.map((value, round) => value / reference[round]).sort((a, b) => a - b);
      const sorted = values.toSorted((a, b) => a - b);
      return [
        name,
        {
          median: quantile(sorted, 0.5),
          p10: quantile(sorted, 0.1),
          p90: quantile(sorted, 0.9),
          min: sorted[0],
          ratio: quantile(ratios, 0.5),
        },
      ];
    }),
  );
}

/**
 * Peak resident memory of one run in MB, read from /proc while the program lives (what wait4 tells would include the memory
 * of whoever started it). A short program is watched without a pause, a long one every few milliseconds. Most of it (35 to 45 MB) are
 * pages of the executable itself: how many Linux maps at a time depends on how the file lies in its cache, so builds of the same source
 * differ by several MB, and so does one build before and after it is read anew.
 */
export async function peakMemory({ command, environment = {}, input }) {
  const child = Bun.spawn({
    cmd: command,
    env: environment,
    stdin: input === undefined ? 'ignore' : Bun.file(input),
    stdout: 'ignore',
    stderr: 'ignore',
  });
  const file = `/proc/${child.pid}/status`;
  const begin = performance.now();
  let kilobytes = 0;
  for (;;) {
    let status;
    try {
      status = readFileSync(file, 'latin1');
    } catch {
      break;
    }
    const peak = /^VmHWM:\s+(\d+)/m.exec(status);
    if (peak === null) break;
    kilobytes = Math.max(kilobytes, Number(peak[1]));
    if (performance.now() - begin > 200) await Bun.sleep(5);
  }
  await child.exited;
  return kilobytes / 1000;
}
