/**
 * The checker as a whole: configuration, environment, permissions, accounts, sources, readers, running server, in this order,
 * since what comes later needs what comes before. Readers run side by side, findings come out in the order of the sources.
 */
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { SourceTree } from '../source/source-tree.js';
import type { Account } from './account.js';
import { checkAccounts } from './account-check.js';
import { checkConfiguration, checkEnvironment } from './configuration-check.js';
import { definitionIds, idMatcher } from './definition-files.js';
import { type Finding, Findings } from './findings.js';
import { checkPermissions } from './permission-check.js';
import { checkReader, type Run } from './reader-check.js';
import { checkServer } from './server-check.js';
import { checkSource, type RunnableSource } from './source-check.js';

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
  const { configuration } = options;
  const findings = new Findings('configuration');
  checkEnvironment(options.environment, findings);
  await checkConfiguration(configuration, findings);
  const { account, accountIsGuess: isGuess } = options;
  if (account !== undefined) checkPermissions({ configuration, account, isGuess }, findings);
  const accounts = checkAccounts(configuration, findings);
  const warnings: string[] = [];
  const report = (parts: Partial<CheckReport>): CheckReport => ({
    configuration: configuration.file,
    findings: findings.list,
    sources: [],
    runs: [],
    ...parts,
  });
  let tree: SourceTree;
  try {
    tree = new SourceTree(withoutNotes(configuration), (line) => warnings.push(line));
    await tree.list();
  } catch (error) {
    // That there is no such folder is told already, with the setting.
    if (!findings.list.some(({ severity, message }) => severity === 'error' && message.startsWith('DSDF_ROOT'))) {
      findings.error('tree', errorDetail(error), { clients: 'nearly every request gets 500' });
    }
    return report({});
  }
  const ofTree = [...warnings];
  const ids = definitionIds(tree.root).filter(idMatcher(options.sources));
  if (ids.length === 0) {
    findings
      .about('sources')
      .warning('no-sources', options.sources.length > 0 ? 'no source fits --source' : 'there are no sources');
  }
  const sample = configuration.text('SAMPLE_DSDF');
  if (sample !== undefined && tree.find(sample) === undefined) {
    findings.warning('no-sample', `SAMPLE_DSDF: there is no source ${sample}`, {
      clients: 'see no examples on the front page',
      advice: 'name one of your sources, or leave SAMPLE_DSDF out',
    });
  }
  const facts = { tree, configuration, accounts, now: Date.now() };
  const results = ids.map((id) => ({ id, findings: new Findings(id), runs: [] as Run[] }));
  const runnable: { source: RunnableSource; result: (typeof results)[number] }[] = [];
  const said = new Set<string>();
  for (const result of results) {
    const source = await checkSource(result.id, facts, result.findings, warnings);
    if (source !== undefined) runnable.push({ source, result });
    // What is said of a definition need not be said of the tree again.
    for (const text of [...warnings, ...result.findings.list.map(({ message }) => message)]) said.add(text);
  }
  for (const warning of ofTree) if (!said.has(warning)) findings.about('sources').warning('tree', warning);
  if (options.runReaders) {
    let done = 0;
    await inTurn(runnable, options.jobs, async ({ source, result }) => {
      options.progress(done, runnable.length, result.id);
      result.runs.push(
        ...(await checkReader(source, { tree, configuration, timeout: options.timeout }, result.findings)),
      );
      options.progress(++done, runnable.length, result.id);
    });
  }
  for (const result of results) findings.list.push(...result.findings.list);
  if (options.url !== undefined) {
    options.progress(runnable.length, runnable.length, options.url);
    await checkServer(
      {
        url: options.url,
        configuration,
        tree,
        runnable: runnable.map(({ source }) => source),
        timeout: options.timeout,
      },
      findings,
    );
    if (options.compareWith !== undefined) {
      const { compareServers } = await import('./compare-servers.js');
      await compareServers(
        {
          url: options.url,
          other: options.compareWith,
          isWanted: idMatcher(options.sources),
          timeout: options.timeout,
          progress: options.progress,
        },
        findings,
      );
    }
  }
  return report({ sources: ids, runs: results.flatMap(({ runs }) => runs) });
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
