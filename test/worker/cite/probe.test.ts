/** das2_srv_cite probe: data that are expected not to change are looked at. Test case C55 of citation 16, as far as there is a command. */
import t from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { probeSources } from '../../../lib/worker/cite/probe.js';
import { type CiteSite, citeSite, digestOf, hours } from '../../tools/cite-site.js';

const source = (reader: string, more: string): string =>
  `description = 'x'\ndas2Stream = 1\nreader = '${reader}'\nvalidRange = '2017-01-01 to 2018-01-01'\n${more}`;
const RANGE = "testRange = '2017-01-01 to 2017-01-02 UTC'\n";
const SOURCES = {
  'P/Probed': source('show plain', RANGE),
  'P/Stepped': source('show other', `${RANGE}requiresInterval = 1\ntestInterval = '60 s'\n`),
};

async function probe(site: CiteSite, ...ids: string[]) {
  const printed: string[] = [];
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const print = (text: string): void => void printed.push(text);
  const status = await probeSources({ configuration, root: site.citeRoot, json: false, print }, ids);
  return { status, text: printed.join('') };
}

t.test('C55: the first look, the same again, a change, and the same again', async (t) => {
  const site = citeSite(t, {}, SOURCES);
  t.match(await probe(site), {
    status: 0,
    text: /^P\/Probed first: .*\nP\/Stepped first: .*\n2 of \d+ sources have a testRange\n$/,
  });
  t.match(site.entries(), [
    { state: 'ok', format: 'none', d2c1: digestOf(hours()), request: /dataset=P%2FProbed.*res=native&interval=&/ },
    { state: 'ok', format: 'none', d2c1: digestOf(hours(100)), request: /dataset=P%2FStepped.*&interval=60&/ },
  ]);
  t.match(await probe(site), { status: 0, text: /Probed unchanged: .*\nP\/Stepped unchanged/ });
  t.equal(site.entries().length, 4, 'each look is logged');
  site.setStream('plain', hours(7));
  // Somebody has fetched the new data before the probe came.
  await site.serve({ query: 'server=dataset&dataset=P/Probed&start_time=2017-01-01&end_time=2017-01-02' });
  const changed = await probe(site);
  t.match(changed, {
    status: 1,
    text: /P\/Probed changed: .* differ .*The last look was at 20.*\nP\/Stepped unchanged/,
  });
  t.match(await probe(site), { status: 0, text: /P\/Probed unchanged/ }, 'it is told once');
});

t.test('sources that cannot be probed keep no other from being looked at', async (t) => {
  const site = citeSite(
    t,
    {},
    {
      ...SOURCES,
      'P/Dies': source('die', RANGE),
      'P/Moved': `rename = 'P/Probed'\ndas2Stream = 1\n${RANGE}`,
      'P/Odd': source('show plain', "testRange = 'some day'\n"),
      'P/Rubbish': 'no definition at all',
      'P/Outside': source('show plain', "testRange = '2027-01-01 to 2027-01-02'\n"),
    },
  );
  const { status, text } = await probe(site);
  t.equal(status, 1);
  t.match(text, /^P\/Dies fault: its data cannot be hashed: reader ended with status 1$/m);
  t.match(text, /^P\/Odd fault: its testRange 'some day' is not BEGIN to END$/m);
  t.match(text, /^P\/Outside fault: .*no data in this interval/m);
  t.match(text, /^P\/Probed first/m);
  t.notMatch(text, /Moved|Rubbish/);
  t.match(await probe(site, 'P/Probed'), { status: 0, text: /^P\/Probed unchanged: [^\n]*\n$/ });
  t.match(await probe(site, 'C/Plain', 'P/Nowhere', 'P/Rubbish'), {
    status: 1,
    text: /^C\/Plain fault: it has no testRange\nP\/Nowhere fault: .*\nP\/Rubbish fault: .*\n$/,
  });
});
