/**
 * A site with three sources whose reader notes each run, and a worker that is called by hand, for tests of exports.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { tryParseItem } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { LOGO_PNG } from '../../tools/protocol-fixture.js';
import { mdiSite } from '../mdi-site.js';

/** What the readers begin their streams with. */
export const HEADER = '[00]000025<stream version="2.2" />\n';
/** Fields that select one record of each source. */
export const SEL = ['A', 'B', 'C'].map((name): [string, string] => ['sel', `prog:Test,level:na,series:${name}[7457]`]);

const packet = (id: string, text: string): string => `[${id}]${String(text.length).padStart(6, '0')}${text}`;
/** The headers of a stream with the planes a, in volts, and b, in metres. */
export const TWO_PLANES =
  packet('00', '<stream version="2.2"></stream>') +
  packet(
    '01',
    '<packet><x type="time24" units="UTC"/><y type="ascii8" name="a" units="V"/><y type="ascii8" name="b" units="m"/></packet>',
  );

/** A maker of plots that draws one point, whatever it is given. */
export const PLOT_SCRIPT = `cat >/dev/null; printf '${LOGO_PNG.reduce((text, byte) => `${text}\\${byte.toString(8).padStart(3, '0')}`, '')}'`;

/** Writes programs of a site, shell scripts without their first line. */
export function programsOf(folder: { write(name: string, text: string): string }) {
  return (name: string, script: string): void =>
    chmodSync(folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
}

/** Lays out the site. */
export function exportSite(t: Test, settings = '') {
  const source =
    "description = 'x'\nreader = good\nreducer = not_reducible\ndas2Stream = 1\nvalidRange = '2020-01-01 to 2021-01-01'\n";
  const made = mdiSite(t, {
    withoutMdi: true,
    sources: { 'Test/A': source, 'Test/B': `${source}readerNote = 1\n`, 'Test/C': source },
    settings: `BIN_PATH = ../bin\n${settings.includes('MIN_FREE') ? '' : 'EXPORT_MIN_FREE = 0\n'}${settings}`,
  });
  const runs = join(made.folder.path, 'runs');
  writeFileSync(runs, '');
  const content = made.folder.write('content', 'payload');
  chmodSync(
    made.folder.write(
      'bin/good',
      `#!/bin/sh\necho run >>${runs}\n[ -e ${made.folder.path}/broken ] && exit 3\nprintf '%s' '${HEADER}'; cat ${content}\n`,
    ),
    0o755,
  );
  const configuration = loadConfiguration({ file: join(made.folder.path, 'etc/das2server.conf'), environment: {} });
  /** Takes the next job and does it; `stopAfter` items the worker is killed. */
  const work = async (
    stopAfter = Number.POSITIVE_INFINITY,
    look: (status: string) => void | Promise<void> = () => {},
  ) => {
    const broker = await openBroker(configuration);
    const text = await broker?.take('host-1-0', 0);
    const item = tryParseItem(text ?? '');
    if (broker === undefined || typeof item === 'string') throw new Error('there is no job');
    const killed = new AbortController();
    let items = -1;
    const task = runTask(item.job, {
      configuration,
      sources: new SourceTree(configuration),
      log: () => {},
      progress: (status) => {
        items++;
        void look(status);
        if (items === stopAfter) killed.abort(new Error('killed'));
      },
      signal: killed.signal,
    });
    try {
      return await task;
    } catch (error) {
      if (!killed.signal.aborted) throw error;
      await broker.giveBack('host-1-0');
      return undefined;
    } finally {
      if (!killed.signal.aborted)
        await broker.finish(
          'host-1-0',
          `${text}|${new Date().toISOString().slice(0, -1)}|x|${new Date().toISOString().slice(0, -1)}|0`,
        );
      await broker.close();
    }
  };
  const start = async (more: readonly [string, string][] = []) => {
    const answer = await made.ask({ path: '/export', form: [...SEL, ['method', 'url'], ...more] });
    return { status: answer.status, id: (answer.headers.Location ?? '').replace(/.*\//, ''), text: answer.text };
  };
  const status = async (id: string) => {
    const answer = await made.ask({ path: `/export/${id}.json` });
    return { code: answer.status, headers: answer.headers, json: JSON.parse(answer.text) };
  };
  const runCount = () => readFileSync(runs, 'utf8').split('\n').length - 1;
  return { ...made, work, start, status, runCount, content };
}
