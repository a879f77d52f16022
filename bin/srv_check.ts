/**
 * das2_srv_check: checks an instance of the server and says what a client would see (server-internals 7.4): configuration,
 * permissions, accounts, definitions, readers on their example ranges, and a running server over HTTP.
 */
import { writeSync } from 'node:fs';
import { CONFIG_OPTION, readWords } from '../lib/command/read-words.js';
import { writeFully } from '../lib/reply/write-fully.js';

const PROGRAM = 'das2_srv_check';
const STATUS = { usage: 100, configuration: 17 } as const;

interface Options {
  readonly config?: string;
  readonly source: readonly string[];
  readonly readers: boolean;
  readonly jobs: string;
  readonly timeout: string;
  readonly cgi?: string;
  readonly compare?: string;
  readonly user?: string;
  readonly json?: true;
  readonly verbose?: true;
  readonly settings?: true;
}

/** Runs the program; resolves with its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const { Command } = await import('commander');
  const command = new Command(PROGRAM)
    .description('Checks configuration, permissions, accounts, data sources and readers of a das2 server.')
    .option(...CONFIG_OPTION)
    .option(
      '-s, --source <pattern>',
      'only sources whose id fits: * within a segment, ** across segments; may be repeated',
      collect,
      [],
    )
    .option('--no-readers', 'run no readers')
    .option('-j, --jobs <n>', 'readers that run at one time', '2')
    .option('-t, --timeout <seconds>', 'longest time for a reader or an answer', '60')
    .option('--cgi <url>', 'also ask the running server at this address, such as http://localhost/das/server')
    .option(
      '--compare <url>',
      'with --cgi: also ask another server of the same sources, such as the one to be replaced, and report where the answers differ',
    )
    .option(
      '-u, --user <name>',
      'account of the web server. Root becomes this account, so that readers run with its rights. (default: your own; for root that of the usual web server, judged by file modes only)',
    )
    .option('--json', 'print one JSON document')
    .option('-v, --verbose', 'also print notes, and the figures of each run')
    .option('--settings', 'print what can be set in the configuration, and check nothing')
    .addHelpText(
      'after',
      `
Status: 0 nothing to do; 1 warnings; 2 errors; 17 configuration missing or bad; 100 wrong usage.

Examples:
  ${PROGRAM} --user www-data
  ${PROGRAM} --source 'Examples/*' --verbose
  ${PROGRAM} --no-readers --cgi https://das.example.org/das/server
  ${PROGRAM} --no-readers \\
    --cgi http://localhost/new/server --compare http://localhost/das/server
  ${PROGRAM} --json > report.json`,
    )
    .allowExcessArguments(false);
  const status = await readWords(command, args, { wrong: STATUS.usage, versionFlags: '-V, --version' });
  if (status !== undefined) return status;
  const options = command.opts<Options>();
  if (options.settings) {
    writeFully(1, Buffer.from((await import('../lib/check/settings-text.js')).settingsText()));
    return 0;
  }
  return check(options);
}

function collect(value: string, list: readonly string[]): readonly string[] {
  return [...list, value];
}

async function check(options: Options): Promise<number> {
  const jobs = wholeNumber(options.jobs, 64);
  const timeout = wholeNumber(options.timeout, 86_400);
  if (jobs === undefined || timeout === undefined) return complain('--jobs and --timeout take whole numbers above 0');
  for (const [name, address] of [
    ['--cgi', options.cgi],
    ['--compare', options.compare],
  ] as const) {
    if (address !== undefined && !/^https?:\/\/[^\s?#]+$/.test(address)) {
      return complain(`${name} takes an address like http://localhost/das/server, without a query`);
    }
  }
  if (options.compare !== undefined && options.cgi === undefined) {
    return complain('--compare needs --cgi, the address of this server');
  }
  const [accounts, { loadConfiguration }, { errorDetail }] = await Promise.all([
    import('../lib/check/account.js'),
    import('../lib/conf/configuration.js'),
    import('../lib/conf/configuration-error.js'),
  ]);
  const account = options.user === undefined ? accounts.likelyAccount() : accounts.findAccount(options.user);
  if (account === undefined && options.user !== undefined) return complain(`there is no account ${options.user}`);
  if (account !== undefined && options.user !== undefined && process.getuid?.() === 0) accounts.takeOn(account);
  try {
    const configuration = loadConfiguration({ file: options.config });
    const [{ checkAll, checkStatus }, { checkJson, formatCheck }, progress] = await Promise.all([
      import('../lib/check/check.js'),
      import('../lib/check/check-text.js'),
      progressLine(),
    ]);
    const report = await checkAll({
      configuration,
      environment: process.env,
      account,
      accountIsGuess: options.user === undefined,
      sources: options.source,
      runReaders: options.readers,
      jobs,
      timeout,
      url: options.cgi,
      compareWith: options.compare,
      progress: progress.show,
    });
    progress.clear();
    const text = options.json ? checkJson(report) : formatCheck(report, options.verbose === true);
    writeFully(1, Buffer.from(text));
    return checkStatus(report.findings);
  } catch (error) {
    say(errorDetail(error));
    return STATUS.configuration;
  }
}

/** One line that changes in place, where standard error is a terminal. */
async function progressLine(): Promise<{
  show: (done: number, total: number, what: string) => void;
  clear: () => void;
}> {
  const { isatty } = await import('node:tty');
  if (!isatty(2)) return { show: () => {}, clear: () => {} };
  const put = (text: string): void => void writeFully(2, Buffer.from(`\r\x1b[K${text}`));
  return {
    show: (done, total, what) => put(`${done} of ${total}  ${what.replace(/\p{Cc}/gu, '?').slice(0, 60)}`),
    clear: () => put(''),
  };
}

function wholeNumber(text: string, most: number): number | undefined {
  return /^[1-9]\d{0,6}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function complain(text: string): number {
  say(`${text}; see --help`);
  return STATUS.usage;
}

/** One line to people. */
function say(text: string): void {
  try {
    writeSync(2, `${PROGRAM}: ${text}\n`);
  } catch {
    // Nobody listens.
  }
}
