/**
 * Strict command lines (stream-format 11.3).
 */
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { parseCommandLine, positiveNumber, timeArgument, wholeNumber } from '../../lib/filter/arguments.js';

const RULES = {
  options: { b: { takes: 'value' }, r: { takes: 'flag' }, pad: { takes: 'value', short: 'p' } },
  words: ['BIN_SECONDS'],
} as const;

const parse = (...args: string[]): unknown => {
  try {
    const line = parseCommandLine(args, RULES);
    return [line.words.join(), line.has('r'), line.value('b'), line.value('pad')];
  } catch (error) {
    if (isDas2Error(error, 'usage')) return error.message;
    throw error;
  }
};

t.test('options may stand anywhere', (t) => {
  const wanted = ['60', true, '2000-001', '3'];
  for (const line of [
    '-r -b 2000-001 --pad=3 60',
    '60 -b 2000-001 -p 3 -r',
    '-rb 2000-001 60 --pad 3 -',
    '-b2000-001 -rp3 -- 60 -',
  ]) {
    t.same(parse(...line.split(' ')), wanted, line);
  }
  t.same(parse('-b', '1999', '-b', '2000', '60'), ['60', false, '2000', undefined], 'the last one counts');
  t.end();
});

t.test('what is refused, and the argument that is named', (t) => {
  t.equal(parse(), 'BIN_SECONDS is missing');
  t.equal(parse('-r'), 'BIN_SECONDS is missing');
  t.equal(parse('60', '61'), "unexpected argument '61'");
  t.equal(parse('60', '-', '-'), "unexpected argument '-'");
  t.equal(parse('-x', '60'), "unknown option '-x'");
  t.equal(parse('--r', '60'), "unknown option '--r'");
  t.equal(parse('--range', '60'), "unknown option '--range'");
  t.equal(parse('60', '-b'), 'option -b needs a value');
  t.equal(parse('60', '--pad'), 'option --pad needs a value');
  t.equal(parse('-r5'), "unknown option '-5'");
  t.equal(parse('-5s'), "unknown option '-5'");
  t.match(parse('--constructor', '5'), /unknown option '--constructor'/);
  t.end();
});

t.test('a number below zero is a word, not an option', (t) => {
  t.same(parse('-5'), ['-5', false, undefined, undefined]);
  t.same(parse('-1.5e-31', '-r'), ['-1.5e-31', true, undefined, undefined]);
  t.same(parse('-.5', '-b', '-5'), ['-.5', false, '-5', undefined]);
  t.equal(parse('60', '-5'), "unexpected argument '-5'");
  const digits = { options: { 4: { takes: 'flag' } }, words: [] } as const;
  t.ok(parseCommandLine(['-4'], digits).has('4'));
  t.throws(() => parseCommandLine(['-45'], digits), { code: 'usage', message: "unknown option '-5'" });
  t.end();
});

t.test('further words, and standard input behind all of them', (t) => {
  const words = (furtherWords: number, ...args: string[]): readonly string[] =>
    parseCommandLine(args, { options: {}, words: ['A'], furtherWords }).words;
  t.same(words(1, 'a', '-1e31', '-'), ['a', '-1e31']);
  t.same(words(1, 'a', '-'), ['a']);
  t.same(words(Number.POSITIVE_INFINITY, 'a', 'b', 'c', '-'), ['a', 'b', 'c']);
  t.throws(() => words(1, 'a', 'b', 'c'), { code: 'usage', message: "unexpected argument 'c'" });
  t.end();
});

t.test('numbers must be complete, finite and positive', (t) => {
  for (const [text, value] of [
    ['60', 60],
    ['+0.5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1E-3', 0.001],
  ] as const) {
    t.equal(positiveNumber(text, 'N'), value, text);
  }
  for (const text of [
    '',
    ' 5',
    '5 ',
    '5s',
    '0',
    '-5',
    '0x10',
    'nan',
    'inf',
    '1e',
    '1e999',
    '1e-999',
    '1,5',
    '1_000',
    '\u0665',
  ]) {
    t.throws(
      () => positiveNumber(text, 'BIN_SECONDS'),
      { code: 'usage', message: /^BIN_SECONDS / },
      JSON.stringify(text),
    );
  }
  t.equal(wholeNumber('18', 'N', { lowest: 2, highest: 18 }), 18);
  for (const text of ['', '1', '19', '2.0', '2e0', '-2', '0x2']) {
    t.throws(() => wholeNumber(text, 'N', { lowest: 2, highest: 18 }), { code: 'usage' }, text);
  }
  t.end();
});

t.test('times', (t) => {
  t.same(timeArgument('2000-002', 'option -b'), { day: 1, nanosecond: 0 });
  t.throws(() => timeArgument('noon', 'option -b'), { code: 'usage', message: "option -b: 'noon' is no time" });
  t.end();
});
