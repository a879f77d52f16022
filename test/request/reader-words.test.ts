/** Splitting of `params` and the allow-list of its words (server-protocol 4.6.2, server-internals 8.1). */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { splitReaderWords } from '../../lib/request/reader-words.js';

t.test('splitting', async (t) => {
  const table: [params: string, words: string[]][] = [
    ['', []],
    ['  ', []],
    ['a b', ['a', 'b']],
    ['  a   b  ', ['a', 'b']],
    ["a 'b c'", ['a', 'b c']],
    ['a "b c"', ['a', 'b c']],
    [`x'y z'"w v"u`, ['xy zw vu']],
    ['a\\ b', ['a b']],
    ['a\\b', ['ab']],
    ['lfdr:ExEw --opt=x 10.5 a,b', ['lfdr:ExEw', '--opt=x', '10.5', 'a,b']],
    ['* [a-z] {1,2} ~ ! #x', ['*', '[a-z]', '{1,2}', '~', '!', '#x']],
    ['.. x'.replace('.. ', '. '), ['.', 'x']],
    ['/a/b', ['/a/b']],
  ];
  for (const [params, words] of table) t.same(splitReaderWords(params), words, params);
});

t.test('refused', async (t) => {
  const table: [params: string, why: RegExp][] = [
    ["a 'b", /unbalanced/],
    ['a "b', /unbalanced/],
    ['a\\', /backslash/],
    ["''", /empty/],
    ['a "" b', /empty/],
    ['..', /'\.\.'/],
    ['x ..', /'\.\.'/],
    ["'../x'", /'\.\.'/],
    ['a/../b', /'\.\.'/],
    ['a\\\\b', /character/],
    [`a"'"b`, /character/],
    ["a'\"'b", /character/],
    ['a\u00b5', /character/],
    ['a?b', /character/],
    ['a\\$b', /character/],
    ['a\\`b', /character/],
    ['a\tb', /character/],
    ["'a\nb'", /character/],
    ['x'.repeat(129), /128/],
    [Array.from({ length: 65 }, () => 'x').join(' '), /64/],
    ['x '.repeat(1025), /2048/],
  ];
  for (const [params, why] of table)
    t.throws(() => splitReaderWords(params), { code: 'illegalArgument', message: why }, params);
  t.equal(splitReaderWords(Array.from({ length: 64 }, () => 'x').join(' ')).length, 64);
  t.equal(splitReaderWords('x'.repeat(128)).length, 1);
});

t.test('letters beyond ASCII where the source takes them', async (t) => {
  t.same(splitReaderWords("µ 'Größe b'", { utf8: true }), ['µ', 'Größe b']);
  t.throws(() => splitReaderWords('a\u2028b', { utf8: true }), { code: 'illegalArgument' });
  t.throws(() => splitReaderWords('a\u200bb', { utf8: true }), { code: 'illegalArgument' });
  t.throws(() => splitReaderWords('a\u0085b', { utf8: true }), { code: 'illegalArgument' });
  t.throws(() => splitReaderWords('µ;', { utf8: true }), { code: 'illegalArgument' });
});

t.test('accepted words hold nothing a shell would act on', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (params) => {
      try {
        return splitReaderWords(params).every((word) => /^[A-Za-z0-9_.,:=+@%~/#()*^![\]{} -]{1,128}$/.test(word));
      } catch (error) {
        return isDas2Error(error, 'illegalArgument');
      }
    }),
  );
});
