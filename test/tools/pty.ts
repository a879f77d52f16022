/**
 * Programs at a pseudo-terminal: what they show, and keys that are typed when they have shown something. Needs python3.
 */
import { spawnSync } from 'node:child_process';

const SCRIPT = `
import fcntl, json, os, pty, re, select, struct, sys, termios, time
steps = json.loads(sys.argv[1])
rows, columns = int(sys.argv[2]), int(sys.argv[3])
copy = open(sys.argv[4] or os.devnull, 'wb', 0)
command = sys.argv[5:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    os.execvp(command[0], command)
shown = b''
seen = 0
end = time.time() + 280
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.2)
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
        copy.write(data)
    if steps:
        found = re.search(steps[0][0].encode(), shown[seen:], re.S)
        if found:
            seen += found.end()
            os.write(fd, steps[0][1].encode('latin1'))
            steps.pop(0)
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
if steps:
    sys.stderr.write('never shown: %s' % steps[0][0])
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** Said by tests that are left out. */
export const NO_PTY = 'needs python3';
export const hasPty = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0;

/** A step: a regular expression (as Python writes it) that must be shown behind what came before, and the keys typed then. */
export type PtyStep = readonly [shown: string, keys: string];

export interface PtyRun {
  readonly status: number | null;
  /** All that was shown. */
  readonly shown: string;
  /** What was waited for in vain, '' if nothing. */
  readonly missing: string;
}

/** Runs a command at a terminal of its own until it ends. All that is shown is in the file `copy` as soon as it is. */
export function atTerminal(
  command: readonly string[],
  steps: readonly PtyStep[],
  size: { readonly rows: number; readonly columns: number } = { rows: 24, columns: 100 },
  copy = '',
): PtyRun {
  const args = ['-c', SCRIPT, JSON.stringify(steps), String(size.rows), String(size.columns), copy, ...command];
  const { status, stdout, stderr } = spawnSync('python3', args, { maxBuffer: 1 << 26 });
  return { status, shown: stdout.toString(), missing: stderr.toString() };
}
