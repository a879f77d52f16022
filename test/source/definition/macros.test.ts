import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { errorDetail } from '../../../lib/conf/configuration-error.js';
import { Das2Error } from '../../../lib/error.js';
import { parseDsdf } from '../../../lib/source/definition/dsdf.js';
import { type Command, MacroExpander } from '../../../lib/source/definition/macros.js';

const CONFIGURATION: Readonly<Record<string, string>> = { SERVER_ID: 'tst', PARAMS_CONF: 'conf', EMPTY: '' };

function expander(text: string, request?: Record<string, string>): MacroExpander {
  return new MacroExpander(parseDsdf(text), {
    name: 'X',
    file: '/d/X.dsdf',
    configuration: (key) => CONFIGURATION[key],
    request: request && new Map(Object.entries(request)),
  });
}

/** What a shell makes of a command: its words. */
function words(command: Command | undefined, ...args: string[]): string[] {
  const script = `set -- ${command?.text ?? ''} "$@"; for word in "$@"; do printf '%s\\n' "$word"; done`;
  const output = execFileSync('/bin/sh', ['-c', script, 'das2', ...args], {
    env: { ...process.env, ...command?.environment },
    encoding: 'utf8',
  });
  return output.split('\n').slice(0, -1);
}

t.test('look-up', async (t) => {
  const table: [text: string, request: Record<string, string> | undefined, expected: string][] = [
    ['a = $(THIS_FILE)', undefined, '/d/X.dsdf'],
    ['a = $(b)-$(b)\nb = 1', undefined, '1-1'],
    ['a = $(SERVER_ID)\nSERVER_ID = own', undefined, 'own'],
    ['a = $(SERVER_ID)', { server_id: 'evil' }, 'tst'],
    ['a = $(PARAMS,all)', undefined, 'all'],
    ['a = $(PARAMS,all)', { params: 'q' }, 'q'],
    ['a = $(PARAMS,)', undefined, ''],
    ['a = x$(PARAMS,one,two)y', undefined, 'xone,twoy'],
    ['a = $(b)\nb = $(c)\nc = $(PARAMS)', { params: 'deep' }, 'deep'],
    ['a = $(A,$(B,c))', undefined, 'c'],
    ['a = $(A,$(PARAMS))', { params: 'p' }, 'p'],
    ['a = $(EMPTY)', { empty: 'x' }, ''],
    ['a = cost $(5) $ ( $(', undefined, 'cost $(5) $ ( $('],
    ['a = $(b)\nb = 1\nsubstitutions = 0', undefined, '$(b)'],
    ['a = $(b)\nb = 1\nsubstitutions = FALSE', undefined, '$(b)'],
    ['a = $(b)\nb = 1\nsubstitutions = 1', undefined, '1'],
  ];
  for (const [text, request, expected] of table) t.equal(expander(text, request).text('a'), expected, text);
  t.equal(
    expander('readAccess = GROUP:$(GROUP,g)', { group: 'all' }).text('readAccess'),
    'GROUP:g',
    'no say in access',
  );
  t.equal(expander('recordPath = /x/$(REC)').text('recordPath'), '/x/$(REC)');
  t.equal(expander('a = 1').text('b'), undefined);
});

t.test('errors', async (t) => {
  const table: [text: string, reason: RegExp][] = [
    ['a = $(NOPE)', /X:1: a: nothing is known for the macro \$\(NOPE\)/],
    ['x = 1\na = $(a)', /X:2: a: .*50 passes/],
    ['a = $(b)\nb = $(a)', /50 passes/],
    [
      `a = $(b)$(b)\n${'bcdefghijklmnopqrstuvw'.replace(/./g, (c) => `${c} = $(${String.fromCharCode(c.charCodeAt(0) + 1)})$(${String.fromCharCode(c.charCodeAt(0) + 1)})\n`)}x = xxxxxxxx`,
      /64 kB/,
    ],
  ];
  for (const [text, reason] of table) {
    try {
      expander(text).text('a');
      t.fail(text);
    } catch (error) {
      t.ok(error instanceof Das2Error && error.code === 'sourceDefinition');
      t.match(errorDetail(error), reason);
    }
  }
  t.equal(expander('a = $(NOPE)\nb = 1').text('b'), '1', 'a fault in one value does not touch the others');
});

t.test('request text must suit', async (t) => {
  for (const params of [
    'a;b',
    '`id`',
    '$(id)',
    "it's",
    'a\nb',
    'a"b',
    '../x',
    'a..b',
    'µ',
    '<x',
    'a\\b',
    'a*',
    '[a]',
    '{a}',
    '~',
  ]) {
    t.throws(() => expander('a = $(PARAMS)', { params }).text('a'), { code: 'illegalArgument' }, params);
    t.throws(() => expander('a = $(PARAMS)', { params }).command('a'), { code: 'illegalArgument' }, params);
  }
  t.equal(expander('a = $(PARAMS)', { params: 'aZ_9 .,:+=%@/-' }).text('a'), 'aZ_9 .,:+=%@/-');
});

t.test('in commands request text is referred to', async (t) => {
  const command = expander('a = rdr $(PARAMS,all) $(SERVER_ID)', { params: 'x y' }).command('a');
  t.same(command, { text: `rdr \${DAS2_ARG_1} tst`, environment: { DAS2_ARG_1: 'x y' } });
  t.same(expander('a = rdr $(PARAMS,all)').command('a'), { text: 'rdr all', environment: {} });
  const both = expander('a = $(PARAMS)$(START_TIME)$(PARAMS)\nb = $(START_TIME)', { params: 'p', start_time: 's' });
  t.same(both.command('a')?.environment, { DAS2_ARG_1: 'p', DAS2_ARG_2: 's' });
  t.same(both.command('b')?.environment, { DAS2_ARG_2: 's' }, 'one variable for one parameter');
});

t.test('a shell sees one word inside quotes, several outside, and never syntax', async (t) => {
  const request = { params: 'x y=1' };
  const table: [command: string, words: string[]][] = [
    ['rdr $(PARAMS)', ['rdr', 'x', 'y=1', 'B']],
    ['rdr "$(PARAMS)"', ['rdr', 'x y=1', 'B']],
    ["rdr '$(PARAMS)'", ['rdr', 'x y=1', 'B']],
    ["rdr 'a $(PARAMS) b'", ['rdr', 'a x y=1 b', 'B']],
    ['rdr a$(PARAMS)b', ['rdr', 'ax', 'y=1b', 'B']],
    ['rdr "a\'$(PARAMS)\'"', ['rdr', "a'x y=1'", 'B']],
    ["rdr \\' $(PARAMS)", ['rdr', "'", 'x', 'y=1', 'B']],
    ['rdr "\\"$(PARAMS)"', ['rdr', '"x y=1', 'B']],
    ["rdr '$(OTHER)'\nOTHER = -o $(PARAMS)", ['rdr', '-o x y=1', 'B']],
    ["rdr '$(NONE,a $(PARAMS))'", ['rdr', 'a x y=1', 'B']],
    ['rdr "$(NONE,$(PARAMS))"', ['rdr', 'x y=1', 'B']],
    ['rdr "$(printf %s \'$(PARAMS)\')"', ['rdr', 'x y=1', 'B']],
    ["rdr `printf %s '$(PARAMS)'`", ['rdr', 'x', 'y=1', 'B']],
    ['rdr "$(PARAMS,)"', ['rdr', 'x y=1', 'B']],
    ["rdr '''$(PARAMS)'''", ['rdr', 'x y=1', 'B']],
  ];
  for (const [text, expected] of table) {
    t.same(words(expander(`a = ${text}`, request).command('a'), 'B'), expected, text);
  }
});

t.test('whatever the quotes, request text is never run', async (t) => {
  const piece = fc.constantFrom("'", '"', ' ', '$(PARAMS)', 'a', '\\', '(', ')', '`', '$(', '$((', 'x=', ';', '|', '#');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.stringMatching(/^[A-Za-z0-9_ .,:+=%@/-]{1,12}$/),
      (pieces, params) => {
        fc.pre(!params.includes('..') && !pieces.join('').includes('$(a') && !pieces.join('').includes('$(x'));
        const definition = parseDsdf('a = 1');
        const macros = new MacroExpander(
          { entries: new Map([['a', pieces.join('')]]), lines: definition.lines },
          { name: 'X', file: '/x', configuration: () => undefined, request: new Map([['params', `Q${params}Q`]]) },
        );
        const command = macros.command('a');
        return command !== undefined && !command.text.includes(`Q${params}Q`);
      },
    ),
  );
  t.pass();
});
