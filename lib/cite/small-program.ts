/**
 * Programs of the site that do something small for citations: print a version, format or sign one (citation 9, 10, 14.2).
 *
 * Contract: never rejects. A program that takes too long, or writes too much, is ended with all that it has started. Whether it
 * reads its input is its own business.
 */

export interface SmallProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
  /** What it reads. */
  readonly input: string;
}

/** What a program wrote; `why` says why that counts for nothing, and is empty where it counts. */
export interface Said {
  readonly text: string;
  readonly why: string;
}

const LONGEST_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** Runs a program to its end, or to that of its time. */
export async function runSmallProgram({ command, args, environment, input }: SmallProgram): Promise<Said> {
  const { spawn } = await import('node:child_process');
  const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const parts: Buffer[] = [];
  let size = 0;
  let why = '';
  const end = (reason: string): void => {
    why ||= reason;
    // The whole group: a wrapper may have started others.
    if (child.pid !== undefined) endGroup(child.pid);
    // One that has left the group may hold the output for ever.
    child.stdout.destroy();
  };
  const timer = setTimeout(() => end(`it took more than ${LONGEST_MS / 1000} s`), LONGEST_MS);
  child.stdout.on('data', (part: Buffer) => {
    size += part.length;
    if (size > MOST_BYTES) end(`it wrote more than ${MOST_BYTES} bytes`);
    else parts.push(part);
  });
  // Who does not read its input is asked for its output all the same.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await new Promise<void>((resolve) => {
    child.on('error', (error) => {
      why ||= (error as NodeJS.ErrnoException).code ?? 'it cannot be started';
      resolve();
    });
    child.on('close', (status, signal) => {
      if (status !== 0) why ||= `it ended with ${signal ?? `status ${status}`}`;
      resolve();
    });
  });
  clearTimeout(timer);
  return { text: Buffer.concat(parts).toString(), why };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone.
  }
}
