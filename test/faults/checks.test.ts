/**
 * The checks of the fault harness find what they are for: each invariant is broken here on purpose.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { finishedText, makeJob, waitingText } from '../../lib/queue/item.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { headerPacket, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { compareAnswers, readAnswer } from './engine/answers.js';
import { BlockCheck, blockNames, sidePath } from './engine/blocks.js';
import { JobCheck, listFaults } from './engine/jobs.js';
import { Publications } from './engine/publications.js';
import { summaryOf } from './engine/summary.js';

const NAME = 'data/F/S/_noparam/intrinsic/2017/03/2017-03-01_intrinsic.d2s';
const BYTES = Buffer.from('the bytes of a block');

function place(root: string, name: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), bytes);
}

t.test('a half block, a foreign one, a damaged one', async (t) => {
  const root = temporaryFolder(t).path;
  const check = new BlockCheck(root, new Map([[NAME, BYTES]]));
  place(root, NAME, BYTES);
  place(root, sidePath(NAME), Buffer.from(JSON.stringify({ bytes: BYTES.length })));
  place(root, `${dirname(NAME)}/.2017-03-02_intrinsic.d2s.host.1.0.tmp`, BYTES.subarray(0, 3));
  t.same(blockNames(root), [NAME], 'temporary files are no blocks');
  t.same(check.check(), []);
  t.equal(check.isGood(NAME), true);
  check.damage(NAME, (bytes) => bytes.subarray(0, 5), writeFileSync);
  t.same(check.check(), [], 'what the harness did itself');
  t.equal(check.isGood(NAME), false);
  place(root, NAME, BYTES.subarray(0, 7));
  t.match(check.check(), [/has 7 bytes that are not those/]);
  place(root, NAME, Buffer.from('the bytes of a blocK'));
  t.match(check.check(), [/that are not those/]);
  t.equal(check.isGood(NAME), false, 'though its size is right');
  place(root, NAME.replaceAll('03-01', '03-02'), BYTES);
  t.match(check.check(), [/not those/, /no block of this source/]);
});

t.test('jobs that are lost, or in two places', async (t) => {
  const lists = { todo: ['a'], working: ['b'], finished: ['c', 'd', 'd'], dead: ['c'] };
  t.match(listFaults(lists, ['a', 'b', 'c', 'e']), [/^lost: e$/, /^on finished and finished: d$/]);
  t.same(listFaults({ ...lists, finished: ['c'] }, ['a', 'b', 'c']), []);
  t.match(listFaults({ ...lists, working: ['a'], finished: [] }, []), [/on todo and working: a/]);

  const folder = temporaryFolder(t).path;
  const check = new JobCheck(spoolBroker({ folder, limits: { waiting: 10, finished: 0, leaseSeconds: 1 } }));
  const item = waitingText(
    makeJob({ category: 'TASK_CACHE', fields: ['F/S', '2017-03-01', '2017-03-02', '0'], requester: 'test' }),
  );
  await check.broker.submit(item);
  check.accept(item, check.losses);
  t.same(await check.check(), []);
  await check.broker.take('host-1-0', 0);
  t.same(await check.check(), []);
  const now = '2020-01-01T00:00:00.000';
  await check.broker.finish('host-1-0', finishedText(item, { begin: now, status: 'done', end: now, code: 0 }));
  t.same(await check.check(), []);
  t.match(await check.ended(), [{ item, code: 0, begin: '2017-03-01', level: '0' }]);
  await check.broker.clear('finished');
  t.match(await check.check(), [/^lost: /]);
  check.forget();
  t.same(await check.check(), []);
  check.accept(item, 0);
  t.same(await check.check(), [], 'accepted before the store was lost');
});

t.test('a block that is published twice', async (t) => {
  const root = temporaryFolder(t).path;
  const publications = new Publications(root, [NAME]);
  t.teardown(() => publications.close());
  const publish = (name: string): void => {
    const temporary = `${dirname(NAME)}/.a.tmp`;
    place(root, temporary, BYTES);
    renameSync(join(root, temporary), join(root, name));
  };
  publish(NAME);
  publish(sidePath(NAME));
  await publications.begin();
  t.same(await publications.count(), { blocks: 0, faults: [] }, 'before the round');
  publish(sidePath(NAME));
  publish(sidePath(NAME));
  publish(NAME);
  t.same(await publications.count(), { blocks: 1, faults: [] }, 'killed on the way, then made anew');
  publish(NAME);
  t.match(await publications.count(), { blocks: 1, faults: [/published 2 times/] });
});

t.test('answers that are wrong, cut or failed', async (t) => {
  const record = (value: string): string => `:01:2017-03-01T00:00:00.000 ${value.padStart(13)}\n`;
  const header = headerPacket(
    '01',
    '<packet><x type="time24" units="us2000" /><y type="ascii14" units="V" name="v" /></packet>\n',
  );
  const answer = (body: string | Buffer, more: object = {}) =>
    readAnswer({
      status: 0,
      errors: '',
      bytes: Buffer.concat([Buffer.from('Status: 200 OK\r\n\r\n'), STREAM, header, Buffer.from(body)]),
      ...more,
    });
  const good = answer(record('1.5') + record('2.5'));
  if (!('records' in good)) throw new Error(good.failure);
  t.equal(good.records.length, 2);
  t.equal(compareAnswers(good.records, good.records), undefined);
  t.match(compareAnswers(good.records, good.records.slice(1)), /2 records, 1 wanted/);
  t.match(compareAnswers(good.records.slice(0, 1), good.records), /record 1 is undefined/);
  const other = answer(record('1.5') + record('2.6'));
  t.match('records' in other ? compareAnswers(other.records, good.records) : '', /record 1 is .*2\.6.*wanted.*2\.5/);
  t.match(answer(record('1.5').slice(0, 20)), { failure: /cut short/ });
  t.match(answer(headerPacket('xx', '<exception type="ServerError" message="x" />\n')), { failure: /ServerError/ });
  t.match(answer(headerPacket('xx', '<exception type="NoDataInInterval" message="x" />\n')), { records: [] });
  t.match(answer('', { status: 1 }), { failure: /ended with 1/ });
  t.match(answer('', { status: undefined }), { failure: /signal/ });
  t.match(answer('', { bytes: Buffer.from('Status: 500 No\r\n\r\n') }), { failure: /status 500/ });
  t.match(answer('', { bytes: Buffer.from('') }), { failure: /header block/ });
});

t.test('the summary', async (t) => {
  const report = { jobs: 2, published: 3, answers: 4, killed: 1 };
  const text = summaryOf([
    { fault: 'kill-worker', ...report, violations: ['job: lost: x'] },
    { fault: 'none', ...report, violations: [] },
  ]);
  t.match(text, /^all +2 +4 +6 +8 +2 +1$/m);
  t.match(text, /^round 1, kill-worker: job: lost: x$/m);
});
