import fc from 'fast-check';
import t from 'tap';
import { errorDetail } from '../../../lib/conf/configuration-error.js';
import { Das2Error } from '../../../lib/error.js';
import { parseDsdf } from '../../../lib/source/definition/dsdf.js';

function entries(text: string): Record<string, string> {
  return Object.fromEntries(parseDsdf(text).entries);
}

t.test('values', async (t) => {
  const table: [text: string, entries: Record<string, string>][] = [
    ['a = b', { a: 'b' }],
    ['  a\t=\t b c  ', { a: 'b c' }],
    ['a = b = c', { a: 'b = c' }],
    ['a =', { a: '' }],
    ["a = ''", { a: '' }],
    ['a = ""', { a: '' }],
    ['\n; comment\n  ; another = x\na = 1\n\n', { a: '1' }],
    ['a = b ; note', { a: 'b' }],
    ["a = 'phys.flux;em.radio' ; note", { a: 'phys.flux;em.radio' }],
    ["a = 'b' # c", { a: "b' # c" }],
    ['a = b # c', { a: 'b # c' }],
    ["a = 'it''s'", { a: "it's" }],
    ['a = "say ""hi"""', { a: 'say "hi"' }],
    ["a = 'it's here'", { a: "it's here" }],
    ["a = 'the dogs' ; comment'", { a: 'the dogs' }],
    ["a = 'x' y'", { a: "x' y" }],
    ['a = \'A & B "µ"\'', { a: 'A & B "µ"' }],
    ["a = 'open", { a: 'open' }],
    ["a = 'open ; comment", { a: 'open' }],
    ["a = 'one ' + $ ; more\n'two'", { a: 'one two' }],
    ["a = 'one '+$\n'two'", { a: 'one two' }],
    ["a = 'one '$\n\n; comment\n   \n 'two ' + $\n'three' ; end\nb = 1", { a: 'one two three', b: '1' }],
    ['a = one $\ntwo', { a: 'onetwo' }],
    ["a = 'one $\n two'", { a: 'onetwo' }],
    ["a = $\n'x'", { a: 'x' }],
    ["a = '5$'", { a: '5$' }],
    ['a = 1\nb = 2\na = 3', { a: '3', b: '2' }],
    ['label(0) = x\nlabel( 1 ) = y', { 'label(0)': 'x', 'label(1)': 'y' }],
    ["a = sh -c 'x;y' ; note", { a: "sh -c 'x;y'" }],
    ["a = Saturn's rings ; the dog's", { a: "Saturn's rings" }],
    ["a = ' keep '", { a: ' keep ' }],
    ['\ufeffa = 1\r\nb = 2\rc = 3', { a: '1', b: '2', c: '3' }],
    ["a = 'x' $", { a: 'x' }],
    ["a = 'b + $' ; real", { a: 'b + $' }],
    ["a = 'b' ;$\nc = 1", { a: 'b', c: '1' }],
  ];
  for (const [text, expected] of table) {
    t.same(entries(text), expected, JSON.stringify(text));
  }
});

t.test('a key given twice keeps its first place', async (t) => {
  const warnings: string[] = [];
  const definition = parseDsdf('a = 1\nb = 2\na = 3', { name: 'X.dsdf', warn: (line) => warnings.push(line) });
  t.same([...definition.entries.keys()], ['a', 'b']);
  t.equal(definition.lines.get('a'), 3);
  t.same(warnings, ['X.dsdf:3: a was already set in line 1; this line wins']);
});

t.test('errors name the line', async (t) => {
  const table: [text: string, place: RegExp][] = [
    ['a = 1\n\nno equals', /^X\.dsdf:3: .*no '='/],
    ['a = 1\n = 2', /^X\.dsdf:2: .*no key/],
    ['nothing ; a = b', /^X\.dsdf:1: /],
    ["a = 'x' + $\n'y'\nz", /^X\.dsdf:3: /],
    ['a = \0', /^X\.dsdf: not a text file/],
  ];
  for (const [text, place] of table) {
    try {
      parseDsdf(text, { name: 'X.dsdf' });
      t.fail(text);
    } catch (error) {
      t.ok(error instanceof Das2Error && error.code === 'sourceDefinition');
      t.match(errorDetail(error), place);
      t.notMatch((error as Error).message, 'X.dsdf');
    }
  }
});

t.test('warnings', async (t) => {
  const table: [text: string, warning: RegExp][] = [
    ["a = 'open", /:1: a quote is opened/],
    ['a = b + $', /:1: a is continued, but the file ends/],
    ['a-b = 1', /:1: 'a-b' is not a key/],
  ];
  for (const [text, warning] of table) {
    const warnings: string[] = [];
    parseDsdf(text, { warn: (line) => warnings.push(line) });
    t.equal(warnings.length, 1, text);
    t.match(warnings[0], warning);
  }
});

t.test('random text gives a definition or a sourceDefinition error', async (t) => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("'", '"', '$', '+ $', ';', '=', 'a = ', "''", '\n', "' $\n", 'x(1)='),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        const { entries: found } = parseDsdf(pieces.join(''));
        return [...found].every(([key, value]) => key !== '' && !/[\n\r]/.test(value));
      } catch (error) {
        return error instanceof Das2Error && error.code === 'sourceDefinition';
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('what is written with quotes is read back', async (t) => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/[\0\r\n]/.test(text)),
      (text) => {
        const { entries: found } = parseDsdf(`a = '${text.replaceAll("'", "''")}'\nb = 1`);
        return found.get('a') === text && found.get('b') === '1';
      },
    ),
  );
  t.pass();
});

t.test('long lines of any kind take no time worth speaking of', async (t) => {
  const length = 300_000;
  for (const unit of ["'", "' ", "' $ ", '" ', ' ', '$', '+ $ ', ';', "x'", "';", '=']) {
    parseDsdf(`a = '${unit.repeat(length / unit.length)}x`);
    parseDsdf(`a = b ${unit.repeat(length / unit.length)}$`);
  }
  t.pass();
});
