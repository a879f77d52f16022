/**
 * The command line of das2_srv_arbiter (server-internals 3.4). Status: 0 normal end, 13 wrong usage, 17 configuration, 21 the queue
 * cannot be reached with `--once`, 1 ended by a second signal.
 */
import { resolve } from 'node:path';
import { CONFIG_OPTION, readWords } from '../../command/read-words.js';
import { loadConfiguration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error } from '../../error.js';
import { writeFully } from '../../reply/write-fully.js';
import { metricsAddress } from '../metrics/door.js';
import { USAGE, usage } from '../wrong-usage.js';

const PROGRAM = 'das2_srv_arbiter';
const MOST_SLOTS = 64;
const LOG_LEVELS = ['error', 'info', 'debug'];

interface Options {
  readonly config?: string;
  readonly workers: string;
  /** A file; false with `--no-daemon`. */
  readonly daemon?: string | false;
  readonly detached?: boolean;
  readonly once?: boolean;
  readonly lease?: string;
  readonly logLevel: string;
  readonly metrics?: string;
  readonly metricsFile?: string;
}

/** Runs the worker; answers its exit status. */
export async function arbiterCommand(args: readonly string[]): Promise<number> {
  const { Command, Option } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Does the jobs of the das2 server that wait in its queue: blocks of the cache, reports.')
    .option(...CONFIG_OPTION)
    .option('-n, --workers <n>', 'jobs at the same time', '2')
    .option('-D, --daemon <pid file>', 'run in the background and write the process id to this file')
    .option('--no-daemon', 'run in the foreground (as it does without -D)')
    .option('--once', 'do the jobs that wait, then end')
    .option('--log-level <level>', `how much to log: ${LOG_LEVELS.join(', ')}`, 'info')
    .option('--metrics <host:port>', 'answer GET /metrics (Prometheus form) and GET /health there; loopback only')
    .option('--metrics-file <file>', 'write the same numbers to this file every 15 s')
    .option('--lease <seconds>', 'without a sign of life for so long this worker counts as dead (default: 30)')
    .addOption(new Option('--detached').hideHelp())
    .addHelpText(
      'after',
      `
Signals:
  TERM, INT  end; jobs that run go back to the queue. A second one ends it at once
  HUP        read the configuration again, except where the queue is and how much it holds: the log
             says if that has changed, and the worker must be started again for it
  USR1       write to the log what is being done

Status: 0 normal end; 1 ended by a second signal; 13 wrong usage; 17 configuration missing or bad;
21 the queue cannot be reached (with --once).

Example:
  ${PROGRAM} -c /opt/das2/etc/das2server.conf -n 4`,
    );
  const status = await readWords(command, args, { wrong: USAGE });
  if (status !== undefined) return status;
  try {
    return await run(command.opts<Options>(), args);
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    writeFully(2, Buffer.from(`${PROGRAM}: ${errorDetail(error)}\n`));
    return error.code === 'usage' ? USAGE : error.exitStatus;
  }
}

async function run(options: Options, args: readonly string[]): Promise<number> {
  const slots = wholeNumber('--workers', options.workers, MOST_SLOTS);
  const leaseSeconds = options.lease === undefined ? undefined : wholeNumber('--lease', options.lease, 3600);
  if (!LOG_LEVELS.includes(options.logLevel)) throw usage(`--log-level must be one of ${LOG_LEVELS.join(', ')}`);
  const metrics = options.metrics === undefined ? undefined : metricsAddress(options.metrics);
  const pidFile = options.daemon ? resolve(options.daemon) : undefined;
  if (pidFile !== undefined && options.once) throw usage('--daemon and --once exclude each other');
  const { dropPidFile, startDetached, takePidFile } = await import('./daemon.js');
  if (pidFile !== undefined && !options.detached) {
    // A faulty configuration shows here, on the terminal, and not in the background.
    const { file } = loadConfiguration({ file: options.config });
    takePidFile(pidFile);
    dropPidFile(pidFile);
    // The other process has / for its folder: files are named whole.
    const whole = ['--config', file, '--daemon', pidFile, '--detached'];
    if (options.metricsFile !== undefined) whole.push('--metrics-file', resolve(options.metricsFile));
    const pid = await startDetached([...args, ...whole], pidFile);
    writeFully(1, Buffer.from(`${PROGRAM} runs in the background with process id ${pid}\n`));
    return 0;
  }
  const { runArbiter } = await import('./arbiter.js');
  if (pidFile !== undefined) takePidFile(pidFile);
  try {
    return await runArbiter({
      config: options.config,
      slots,
      once: options.once ?? false,
      ...(leaseSeconds !== undefined && { leaseSeconds }),
      debug: options.logLevel === 'debug',
      quiet: options.logLevel === 'error',
      logToFile: pidFile !== undefined,
      metrics,
      metricsFile: options.metricsFile === undefined ? undefined : resolve(options.metricsFile),
    });
  } finally {
    if (pidFile !== undefined) dropPidFile(pidFile);
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw usage(`${name} must be a whole number from 1 to ${most}`);
  return number;
}
