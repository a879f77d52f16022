/**
 * The checker as a whole: configuration, environment, permissions, disks, queue, accounts, sources, readers, running server, in this order,
 * since what comes later needs what comes before. Readers run side by side, findings come out in the order of the sources.
 */
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { SourceTree } from '../source/tree/source-tree.js';
import { type Account, barredFolder } from './account.js';
import { checkAccounts } from './account-check.js';
import { checkConfiguration, checkEnvironment } from './configuration-check.js';
import { definitionIds, idMatcher } from './definition-files.js';
import { type Finding, type FindingFacts, Findings } from './findings.js';
import { checkDefinitionRights, checkPermissions } from './permission-check.js';
import { checkQueue } from './queue-check.js';
import { checkReader, type Run } from './reader-check.js';
import { checkServer } from './server-check.js';
import { checkSource, type RunnableSource, type SourceCheck } from './source-check.js';
import { checkSpace } from './space-check.js';

export interface CheckOptions {
  readonly configuration: Configuration;
  readonly environment: NodeJS.ProcessEnv;
  /** Account of the web server; undefined: nothing is said about permissions. */
  readonly account: Account | undefined;
  /** Nobody named the account. */
  readonly accountIsGuess: boolean;
  /** Patterns of source ids; none means all. */
  readonly sources: readonly string[];
  readonly runReaders: boolean;
  /** Readers that run at one time. */
  readonly jobs: number;
  /** Longest time for a run or an answer, in seconds. */
  readonly timeout: number;
  /** Address of a running server. */
  readonly url: string | undefined;
  /** Address of another server of the same sources, whose answers are compared with those of `url`. */
  readonly compareWith?: string | undefined;
  /** Told what is being done. */
  readonly progress: (done: number, total: number, what: string) => void;
}

export interface CheckReport {
  readonly configuration: string;
  readonly findings: readonly Finding[];
  /** Ids of the sources that were looked at, in order. */
  readonly sources: readonly string[];
  readonly runs: readonly Run[];
}

/** Checks everything that is asked for. */
export async function checkAll(options: CheckOptions): Promise<CheckReport> {
  const { configuration, environment, account, accountIsGuess } = options;
  const findings = new Findings('configuration');
  checkEnvironment(environment, findings);
  await checkConfiguration(configuration, findings);
  if (account !== undefined) checkPermissions({ configuration, account, isGuess: accountIsGuess }, findings);
  checkSpace(configuration, findings);
  await checkQueue(configuration, findings);
  const accounts = checkAccounts(configuration, findings);
  const warnings: string[] = [];
  const tree = await openTree(configuration, findings, warnings);
  if (tree === undefined) return { configuration: configuration.file, findings: findings.list, sources: [], runs: [] };
  checkSample(configuration, tree, findings);
  const results = await checkSources(options, { tree, configuration, accounts, now: Date.now() }, findings, warnings);
  if (options.runReaders) await runReaders(options, tree, results);
  for (const result of results) findings.list.push(...result.findings.list);
  if (options.url !== undefined) await askServers(options, { url: options.url, tree, results }, findings);
  return {
    configuration: configuration.file,
    findings: findings.list,
    sources: results.map(({ id }) => id),
    runs: results.flatMap(({ runs }) => runs),
  };
}

/** What came out for one source. */
interface SourceResult {
  readonly id: string;
  readonly findings: Findings;
  /** Undefined for a source that cannot be asked for data. */
  readonly runnable: RunnableSource | undefined;
  readonly runs: Run[];
}

/** The tree of sources; `warnings` takes what it says, now and later. Undefined, with a finding, if there is none. */
async function openTree(
  configuration: Configuration,
  findings: Findings,
  warnings: string[],
): Promise<SourceTree | undefined> {
  try {
    const tree = new SourceTree(withoutNotes(configuration), (line) => warnings.push(line));
    await tree.list();
    return tree;
  } catch (error) {
    // That there is no such folder is told already, with the setting.
    if (!findings.list.some(({ severity, message }) => severity === 'error' && message.startsWith('DSDF_ROOT'))) {
      findings.error('tree', errorDetail(error), { clients: 'nearly every request gets 500' });
    }
    return undefined;
  }
}

function checkSample(configuration: Configuration, tree: SourceTree, findings: Findings): void {
  const sample = configuration.text('SAMPLE_DSDF');
  if (sample === undefined || tree.find(sample) !== undefined) return;
  findings.warning('no-sample', `SAMPLE_DSDF: there is no source ${sample}`, {
    clients: 'see no examples on the front page',
    advice: 'name one of your sources, or leave SAMPLE_DSDF out',
  });
}

/** Checks the definitions one after the other; `warnings` holds what the tree has said so far. */
async function checkSources(
  options: CheckOptions,
  facts: SourceCheck,
  findings: Findings,
  warnings: string[],
): Promise<SourceResult[]> {
  const ofTree = [...warnings];
  const account = options.accountIsGuess && isOutOfReach(options) ? undefined : options.account;
  const about = findings.about('sources');
  const ids = definitionIds(facts.tree.root).filter(idMatcher(options.sources));
  if (ids.length === 0) {
    about.warning('no-sources', options.sources.length > 0 ? 'no source fits --source' : 'there are no sources');
  }
  const results: SourceResult[] = [];
  const said = new Set<string>();
  for (const id of ids) {
    const own = new Findings(id);
    if (account !== undefined) checkDefinitionRights(account, facts.tree.root, id, own);
    results.push({ id, findings: own, runnable: await checkSource(id, facts, own, warnings), runs: [] });
    // What is said of a definition need not be said of the tree again.
    for (const text of [...warnings, ...own.list.map(({ message }) => message)]) said.add(text);
  }
  for (const warning of ofTree) if (!said.has(warning)) about.warning('tree', warning, treeFacts(warning));
  return results;
}

/** An instance that the account cannot reach at all is probably not meant for it; that has been told. */
function isOutOfReach({ account, configuration }: CheckOptions): boolean {
  return account !== undefined && barredFolder(account, configuration.file) !== undefined;
}

function treeFacts(warning: string): FindingFacts {
  if (!warning.endsWith('(EACCES)')) return {};
  return {
    clients: 'see nothing that is in it',
    advice: 'let the account of the web server read and enter the folder',
  };
}

/** Runs the readers of all sources that can be run, `jobs` at a time. */
async function runReaders(options: CheckOptions, tree: SourceTree, results: readonly SourceResult[]): Promise<void> {
  const { configuration, timeout, progress } = options;
  const all = results.filter(({ runnable }) => runnable !== undefined);
  let done = 0;
  await inTurn(all, options.jobs, async ({ id, findings, runnable, runs }) => {
    if (runnable === undefined) return;
    progress(done, all.length, id);
    runs.push(...(await checkReader(runnable, { tree, configuration, timeout }, findings)));
    progress(++done, all.length, id);
  });
}

/** Asks the running server, and the one that it is compared with. */
async function askServers(
  options: CheckOptions,
  facts: { readonly url: string; readonly tree: SourceTree; readonly results: readonly SourceResult[] },
  findings: Findings,
): Promise<void> {
  const { configuration, timeout, progress, compareWith } = options;
  const { url, tree, results } = facts;
  const runnable = results.flatMap((result) => result.runnable ?? []);
  progress(runnable.length, runnable.length, url);
  await checkServer({ url, configuration, tree, runnable, timeout }, findings);
  if (compareWith === undefined) return;
  const { compareServers } = await import('./compare-servers.js');
  const isWanted = idMatcher(options.sources);
  await compareServers({ url, other: compareWith, isWanted, timeout, progress }, findings);
}

/**
 * The configuration with a tree that keeps nothing: neither an index, which might belong to root afterwards, nor notes of what
 * was said today, since here everything is to be said.
 */
function withoutNotes(configuration: Configuration): Configuration {
  return new Proxy(configuration, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name === 'path')
        return (key: Parameters<Configuration['path']>[0]) => (key === 'STATE_ROOT' ? undefined : target.path(key));
      return value.bind(target);
    },
  });
}

/** Works on all items, `jobs` at a time. */
async function inTurn<Item>(items: readonly Item[], jobs: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
}

/** 0 without findings that ask for something, 1 with warnings, 2 with errors. */
export function checkStatus(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ severity }) => severity === 'error')) return 2;
  return findings.some(({ severity }) => severity === 'warning') ? 1 : 0;
}
