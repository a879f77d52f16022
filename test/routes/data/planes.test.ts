/** Parts of the answer to a data request: `planes`, and `csv` in place of a stream. */
import t, { type Test } from 'tap';
import { inProcess, inProcessSite } from '../../tools/in-process.js';
import { LOGO_PNG } from '../../tools/protocol-fixture.js';
import { layOutSettledSite } from '../../tools/settled-site.js';

const PLANES = '<y type="ascii8" name="a" units="V"/><y type="ascii8" name="b" units="m"/>';
const HEADER = `<packet><x type="time24" units="UTC"/>${PLANES}</packet>`;
const packet = (id: string, text: string): string => `[${id}]${String(text.length).padStart(6, '0')}${text}`;
const STREAM = packet('00', '<stream version="2.2"></stream>') + packet('01', HEADER);
const ROW = ':01:2017-01-01T00:00:00.000 1.50    2.25   ';
const QUERY = 'server=dataset&dataset=T/Two&start_time=2017-01-01&end_time=2017-01-02';

function site(t: Test, settings: Record<string, string> = {}) {
  const made = inProcessSite(t, {
    settings,
    sources: {
      'T/Two': 'reader = stub_two\ndas2Stream = 1\nreducer = not_reducible\n',
      'T/None': 'reader = stub_none\ndas2Stream = 1\nreducer = not_reducible\n',
      'T/Q': 'reader = stub_two\nqstream = 1\n',
    },
  });
  const { writeProgram } = made.fixture;
  writeProgram('stub_two', `printf '%s' '${STREAM}'; printf '%s\\n' '${ROW}'`);
  const none = '<exception type="NoDataInInterval" message="nothing" />';
  writeProgram('stub_none', `printf '%s' '${packet('00', '<stream version="2.2"></stream>')}${packet('xx', none)}'`);
  return made;
}

t.test('planes: the named ones, with x', async (t) => {
  const { ask } = site(t);
  const { status, text, headers } = await ask({ query: `${QUERY}&planes=b` });
  t.equal(status, 200);
  t.match(text, /name="b"/);
  t.notMatch(text, /name="a"/);
  t.match(text, /:01:2017-01-01T00:00:00\.000 2\.25 +\n$/);
  t.equal(headers['Content-Type'], 'application/vnd.das2.das2stream');
  const whole = (await ask({ query: QUERY })).text;
  for (const all of ['planes=', 'planes=,', 'planes=%20'])
    t.equal((await ask({ query: `${QUERY}&${all}` })).text, whole, all);
  t.match((await ask({ query: `${QUERY}&planes=b,%20a,b` })).text, /name="a".*name="b".*:01:.*1\.50 +2\.25/s);
  t.match((await ask({ query: `${QUERY}&planes=b&ascii=1` })).text, /2\.25/s);
});

t.test('planes: names that there are not, and other faults', async (t) => {
  const { ask } = site(t);
  for (const names of ['c', 'a,c']) {
    const { status, text } = await ask({ query: `${QUERY}&planes=${names}` });
    t.equal(status, 400);
    t.match(text, "planes: there is no plane 'c' in this answer; it has 'a', 'b'");
  }
  t.match((await ask({ query: `${QUERY}&planes=c&csv=1` })).status, 400);
  t.match((await ask({ query: `${QUERY}&planes=%3Cb%3E` })).text, /planes has a character/);
  t.match((await ask({ query: `${QUERY}&planes=a&planes=b` })).status, 400);
  t.match((await ask({ query: `${QUERY}&planes=${'a'.repeat(2049)}` })).text, /planes is longer than/);
  const q = await ask({ query: `${QUERY.replace('T/Two', 'T/Q')}&planes=a` });
  t.equal(q.status, 400);
  t.match(q.text, /planes is for das2 streams/);
  const none = await ask({ query: `${QUERY.replace('T/Two', 'T/None')}&planes=a` });
  t.equal(none.status, 200);
  t.match(none.text, /NoDataInInterval/);
});

t.test('csv: delimited text with a head row', async (t) => {
  const { ask } = site(t);
  const { status, text, headers } = await ask({ query: `${QUERY}&csv=1` });
  t.equal(status, 200);
  t.match(text, /^time \(UTC\),a \(V\),b \(m\)\n2017-01-01T00:00:00\.000\S*,1\.5\S*,2\.25\S*\n$/);
  t.match(headers, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="Two_2017-01-01_2017-01-02.csv"',
  });
  t.notMatch((await ask({ query: `${QUERY}&csv=1&planes=b` })).text, /a \(V\)/);
  t.equal((await ask({ query: `${QUERY}&csv=0` })).headers['Content-Type'], 'application/vnd.das2.das2stream');
  t.match((await ask({ query: `${QUERY}&csv=1&ascii=1` })).text, /give one of them/);
  t.match((await ask({ query: `${QUERY.replace('T/Two', 'T/Q')}&csv=1` })).text, /csv is for das2 streams/);
  t.match((await ask({ query: `${QUERY.replace('T/Two', 'T/None')}&csv=1` })).text, /NoDataInInterval/);
});

t.test('csv: no packet stands behind a table that breaks off, but a line that is no row', async (t) => {
  const { ask, fixture } = site(t);
  fixture.writeProgram('stub_two', `printf '%s' '${STREAM}'; printf '%s\\n' '${ROW}'; sleep 1; exit 3`);
  const { isCut, text } = await ask({ query: `${QUERY}&csv=1` });
  t.equal(isCut, true);
  t.notMatch(text, /exception/);
  // A web server that runs CGI programs ends this as it ends a whole answer.
  t.match(text, /^2017-01-01T00:00:00\.000000,1\.5\S*,2\.25\S*\nINCOMPLETE: .*\(request \w+\)\n$/m);
});

t.test('plots show planes where the data go through the plot program', async (t) => {
  const { ask, fixture } = site(t, { PNG_MAKER: 'plot', PNG_MAKER_MODE: 'filter' });
  fixture.writeProgram('plot', 'cat >/dev/null; cat "$(dirname "$0")/../static/logo.png"');
  const query = QUERY.replace('server=dataset', 'server=image');
  const { status, bytes } = await ask({ query: `${query}&planes=b` });
  t.equal(status, 200);
  t.same(Buffer.from(bytes), LOGO_PNG);
  t.match((await ask({ query: `${query}&planes=c` })).text, /there is no plane 'c'/);
  const file = site(t, { PNG_MAKER: 'plot' });
  t.match((await file.ask({ query: `${query}&planes=b` })).text, /planes cannot be chosen here/);
});

t.test('from the cache the answers of different planes have different validators', async (t) => {
  const settled = await layOutSettledSite();
  const { ask } = inProcess(t, settled);
  await settled.fill('T/Open', '2017-01-01', '2017-01-02');
  settled.date('', '2020-01-01T00:00:00Z');
  const day = 'server=dataset&dataset=T/Open&start_time=2017-01-01&end_time=2017-01-02';
  const tags = new Set<string | undefined>();
  for (const more of ['', '&planes=v', '&csv=1', '&planes=v&csv=1'])
    tags.add((await ask({ query: `${day}${more}` })).headers.ETag);
  t.equal(tags.size, 4);
  t.notOk(tags.has(undefined));
});
