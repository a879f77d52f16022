import t from 'tap';
import { accessWords } from '../../../lib/routes/source/access-words.js';

t.test('rules of access in words, without names', async (t) => {
  for (const [rule, words] of [
    [undefined, 'Open to everybody.'],
    ['GROUP:team', 'All data need a user name and a password.'],
    ['USER:ann | USER:bob', 'All data need a user name and a password.'],
    ['AGE:1y', 'Data older than 1 year are open to everybody; newer data are not given out.'],
    [
      'GROUP:team | age: 2y 3m',
      'Data older than 2 years 3 months are open to everybody; newer data need a user name and a password.',
    ],
    ['AGE:30d | AGE:1h', 'Data older than 30 days or 1 hour are open to everybody; newer data are not given out.'],
    ['nonsense', 'Not open at present.'],
    ['AGE:y', 'Not open at present.'],
  ] as const) {
    t.equal(accessWords(rule), words, rule ?? 'no rule');
  }
});
