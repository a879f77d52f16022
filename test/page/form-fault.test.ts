/** Faults of the form in words of its labels; what the script of the page tells without the server is what the server would tell. */
import t from 'tap';
import { formFault } from '../../lib/page/form-fault.js';
import { type QuestionTexts, questionFault } from '../../lib/page/plot/question-fault.js';
import { inProcessSite } from '../tools/in-process.js';

const LABELS = new Map([
  ['start_time', 'Begin'],
  ['end_time', 'End'],
  ['resolution', 'Step'],
  ['params', 'Words'],
]);

t.test('words and field', async (t) => {
  const table: [message: string, field: string | undefined, words: string][] = [
    ['start_time is not a time: use this', 'start_time', '“Begin” is not a time: use this.'],
    ['stop_time is not a time', 'end_time', '“End” is not a time.'],
    ['end_time must be later than start_time', 'end_time', '“End” must be later than “Begin”.'],
    ['the parameter end_time (the end of the time range) is missing', 'end_time', '“End” is missing.'],
    ['this data source needs the parameter interval (seconds between points)', 'resolution', '“Step” is missing.'],
    [
      'time.res is not a number of seconds such as 60 or 0.5',
      'resolution',
      '“Step” is not a number of seconds such as 60 or 0.5.',
    ],
    ['read.opts has an empty word (number 2)', 'params', '“Words” has an empty word (number 2).'],
    ['start_time and time.min mean the same', undefined, 'Start_time and time.min mean the same.'],
    ['the parameter params is given twice', undefined, 'The parameter params is given twice.'],
    ['No data found from 2017 to 2018', undefined, 'No data found from 2017 to 2018.'],
    ['no such file!', undefined, 'No such file!'],
    ['toString is not there', undefined, 'ToString is not there.'],
  ];
  for (const [message, field, words] of table) t.strictSame(formFault(message, LABELS), { field, message: words });
  t.equal(formFault('resolution is bad', new Map([['interval', 'Interval']])).field, 'interval');
  t.equal(formFault('start_time is bad', new Map()).message, '“start_time” is bad.', 'without a label the name');
});

t.test('the same refusals as those of the server', async (t) => {
  const site = inProcessSite(t);
  const times = ['', '2017-01-01', '2017-01-02', 'x', '2017-13-01', '2017-01-01T25', '2017-032T00:00'];
  const steps = ['', '60', '0', '-1', '1e3', 'abc', 'nan', '1e999', '0x10'];
  const cases = [
    ...times.flatMap((start) => times.map((end) => ({ start, end, step: '60' }))),
    ...steps.map((step) => ({ start: '2017-01-01', end: '2017-01-02', step })),
  ];
  for (const { start, end, step } of cases) {
    for (const [id, needsInterval] of [
      ['Range', false],
      ['Orbit', true],
    ] as const) {
      const key = needsInterval ? 'interval' : 'resolution';
      const texts: QuestionTexts = { start, end, resolution: '', interval: '', needsInterval, [key]: step };
      const query = [
        ['start_time', start],
        ['end_time', end],
        [key, step],
      ]
        .filter(([, text]) => text !== '')
        .map((pair) => pair.join('='))
        .join('&');
      const path = `/data/Examples/${id}`;
      const { status, text } = await site.ask({ path, query, headers: { 'User-Agent': 'Mozilla/5.0' } });
      const told = questionFault(texts);
      t.equal(told !== undefined, status === 400, `${id}?${query}`);
      if (told === undefined || status !== 400) continue;
      t.strictSame(formFault(told, LABELS), formFault(text, LABELS), text);
    }
  }
});
