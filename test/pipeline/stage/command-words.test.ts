/** Which commands are plain words, and the text by which a shell runs a command. */
import t from 'tap';
import { plainWords, programName, shellText } from '../../../lib/pipeline/stage/command-words.js';

t.test('plain words', async (t) => {
  t.same(plainWords(' das2_bin_avgsec  -r\t-b 2001-01-01 '), ['das2_bin_avgsec', '-r', '-b', '2001-01-01']);
  for (const shell of [
    'a|b',
    'X=1 a',
    'a "b"',
    'a $B',
    'a;b',
    'a\nb',
    '~/a',
    'a*',
    '',
    '(a)',
    'a &',
    'a >b',
    '`a`',
    'a #b',
  ]) {
    t.equal(plainWords(shell), undefined, JSON.stringify(shell));
  }
  t.equal(programName('/opt/x/das2_bin_avgsec -r'), 'das2_bin_avgsec');
  t.equal(programName('a | b'), undefined);
});

t.test('text for the shell', async (t) => {
  t.equal(shellText('/opt/rdr -x'), 'exec /opt/rdr -x "$@"');
  t.equal(shellText('time rdr'), 'time rdr "$@"', 'a word of the shell');
  t.equal(shellText('X=1 rdr'), 'X=1 rdr "$@"');
  t.equal(shellText('a | b'), 'a | b "$@"');
});
