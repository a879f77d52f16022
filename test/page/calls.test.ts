import { execFileSync } from 'node:child_process';
import t from 'tap';
import { calls, type DataQuestion, dataAddress } from '../../lib/page/calls.js';

const QUESTION: DataQuestion = {
  baseUrl: 'http://das.example.org/das/server',
  id: 'A/B+c',
  start: '2026-01-01',
  end: '2026-01-02T12:30',
  resolution: '',
  interval: '',
  params: '',
  ascii: false,
};

const textOf = (question: DataQuestion, name: string): string =>
  calls(question).find((call) => call.name === name)?.text ?? '';

t.test('the address', async (t) => {
  t.equal(
    dataAddress(QUESTION),
    'http://das.example.org/das/server?server=dataset&dataset=A/B%2Bc&start_time=2026-01-01&end_time=2026-01-02T12:30',
  );
  t.match(
    dataAddress({ ...QUESTION, resolution: '60', params: 'x y', ascii: true }),
    /&resolution=60&params=x%20y&ascii=1$/,
  );
  t.match(dataAddress({ ...QUESTION, interval: '3600' }), /&interval=3600$/);
});

t.test('each program', async (t) => {
  t.equal(
    textOf({ ...QUESTION, interval: '60', params: 'Ew=false -n hfr' }, 'autoplot'),
    'vap+das2server:http://das.example.org/das/server?dataset=A/B%2Bc&start_time=2026-01-01&end_time=2026-01-02T12:30&interval=60&Ew=false%20-n%20hfr',
  );
  t.notMatch(textOf({ ...QUESTION, resolution: '60' }, 'autoplot'), 'resolution', 'Autoplot finds its own');
  t.match(textOf(QUESTION, 'curl'), "curl -f -o 'B+c.d2s' 'http://");
  t.match(textOf({ ...QUESTION, ascii: true }, 'curl'), /B\+c\.d2t.*&ascii=1'$/);
  t.match(textOf(QUESTION, 'python'), `das2.read_http(\n    "${dataAddress(QUESTION)}"\n)`);
  t.notMatch(textOf({ ...QUESTION, ascii: true }, 'python'), 'ascii');
  t.match(textOf(QUESTION, 'idl'), `das2c_readhttp('${dataAddress(QUESTION)}')`);
});

t.test('words for the reader as Autoplot reads them', async (t) => {
  const words = (params: string): string => textOf({ ...QUESTION, params }, 'autoplot').split('12:30&')[1] ?? '';
  // It decodes the address once and encodes the words anew, so that a + would arrive as a character.
  t.equal(words('mag G'), 'mag%20G');
  t.equal(words(' a+b   c=3 '), 'a%2Bb%20c=3');
  t.equal(words('lfdr:ExEw'), 'lfdr:ExEw');
  t.equal(words(''), '');
});

t.test('addresses with a port, which libdas2 refuses', async (t) => {
  for (const baseUrl of [
    'http://127.0.0.1:8080/das/server',
    'https://h.example.org:8443',
    'http://[::1]:8080/das/server',
  ]) {
    const question = { ...QUESTION, baseUrl };
    t.match(textOf(question, 'python'), `das2.read_cmd(\n    'curl -fs "${dataAddress(question)}"'\n)`);
    t.match(calls(question).find(({ name }) => name === 'idl')?.hint, /without a port/);
  }
  for (const baseUrl of [
    'http://h/das/server',
    'https://h.example.org/a:80/server',
    'http://[2001:db8::1]/das/server',
  ]) {
    t.match(textOf({ ...QUESTION, baseUrl }, 'python'), 'das2.read_http(', baseUrl);
    t.equal(calls({ ...QUESTION, baseUrl }).find(({ name }) => name === 'idl')?.hint, 'With das2dlm');
  }
});

t.test('texts that would leave their quotes', async (t) => {
  const evil = `'; touch x; echo "$(id)" \`id\` \\ \n # %27 <\ud800>`;
  const question = {
    ...QUESTION,
    baseUrl: `http://h/${evil}`,
    id: evil,
    start: evil,
    end: evil,
    params: evil,
    interval: evil,
  };
  for (const { name, text } of calls(question)) {
    const inner = /https?:\/\/([^\n]*)/.exec(text)?.[1]?.replace(/['"]\)?$/, '') ?? '';
    t.notMatch(inner, /['"`\\\s<>$;()]/, name);
  }
  const words = execFileSync('/bin/sh', [
    '-c',
    `curl() { for word in "$@"; do echo "[$word]"; done; }; ${textOf(question, 'curl')}`,
  ]);
  t.equal(words.toString().trim().split('\n').length, 4, 'the shell sees four words and nothing else');
});
