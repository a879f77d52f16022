/**
 * Definitions of das1 sources as the up-converter needs them (stream-format 13.9).
 */
import t from 'tap';
import { das1Definition, das1KeywordsOf } from '../../../lib/source/definition/das1-definition.js';
import { parseDsdf } from '../../../lib/source/definition/dsdf.js';

const CONTEXT = { name: 'source', file: '/d/source.dsdf', configuration: () => undefined };

t.test('keywords without secrets, the reader as a command, the interval', (t) => {
  const dsdf =
    "form = x_multi_y\nitems = 2\nreader = 'rdr $(MODE,fast)'\nreadAccess = 'GROUP:x'\ncacheReader = '/opt/c'\nreducer = r\n" +
    "das2Stream = 0\nmode_text = 'is $(MODE,fast)'\nlabel(0) = 'a'\n";
  const definition = parseDsdf(dsdf);
  const { keywords, reader, requiresInterval } = das1Definition(definition, CONTEXT);
  t.strictSame(
    [...keywords],
    [
      ['form', 'x_multi_y'],
      ['items', '2'],
      ['mode_text', 'is fast'],
      ['label(0)', 'a'],
    ],
  );
  t.equal(reader.text, 'rdr fast');
  t.equal(requiresInterval, true);
  t.strictSame([...das1KeywordsOf(definition.entries).keys()], [...keywords.keys()]);
  t.equal(das1Definition(parseDsdf('form = x_y_z\nitems = 2\nreader = r\n'), CONTEXT).requiresInterval, false);
  t.end();
});

t.test('a definition without a reader', (t) => {
  for (const text of ['form = x_y_z\n', "form = x_y_z\nreader = ' '\n"]) {
    t.throws(() => das1Definition(parseDsdf(text), CONTEXT), {
      code: 'sourceDefinition',
      data: { detail: /no reader/ },
    });
  }
  t.end();
});
