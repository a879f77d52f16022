/** Parameters that mean nothing to a data request: who sent them is told, and the stream stays what it is. */
import t, { type Test } from 'tap';
import { inProcessSite } from '../../tools/in-process.js';

const QUERY = 'server=dataset&start_time=2017-01-01&end_time=2017-01-02';

function site(t: Test) {
  const made = inProcessSite(t, {
    sources: {
      'T/One': 'reader = stub_one\ndas2Stream = 1\nreducer = not_reducible\n',
      'T/Macro': "reader = 'stub_one $(FREQ,1) $(Gain)'\nGain = 2\ndas2Stream = 1\nreducer = not_reducible\n",
    },
  });
  made.fixture.writeProgram('stub_one', `printf '[00]000025<stream version="2.2" />\\n'`);
  return made;
}

t.test('a header and a line of the log', async (t) => {
  const { ask } = site(t);
  const plain = await ask({ query: `${QUERY}&dataset=T/One` });
  const told = await ask({ query: `${QUERY}&dataset=T/One&res=60&x%0D%0AEvil=1&FREQ=3` });
  t.equal(told.status, 200);
  t.equal(told.headers.Warning, '299 - "ignored parameters: res (resolution?), another, FREQ"');
  t.ok(told.log.includes('This request has ignored parameters: res (resolution?), another, FREQ'));
  t.same(told.bytes, plain.bytes, 'the stream is the same');
  t.equal(
    (await ask({ query: `${QUERY}&dataset=T/One&res=60`, method: 'HEAD' })).headers.Warning,
    '299 - "ignored parameters: res (resolution?)"',
  );
  const many = Array.from({ length: 20 }, (_, n) => `k${n}=1`).join('&');
  t.equal(
    (await ask({ query: `${QUERY}&dataset=T/One&${many}` })).headers.Warning,
    '299 - "ignored parameters: k0, k1, k2, k3, k4 and 15 more"',
  );
});

t.test('nothing where all is understood, or known to be sent', async (t) => {
  const { ask } = site(t);
  for (const query of [
    `${QUERY}&dataset=T/One&ascii=1&resolution=60`,
    `${QUERY}&dataset=T/One&compress=true&nitems=3&key=0&devel=1`,
    `${QUERY}&dataset=T/Macro&freq=3`,
    `${QUERY}&dataset=T/One&params~x=on&read.opts~y=off`,
  ]) {
    const { status, headers } = await ask({ query });
    t.equal(status, 200);
    t.equal(headers.Warning, undefined, query);
  }
  t.match(
    (await ask({ query: `${QUERY}&dataset=T/Macro&Freq=3` })).headers.Warning,
    'Freq',
    'macros look for lower case',
  );
});
