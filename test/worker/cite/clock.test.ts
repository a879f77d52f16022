/** Cited data are looked at every night, by one job of the worker. Test case C55 of citation 16. */
import { existsSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Equivalences } from '../../../lib/cite/citation/equivalence.js';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { type Configuration, loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob, RESULT } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { isDue, queueIfDue } from '../../../lib/worker/cite/clock.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { CITE } from '../../routes/cite/requests.js';
import { type CiteSite, citeSite, digestOf, hours } from '../../tools/cite-site.js';

const SOURCES = {
  'P/Probed':
    "description = 'x'\ndas2Stream = 1\nreader = 'show plain'\nvalidRange = '2017-01-01 to 2018-01-01'\ntestRange = '2017-01-01 to 2017-01-02'\n",
};

const configurationOf = (site: CiteSite): Configuration =>
  loadConfiguration({ file: site.configurationFile, environment: {} });

/** Does the job of a night, or that for a source; its end and what was logged. */
async function night(site: CiteSite, dataset = 'ALL') {
  const configuration = configurationOf(site);
  const lines: string[] = [];
  const result = await runTask(makeJob({ category: 'TASK_CITE_PROBE', fields: [dataset], requester: 'test' }), {
    configuration,
    sources: new SourceTree(configuration),
    log: (line) => void lines.push(line),
    progress: () => {},
    signal: new AbortController().signal,
  });
  return { ...result, alarms: lines.filter((line) => line.startsWith('ALARM')) };
}

t.test('C55: a change raises an alarm once, and is in the history', async (t) => {
  const site = citeSite(t, { CITE_PROBE_EVERY: '1 h' }, SOURCES);
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&keep=1&format=json` })).text);
  t.match(await night(site), {
    code: RESULT.done,
    status: '1 test ranges and 1 kept citations: all the same',
    alarms: [],
  });
  t.match(new KeptCitations(site.citeRoot).events(id), [{ event: 'verified', result: 'unchanged' }]);
  t.match(
    await night(site),
    { status: '0 test ranges and 1 kept citations: all the same' },
    'the range is not due yet',
  );
  site.setStream('plain', hours(100));
  const changed = await night(site, 'P/Probed');
  t.match(changed, { code: RESULT.partly, status: '1 test ranges and 0 kept citations: 1 not the same' });
  t.match(changed.alarms, [/^ALARM: P\/Probed: changed: /]);
  t.match(await night(site), { code: RESULT.partly, alarms: [`ALARM: citation ${id}: changed: `] });
  const { probe, entries } = JSON.parse((await site.serve({ path: '/versions/P/Probed' })).text);
  t.match(probe, { looks: 1, otherStates: 1 });
  const shown = async (): Promise<string> =>
    (await site.serve({ path: '/versions/P/Probed', query: 'format=html' })).text;
  t.match(await shown(), 'Alarm: the test range, which is not expected to change, has had other data before');
  const [before = '', now = ''] = [digestOf(hours()), digestOf(hours(100))];
  new Equivalences(site.citeRoot).declare({ old: before, new: now, name: 'x', date: '2026-01-01', reason: 'x' });
  t.notMatch(await shown(), 'Alarm:', 'not for data that were declared equivalent');
  rmSync(join(site.citeRoot, 'equivalent.jsonl'));
  t.match(entries, [{ kind: 'observed', text: /^content of 2017-01-01 changed/ }]);
  t.match(await night(site, 'P/Probed'), { code: RESULT.done, alarms: [] }, 'it is told once');
});

t.test('a range that could not be read is looked at again the next night', async (t) => {
  const site = citeSite(t, {}, { 'P/Dies': SOURCES['P/Probed'].replace('show plain', 'die') });
  for (let round = 0; round < 2; round++)
    t.match(await night(site), { code: RESULT.partly, alarms: [/^ALARM: P\/Dies: fault: /] });
});

t.test('neither look where the settings want none; refused where nothing is hashed', async (t) => {
  const site = citeSite(t, { CITE_PROBE_EVERY: '0 s', CITE_CHECK_KEPT: '0' }, SOURCES);
  await site.serve({ query: `${CITE}&keep=1` });
  t.match(await night(site), { code: RESULT.done, status: '0 test ranges and 0 kept citations: all the same' });
  t.match(await night(citeSite(t, { CITE_ENABLE: 'no' }, SOURCES)), { code: RESULT.refused });
  t.match(await night(site, 'P/Nowhere'), { code: RESULT.partly, alarms: [/P\/Nowhere: fault/] });
});

t.test('once a night, or by day where the night was missed', async (t) => {
  const hour = 3_600_000;
  t.notOk(isDue(0, 10 * hour, 2));
  t.ok(isDue(0, 19 * hour, 2));
  t.notOk(isDue(0, 24 * hour, 14));
  t.ok(isDue(0, 31 * hour, 14));
});

/** Queues the job of a night if it is due. */
async function clock(test: Test, site: CiteSite) {
  const configuration = configurationOf(site);
  const broker = await openBroker(configuration);
  if (broker === undefined) throw new Error('there is no queue');
  test.teardown(() => broker.close());
  const facts = { broker, configuration: () => configuration, log: () => {} };
  return { broker, queue: () => queueIfDue(facts, new Date()) };
}

t.test('the clock: nothing before the second night, then one job', async (t) => {
  const site = citeSite(t, { WORK_QUEUE_BROKER: 'spool' }, SOURCES);
  const { broker, queue } = await clock(t, site);
  const file = join(site.citeRoot, 'watched');
  t.equal(await queue(), false);
  t.notOk(existsSync(file), 'nothing was ever logged');
  mkdirSync(join(site.citeRoot, 'log'), { recursive: true });
  t.equal(await queue(), false, 'the first night');
  const long = new Date(Date.now() - 40 * 3_600_000);
  utimesSync(file, long, long);
  t.equal(await queue(), true);
  t.match(await broker.list('todo'), [/TASK_CITE_PROBE\|ALL/]);
  t.equal(await queue(), false, 'not again');
  utimesSync(file, long, long);
  t.equal(await queue(), false, 'it waits still');
  const off = citeSite(t, { WORK_QUEUE_BROKER: 'spool', CITE_PROBE_EVERY: '0', CITE_CHECK_KEPT: '0' });
  mkdirSync(join(off.citeRoot, 'log'), { recursive: true });
  await (await clock(t, off)).queue();
  t.notOk(existsSync(join(off.citeRoot, 'watched')), 'nobody wants it');
});
