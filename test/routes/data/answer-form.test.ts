/** The forms of a data answer: what is asked for, of which kind of source, and what the answer says of itself. */
import t from 'tap';
import { answerForm, type FormFacts } from '../../../lib/routes/data/answer-form.js';

t.test('media types, endings, names in the log', async (t) => {
  const base = { kind: 'das2', textConverter: 'to_text', isBrowser: false } as const;
  const rows: [Parameters<typeof answerForm>[0], Partial<FormFacts>, string, string, string, string][] = [
    ['stream', {}, 'application/vnd.das2.das2stream', 'attachment', 'd2s', 'd2s'],
    ['stream', { isBrowser: true }, 'application/vnd.das2.das2stream', 'attachment', 'd2s', 'd2s'],
    ['stream', { kind: 'das1' }, 'application/vnd.das2.das2stream', 'attachment', 'd2s', 'd2s'],
    ['text', {}, 'text/vnd.das2.das2stream; charset=utf-8', 'inline', 'd2t', 'd2t'],
    ['text', { isBrowser: true }, 'text/plain; charset=utf-8', 'inline', 'd2t', 'd2t'],
    ['stream', { kind: 'qstream' }, 'application/vnd.das2.qstream', 'attachment', 'qds', 'qds'],
    ['text', { kind: 'qstream' }, 'text/vnd.das2.qstream; charset=utf-8', 'inline', 'qdt', 'qdt'],
    ['text', { kind: 'qstream', isBrowser: true }, 'text/plain; charset=utf-8', 'inline', 'qdst', 'qdt'],
    ['csv', {}, 'text/csv; charset=utf-8', 'attachment', 'csv', 'csv'],
  ];
  for (const [wanted, facts, contentType, disposition, extension, logName] of rows) {
    t.match(answerForm(wanted, { ...base, ...facts }), { contentType, disposition, extension, logName });
  }
});

t.test('what makes them', async (t) => {
  const facts = { kind: 'qstream', isBrowser: false } as const;
  const of = (wanted: Parameters<typeof answerForm>[0], textConverter?: string) =>
    answerForm(wanted, { ...facts, textConverter });
  t.equal(of('stream', 'to_text').converter, undefined);
  t.equal(of('text', 'to_text').converter, 'to_text');
  t.same(of('text'), of('stream'), 'without a converter the stream goes as it is');
  t.equal(of('csv').converter, 'das2_csv -d ,');
  t.equal(of('csv').table, 'csv');
  t.equal(of('text', 'to_text').table, undefined, 'a stream of text can tell of a fault');
});
