/** Pages for people: a source, the tree, searching; form state, words of access, hostile texts, valid HTML (server-protocol 2.2, 3.10, 6). */
import t from 'tap';
import { inProcessSite } from '../../tools/in-process.js';
import { htmlFaults } from '../../tools/validate-html.js';

const BROWSER = { 'User-Agent': 'Mozilla/5.0' };

const RICH = `description = 'Rich source'
summary = 'All about it'
das2Stream = 1
reader = 'rdr --secret'
techContact = 'A Person <a@x.org>, B <b@x.org>'
sciContact = 'C Only, D <not an address>'
usagePolicyUrl = 'https://x.org/policy'
validRange = '2010-01-01 to now'
exampleRange_00 = '2011-01-01 to 2011-01-02 | A day'
exampleParams_00 = 'lo word'
exampleResolution_00 = 60
exampleRange_01 = '2011-02-01T12:30 to 2011-02-01T12:40'
param_00 = 'lo | Low band'
param_01 = 'hi | High \\| highest band | opt'
param_02 = '--mode fast | Two words'
item_00 = 'Bx | Field | nT'
data_01 = 'By'
readAccess = 'AGE:1y6m | GROUP:secretgroup | USER:secretuser'
`;

/** Text that would do harm in markup, attributes, addresses, shells and strings. */
const EVIL = `</title></textarea><script>alert(1)</script>"onload=x' <b> & &lt; %00 \${x} <!-- ]]> {{x}} javascript:`;
const HOSTILE = `description = "${EVIL.replaceAll('"', "'")}"
summary = "${EVIL.replaceAll('"', "'")}"
das2Stream = 1
reader = x
techContact = "<script>x</script> <a@x.org' onclick='x>, <javascript:alert(1)>"
usagePolicyUrl = "javascript:alert(1)"
exampleRange_00 = "2011-01-01 to 2011-01-02 | <img src=x onerror=alert(1)>"
exampleParams_00 = "<x> '\\" onfocus=x"
exampleInterval_00 = "<i>"
requiresInterval = 1
param_00 = "'><script>x</script> | <script>y</script>"
item_00 = "<b>x</b> | <i>y</i> | <u>"
validRange = "<b> to now"
`;

t.test('what a page tells about its source', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Rich': RICH } });
  const { status, headers, text } = await site.ask({ path: '/source/Examples/Rich.html' });
  t.equal(status, 200);
  t.equal(headers['Content-Type'], 'text/html; charset=utf-8');
  const policy = headers['Content-Security-Policy'] ?? '';
  t.match(policy, "default-src 'self'");
  t.notMatch(policy, /unsafe|\*/);
  for (const words of [
    '<h1>Rich source</h1>',
    'All about it',
    '<code>Examples/Rich</code>',
    '2010-01-01 to now',
    'Data older than 1 year 6 months are open to everybody; newer data need a user name and a password.',
    '<a href="mailto:a@x.org">A Person</a>, <a href="mailto:b@x.org">B</a>',
    'C Only, D (not an address)',
    '<a href="https://x.org/policy">',
    'High | highest band',
    '<td>nT</td>',
    'href="/das/server/source/Examples/index.html"',
    'A day',
    '2011-02-01T12:30 to 2011-02-01T12:40',
  ]) {
    t.ok(text.includes(words), words);
  }
  t.notMatch(text, /secret|reader=|readAccess|style=/);
  t.notMatch(text, /<script(?! type="module" src=")/, 'no script in the page itself');
  t.same(await htmlFaults(text), []);
});

t.test('a long description, units with codes, and the way to a citation', async (t) => {
  const long = 'Calibrated wave forms of all receivers. '.repeat(8).trim();
  const source = `description = '${long}'\ndas2Stream = 1\nreader = x\nitem_00 = 'E | Field | V!a2!n m!a-2!n'\n`;
  const sources = {
    'A/Long': source,
    'A/Away': "description = 'x'\ndas2Stream = 1\nserver = 'http://far.example.org/das/server'\n",
  };
  const site = inProcessSite(t, { sources });
  const { text } = await site.ask({ path: '/source/A/Long.html' });
  t.match(text, '<h1>A/Long</h1>', 'a text is no heading');
  t.match(text, `<p class="summary">${long}</p>`);
  t.match(text, '<td>V² m⁻²</td>');
  t.match(text, 'formaction="/das/server/data/A/Long.citation">Cite these data</button>');
  t.same(await htmlFaults(text), []);
  const away = await site.ask({ path: '/source/A/Away.html' });
  t.notMatch(away.text, /Cite these data/, 'who has the data cites them');
  const silent = inProcessSite(t, { sources, settings: { CITE_ENABLE: 'false' } });
  t.notMatch((await silent.ask({ path: '/source/A/Long.html' })).text, /Cite these data/);
});

t.test('the first example is the state without a query', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Rich': RICH, 'A/Bare': 'reader = x\n' } });
  const { text } = await site.ask({ path: '/source/Examples/Rich.html' });
  t.match(text, 'name="start_time" value="2011-01-01"');
  t.match(text, 'name="resolution" value="60"');
  t.match(text, /name="params~lo" value="on" checked/);
  t.notMatch(text, /name="params~hi" value="on" checked/);
  t.match(text, 'name="params" value="word"');
  t.match(text, /<details open>/);
  const last = await site.ask({ path: '/source/Examples/Range.html' });
  t.match(last.text, 'name="start_time" value="2017-12-31"', 'without an example the last day');
  const bare = await site.ask({ path: '/source/A/Bare.html' });
  t.match(bare.text, 'name="start_time" value=""');
  t.notMatch(bare.text, /data-draw="now"|data-call/, 'nothing to ask for');
  t.same(await htmlFaults(bare.text), []);
  const orbit = await site.ask({ path: '/source/Examples/Orbit.html' });
  t.match(orbit.text, 'name="interval" value="60" required');
  t.notMatch(orbit.text, 'name="resolution"');
  t.match(orbit.text, 'data-needs-interval="1"');
});

t.test('the query is the state', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Rich': RICH } });
  const page = async (query: string) => (await site.ask({ path: '/source/Examples/Rich.html', query })).text;
  const text = await page(
    'start_time=2011-03-01&end_time=2011-03-02T12:00&resolution=5.5&params~hi=on&params=--mode+fast+x&ascii=1',
  );
  t.match(text, 'name="start_time" value="2011-03-01"');
  t.match(text, 'name="end_time" value="2011-03-02T12:00"');
  t.match(text, 'name="resolution" value="5.5"');
  t.match(text, /name="params~hi" value="on" checked/);
  t.match(text, /name="params~--mode fast" value="on" checked/);
  t.match(text, 'name="params" value="x"');
  t.match(text, '<option value="1" selected>');
  t.match(text, 'resolution=5.5&amp;params=--mode%20fast%20x%20hi&amp;ascii=1', 'the calls have it too');
  t.notMatch(text, 'role="alert"');
  const other = await page('time.min=2011-03-01&time.max=2011-03-02&time.res=7');
  t.match(other, 'name="start_time" value="2011-03-01"', 'other spellings are understood');
  t.match(other, 'name="resolution" value="7"');
  t.same(await htmlFaults(text), []);
});

t.test('what is wrong with a query is said on the page', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Rich': RICH } });
  const END = 'end_time=2011-03-02';
  for (const [id, query, field, message] of [
    ['Rich', `start_time=x&${END}`, 'start_time', '“Begin (UTC)” is not a time: '],
    ['Rich', `time.min=x&time.max=2011-03-02`, 'start_time', '“Begin (UTC)” is not a time: '],
    [
      'Rich',
      'start_time=2011-03-02&end_time=2011-03-01',
      'end_time',
      '“End (UTC)” must be later than “Begin (UTC)”; they',
    ],
    ['Rich', 'start_time=2011-03-02', 'end_time', '“End (UTC)” is missing.'],
    ['Rich', `start_time=2011&${END}&resolution=-1`, 'resolution', '“Resolution in seconds” must not be negative.'],
    ['Rich', `start_time=2011&${END}&interval=0`, 'resolution', '“Resolution in seconds” must be greater than zero.'],
    ['Rich', `start_time=2011&${END}&params=%60x%60`, 'params', '“Words for the reader” has a character or sequence'],
    ['Rich', `start_time=2011&${END}&params~a%3Bb=on`, 'params', '“Words for the reader” has a character or sequence'],
    [
      'Rich',
      'start_time=2011&start_time=2012&end_time=2013',
      undefined,
      'The parameter start_time is given twice with',
    ],
    [
      'Rich',
      'start_time=2011&time.min=2012&end_time=2013',
      undefined,
      'Start_time and time.min mean the same parameter',
    ],
    ['Orbit', 'start_time=2017-01-01&end_time=2017-01-02', 'interval', '“Interval in seconds” is missing.'],
    ['Orbit', 'start_time=2017-01-01&end_time=2017-01-02&resolution=abc', 'interval', '“Interval in seconds” is not a'],
  ] as const) {
    const { status, text } = await site.ask({ path: `/source/Examples/${id}.html`, query });
    t.equal(status, 200, query);
    t.ok(text.includes(message), message);
    t.equal(/role="alert"/.test(text), field === undefined, 'a field says itself what is wrong');
    const marked = [...text.matchAll(/ name="(\w+)" [^>]*aria-describedby="([^"]*)" aria-invalid="true" autofocus>/g)];
    t.same(
      marked.map(([, name, described]) => [name, described]),
      field === undefined ? [] : [[field, `${field}-problem ${field}-hint`]],
    );
    if (field !== undefined) t.match(text, `<small class="fault" id="${field}-problem">`);
    if (field === 'params') t.match(text, '<details open>', 'and can be seen');
    t.match(text, 'data-draw="asked"', 'and nothing is asked of the server');
    t.same(await htmlFaults(text), []);
  }
});

t.test('a download that the form does not allow leads back to it', async (t) => {
  const site = inProcessSite(t, {
    sources: { 'Examples/Rich': RICH, 'A/Macro': "reader = 'x $(word)'\ndas2Stream = 1\n" },
  });
  const good = 'start_time=2011-01-01&end_time=2011-01-02&on_fault=page';
  const go = (path: string, query: string) => site.ask({ path: `/data/${path}`, query, headers: BROWSER });
  const back = await go('Examples/Rich', 'start_time=x&end_time=2011-03-02&on_fault=page&params~hi=on');
  t.equal(back.status, 303);
  t.equal(
    back.headers.Location,
    'http://das.example.org/das/server/source/Examples/Rich.html?start_time=x&end_time=2011-03-02&params~hi=on',
  );
  for (const words of ['params=%60x%60', 'params=%27', 'resolution=x', 'params~a%3Bb=on'])
    t.equal((await go('Examples/Rich', `${good}&${words}`)).status, 303, words);
  const plain = await go('Examples/Rich', 'start_time=x&end_time=2011-03-02');
  t.equal(plain.status, 400, 'who does not come from the form is told here');
  t.match(plain.text, 'start_time is not a time');
  t.equal((await go('Examples/Nope', good)).status, 404, 'no source, no form');
  t.equal((await go('Examples/Nope', good.replace('2011-01-01', 'x'))).status, 404);
  t.equal((await go('A/Macro', `${good}&word=%60x%60`)).status, 400, 'what the form cannot tell is told here');
  t.equal((await go('Examples/Rich', `${good}&start_time=x&params=${'y'.repeat(1100)}`)).status, 400, 'too long');
  const { text } = await site.ask({ path: '/source/Examples/Rich.html' });
  t.match(text, /formaction="\/das\/server\/data\/Examples\/Rich" name="on_fault" value="page"/);
});

t.test('protected sources ask for nothing before their reader does', async (t) => {
  const site = inProcessSite(t);
  const draw = async (query?: string) => {
    const { text } = await site.ask({ path: '/source/Examples/Secret.html', ...(query !== undefined && { query }) });
    return /data-draw="(\w+)"/.exec(text)?.[1];
  };
  t.equal(await draw(), 'asked');
  t.equal(await draw('start_time=2017-01-01&end_time=2017-01-02'), 'now');
  t.match((await site.ask({ path: '/source/Examples/Secret.html' })).text, 'All data need a user name and a password.');
  const shut = "reader = x\ndas2Stream = 1\nreadAccess = 'GROUP:g'\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n";
  const { ask } = inProcessSite(t, { sources: { 'A/Shut': shut } });
  const note = '<p class="note" data-of-query="1">Some or all of these data need';
  t.match((await ask({ path: '/source/A/Shut.html' })).text, note, 'why the plot is empty');
  t.notMatch(
    (await ask({ path: '/source/A/Shut.html', query: 'start_time=2017-01-01&end_time=2017-01-02' })).text,
    note,
  );
});

t.test('sources that are elsewhere, moved, missing or of another kind', async (t) => {
  const site = inProcessSite(t, {
    sources: {
      'Examples/Rich': RICH,
      'Examples/Rich.html': "description = 'Named like a page'\nreader = x\ndas2Stream = 1\n",
      'Examples/index': "description = 'Called index'\nreader = x\ndas2Stream = 1\n",
      'A/Evil': "server = 'javascript:alert(1)'\nreader = x\n",
    },
  });
  const far = await site.ask({ path: '/source/Examples/Far.html' });
  t.match(far.text, 'The data are at another server: <a href="http://far.example.org/das/server">');
  t.notMatch(far.text, /formaction|data-draw/);
  t.same(await htmlFaults(far.text), []);
  const far2 = await site.ask({
    path: '/source/Examples/Far.html',
    query: 'start_time=2017-01-01&end_time=2017-01-02',
  });
  t.match(far2.text, 'das2c_readhttp(&#39;http://far.example.org/das/server?server=dataset');
  t.notMatch((await site.ask({ path: '/source/A/Evil.html' })).text, /(?:href|data-base)="javascript/);
  const old = await site.ask({ path: '/source/Examples/Old.html', query: 'start_time=2017-01-01' });
  t.equal(old.status, 301);
  t.equal(old.headers.Location, 'http://das.example.org/das/server/source/Examples/Random.html?start_time=2017-01-01');
  const qstream = await site.ask({ path: '/source/Examples/Qs.html' });
  t.match(qstream.text, 'QStreams');
  t.notMatch(qstream.text, 'data-draw');
  t.match(
    (await site.ask({ path: '/source/Examples/Rich.html' })).text,
    'Named like a page',
    'a source goes before a page',
  );
  t.match((await site.ask({ path: '/source/Examples/Rich.html.html' })).headers['Content-Type'], 'text/html');
  t.match((await site.ask({ path: '/source/Examples/index.html' })).text, 'Called index');
  for (const path of [
    '/source/Examples/Nope.html',
    '/source/.html',
    '/source/_dirinfo_.html',
    '/source/Nope/index.html',
  ]) {
    const answer = await site.ask({ path, headers: BROWSER });
    t.equal(answer.status, 404, path);
    t.equal(answer.headers['Content-Type'], 'text/plain; charset=utf-8');
    t.match((await site.ask({ path })).text, '[xx]', 'das2 framing for programs');
  }
});

t.test('documents for programs stay what they are, for every client', async (t) => {
  const site = inProcessSite(t);
  for (const path of [
    '/source',
    '/source/',
    '/source/Examples/',
    '/source/Examples/Random',
    '/source/Examples/Random.json',
  ]) {
    for (const headers of [{}, BROWSER, { ...BROWSER, Accept: 'text/html' }]) {
      t.match((await site.ask({ path, headers })).headers['Content-Type'], 'application/json', path);
    }
  }
});

t.test('the tree', async (t) => {
  const site = inProcessSite(t, {
    sources: {
      'Examples/Rich': RICH,
      'Examples/Deep/er/Source': "description = 'Deep down'\nreader = x\n",
      'Closed/_dirinfo_': "description = 'Not for the tree'\nbrowse = no\n",
      'Closed/S': 'reader = x\n',
      Top: 'reader = x\n',
      'One/S': 'reader = x\n',
    },
  });
  const root = await site.ask({ path: '/source/index.html' });
  t.equal(root.status, 200);
  t.match(root.text, '<a href="/das/server/source/Examples/index.html">Examples</a>');
  t.match(root.text, 'Example data sources');
  t.match(root.text, /<small>1 source<\/small>/);
  t.match(root.text, 'href="/das/server/source/Top.html"');
  t.notMatch(root.text, /Closed|Void/);
  t.same(await htmlFaults(root.text), []);
  const folder = await site.ask({ path: '/source/Examples/index.html' });
  t.match(folder.text, '<a href="/das/server/source/Examples/Random.html">Random</a>');
  t.match(folder.text, 'href="/das/server/source/Examples/Deep/index.html"');
  t.notMatch(folder.text, /Hid\b|Old\.html|Deep down/);
  t.same(await htmlFaults(folder.text), []);
  t.equal((await site.ask({ path: '/source/Closed/index.html' })).status, 200, 'who knows it may look');
  const deep = await site.ask({ path: '/source/Examples/Deep/er/index.html' });
  t.match(deep.text, 'Deep down');
  t.match(deep.text, 'href="/das/server/source/Examples/Deep/index.html"');
});

t.test('finding', async (t) => {
  const site = inProcessSite(t, {
    sources: { 'Examples/Deep/Source': "description = 'Deep DOWN here'\nreader = x\n" },
  });
  const find = async (words: string, folder = '') =>
    (await site.ask({ path: `/source/${folder}index.html`, query: `find=${encodeURIComponent(words)}` })).text;
  t.match(await find('down deep'), 'href="/das/server/source/Examples/Deep/Source.html"');
  t.match(await find('down deep'), '1 source found');
  t.match(await find('down deep', 'Examples/'), 'Examples/Deep/Source');
  t.match(await find('random', 'Plain/'), '0 sources found');
  const evil = await find(EVIL);
  t.match(evil, '0 sources found');
  t.notMatch(evil, /<script>|<b>/);
  t.same(await htmlFaults(evil), []);
});

t.test('hostile texts stay texts', async (t) => {
  const site = inProcessSite(t, {
    settings: {
      SITE_NAME: `"<script>x</script> & 'y'"`,
      SERVER_ID: `"<b>"`,
      CONTACT_EMAIL: `"<script>&#64;x.org"`,
      CONTACT_URL: `"javascript:alert(1)"`,
      DAS23_PROTOTYPE: 'true',
      SAMPLE_DSDF: `"A/Hostile"`,
      SAMPLE_START: `"<i>"`,
      SAMPLE_END: `"'>"`,
      PNG_MAKER: 'x',
    },
    sources: { 'A/Hostile': HOSTILE, 'A/_dirinfo_': `description = "${EVIL.replaceAll('"', "'")}"\n` },
  });
  const query = `start_time=${encodeURIComponent(EVIL)}&end_time=%22%3E%3Cscript%3E&interval=${encodeURIComponent(EVIL)}&params=${encodeURIComponent(EVIL)}`;
  for (const request of [
    { path: '/' },
    { path: '/source/index.html' },
    { path: '/source/A/index.html' },
    { path: '/source/A/Hostile.html' },
    { path: '/source/A/Hostile.html', query },
  ]) {
    const { status, text } = await site.ask(request);
    t.equal(status, 200, request.path);
    t.notMatch(text, /<script(?! type="module" src="\/das\/server\/static\/)/);
    t.notMatch(text, /<(?:b|i|u)[ >]|<img (?!src="\/das\/server\/static\/logo\.png")/);
    t.notMatch(
      text,
      /(?:href|action|formaction|src)="(?!\/das\/server|#main|http:\/\/das\.example\.org|mailto:[\w.]+@)/,
    );
    t.same(await htmlFaults(text), []);
  }
});
