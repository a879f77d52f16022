/**
 * The text of jobs: field counts, both older forms, hostile items; and what makes two jobs the same.
 */
import fc from 'fast-check';
import t from 'tap';
import { CATEGORIES, CATEGORY_NAMES, categoryByWord } from '../../lib/queue/category.js';
import { itemId, itemKey, sha1 } from '../../lib/queue/identity.js';
import {
  finishedText,
  isFinishedText,
  itemTime,
  makeJob,
  originalText,
  parseItem,
  parseProgress,
  RESULT,
  tryParseItem,
  waitingText,
  workingText,
} from '../../lib/queue/item.js';

const HEAD = '2019-08-24T02:09:27.690|localhost/das/server||127.0.0.1||apache';
const WAITING = `${HEAD}|TASK_CACHE|Examples/Spectra|1979-03-01|1979-03-02|10`;
const VALUES: Readonly<Record<string, string>> = {
  dataset: 'A/b',
  datasets: 'ALL',
  time: '2000-01-01',
  optionalTime: '',
  level: '1',
  count: '5',
  optionalNumber: '',
  text: '',
  key: 'k1',
};

t.test('an item of a web request has 11 fields in order', async (t) => {
  const job = makeJob({
    category: 'TASK_CACHE',
    fields: ['Examples/Spectra', '1979-03-01', '1979-03-02', '10'],
    requester: 'localhost/das/server',
    remote: '127.0.0.1',
    user: 'apache',
    time: Date.UTC(2019, 7, 24, 2, 9, 27, 690),
  });
  t.equal(waitingText(job), WAITING);
  t.equal(waitingText(job).split('|').length, 11);
  t.same(parseItem(WAITING), { stage: 'waiting', job, olderForm: false });
});

t.test('the three stages have the counts that older programs know', async (t) => {
  const counts: Readonly<Record<string, readonly number[]>> = {
    TASK_CACHE: [11, 14, 15],
    TASK_USAGE: [13, 16, 17],
    TASK_COVERAGE: [10, 13, 14],
    TASK_LIST: [7, 10, 11],
    HAPI_INFO_CACHE: [9, 12, 13],
    TASK_EXPORT: [12, 15, 16],
    TASK_INVENTORY: [10, 13, 14],
    TASK_CITE_PROBE: [8, 11, 12],
    TASK_CITE_HASH: [8, 11, 12],
    TASK_CITE_SYNC: [8, 11, 12],
    TASK_CITE_DOI: [8, 11, 12],
  };
  t.same(Object.keys(counts).sort(), [...CATEGORY_NAMES].sort());
  for (const category of CATEGORY_NAMES) {
    const fields = CATEGORIES[category].fields.map(([name, kind]) =>
      name === 'end' && kind === 'time' ? '2001-01-01' : (VALUES[kind] ?? ''),
    );
    const job = makeJob({ category, fields, requester: 'x' });
    const waiting = waitingText(job);
    const working = workingText(job, { begin: itemTime(0), status: 'busy', fraction: 1 / 3 });
    const finished = finishedText(waiting, { begin: itemTime(0), status: '', end: itemTime(1), code: RESULT.done });
    t.same(
      [waiting, working, finished].map((text) => text.split('|').length),
      counts[category],
      category,
    );
    t.match(parseItem(working), { stage: 'working', job, status: 'busy', progress: '0.33' });
    t.match(parseItem(finished), { stage: 'finished', job, code: 0 });
    t.equal(originalText(working), waiting);
    t.equal(originalText(finished), waiting);
    t.equal(isFinishedText(finished), true);
    t.equal(isFinishedText(working), false);
  }
});

t.test('examples of the documents', async (t) => {
  const begin = '2019-08-24T02:09:27.912';
  const working = `${WAITING}|${begin}|Writing: 1979-03-01_bin-1s.d2s|0.00`;
  t.match(parseItem(working), { stage: 'working', begin, status: 'Writing: 1979-03-01_bin-1s.d2s', progress: '0.00' });
  const finished = `${WAITING}|${begin}|Successfully processed 1 of 1 cache blocks|2019-08-24T02:09:31.040|0`;
  t.match(parseItem(finished), { stage: 'finished', end: '2019-08-24T02:09:31.040', code: 0 });
  for (const older of [
    `${HEAD}|TASK_CACHE|Examples/Spectra||1979-03-01|1979-03-02|10`,
    `${HEAD}|TASK_COVERAGE|||1979-03-01|1979-03-02`,
    `${HEAD}| TASK_CACHE |Examples/Spectra||1979-03-01|1979-03-02|10`,
  ]) {
    const item = parseItem(older);
    t.match(item, { stage: 'waiting', olderForm: true });
    t.match(waitingText(item.job), /1979-03-01\|1979-03-02/);
    t.notMatch(waitingText(item.job), /\|\|1979-03-01\|.*10$/);
    const finished = finishedText(older, { begin, status: 'as asked', end: begin, code: 0 });
    const working = workingText(item.job, { begin, status: '', fraction: 0 });
    t.same([itemId(working), itemId(finished)], [itemId(older), itemId(older)], 'people find it again');
    const ended = parseItem(finished);
    t.match(ended, { stage: 'finished', job: item.job, status: 'as asked' }, 'ends in the form of all others');
  }
  t.equal(itemKey(`${HEAD}|TASK_CACHE|Examples/Spectra||1979-03-01|1979-03-02|10`), itemKey(WAITING));
});

t.test('progress of both forms', async (t) => {
  t.same(['0/100', '32/128', '0.37', '1.00', '3', 'x', '5/0', '-1'].map(parseProgress), [
    0,
    0.25,
    0.37,
    1,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

t.test('hostile items are refused with a reason', async (t) => {
  const cache = (dataset: string, begin: string, end: string, level: string) =>
    `${HEAD}|TASK_CACHE|${dataset}|${begin}|${end}|${level}`;
  const refused: Readonly<Record<string, RegExp>> = {
    '': /not a kind of job/,
    'a|b': /not a kind of job/,
    [`${HEAD}|TASK_EVIL|x`]: /'TASK_EVIL' is not a kind of job/,
    [`${HEAD}|__proto__|x`]: /not a kind of job/,
    [cache('../../etc/passwd', '1979', '1980', '1')]: /'dataset'/,
    [cache('/etc/passwd', '1979-01', '1980-01', '1')]: /'dataset'/,
    [cache('a\\b', '1979-01', '1980-01', '1')]: /'dataset'/,
    [cache('A', '1979-01', '$(id)', '1')]: /'end' of the job is not a time/,
    [cache('A', '1980-01', '1979-01', '1')]: /not after its begin/,
    [cache('A', '1979-01', '1979-01', '1')]: /not after its begin/,
    [cache('A', '1979-01', '1980-01', '-1')]: /'level'/,
    [cache('A', '1979-01', '1980-01', '1e3')]: /'level'/,
    [cache('A', `1979-01-01T00:00${' '.repeat(90)}; rm`, '1980-01', '1')]: /'begin'/,
    [cache('A\u001b[2J', '1979-01', '1980-01', '1')]: /characters/,
    [`${HEAD}|TASK_CACHE|A|1979|1980|1|2|3|4|5|6|7`]: /must have 11 fields, this one has 17/,
    [`${WAITING}|b|s|e|-1`]: /without a return code/,
    [`${HEAD}|TASK_CITE_SYNC|../x`]: /'segment'/,
    [`${'x'.repeat(9000)}|`]: /more than 8192 bytes/,
  };
  for (const [text, reason] of Object.entries(refused)) t.match(tryParseItem(text), reason, text.slice(0, 60));
});

t.test('any text is either an item that survives being written, or refused', async () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('TASK_CACHE', 'TASK_LIST', '2000-01-01', '2001-01-01', 'ALL', '1', 'A/b'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 18 }), (pieces) => {
      const item = tryParseItem(pieces.join('|'));
      if (typeof item === 'string') return item.length > 0 && !/[\r\n]/.test(item);
      return typeof tryParseItem(waitingText(item.job)) !== 'string';
    }),
  );
});

t.test('identity: the same work in any spelling, other work never', async (t) => {
  const key = (level: string, end = '1979-03-02') =>
    itemKey(`${HEAD}|TASK_CACHE|Examples/Spectra|1979-03-01|${end}|${level}`);
  t.equal(key('10'), itemKey(WAITING));
  t.equal(key('0010'), key('10'));
  t.equal(key('all'), key('ALL'));
  t.equal(key('10', '1979-061T00:00:00Z'), key('10'));
  t.not(key('11'), key('10'));
  t.not(key('10', '1979-03-03'), key('10'));
  const begin = '1979-03-01T00:00:00.000000000';
  t.equal(key('10'), sha1(`TASK_CACHE|Examples/Spectra|${begin}|1979-03-02T00:00:00.000000000|10`));
  const coverage = (text: string) => itemKey(`${HEAD}|TASK_COVERAGE|${text}`);
  t.equal(coverage('||'), coverage('ALL||'), 'empty fields at the end are cut, empty means all');
  t.equal(itemId(`${WAITING}|a|b|c|0`), itemId(WAITING));
  t.match(itemId(WAITING), /^[0-9a-f]{10}$/);
});

t.test('categories as people write them', async (t) => {
  t.equal(categoryByWord('cache'), 'TASK_CACHE');
  t.equal(categoryByWord('CACHE'), 'TASK_CACHE');
  t.equal(categoryByWord('task_cache'), 'TASK_CACHE');
  t.equal(categoryByWord('hapi-info'), 'HAPI_INFO_CACHE');
  t.equal(categoryByWord('cite-probe'), 'TASK_CITE_PROBE');
  t.equal(categoryByWord('constructor'), undefined);
});
