/** TASK_INVENTORY through the real worker: files are looked at, a command of the definition is asked, streams are read (browse-export 5.2, 9.4). */
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob, waitingText } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { DAY, filesSite } from '../files/files-site.js';

/** The site, and a way to have a source looked at: the code and status of the job, and the lines of its inventory without times. */
async function site(t: Test, settings = '') {
  const made = await filesSite(t, settings);
  const configuration = loadConfiguration({ file: made.at('etc/das2server.conf'), environment: {} });
  const inventory = (series: string): string[] => {
    const file = made.at(`state/inventory/cam/lev1/${series}/2020.inv`);
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, 'T'))
      : [];
  };
  const look = async (dataset: string, begin = '', end = '') => {
    const broker = await openBroker(configuration);
    const job = makeJob({ category: 'TASK_INVENTORY', fields: [dataset, begin, end], requester: 'test' });
    t.equal(await broker?.submit(waitingText(job), { repeat: true }), 'queued');
    const log = made.work();
    const [text = ''] = (await broker?.list('finished', 1)) ?? [];
    await broker?.close();
    const fields = text.split('|');
    return { code: Number(fields.at(-1)), status: fields.at(-3) ?? '', log };
  };
  return { ...made, look, inventory };
}

t.test('a series of files: whole, in part, missing, and off line', async (t) => {
  const { look, inventory, at, put, get } = await site(t);
  put('archive/images/2020.06.03/only.fits', '12345');
  t.match(await look('cam/images'), { code: 0, status: 'looked at 3 records, 2 of them new or changed' });
  t.same(inventory('images'), [
    `${DAY + 1}^offline^600`,
    `${DAY}^present^80000^4^4^^^T^`,
    `${DAY + 2}^partial^5^1^4^^^T^`,
  ]);
  t.match(await look('cam/images'), { status: /, 0 of them new/ }, 'nothing is written twice');
  rmSync(at('archive/images/2020.06.03'), { recursive: true });
  t.match(await look('cam/images', '2020-06-03', '2020-06-04'), {
    status: 'looked at 1 records, 1 of them new or changed',
  });
  t.equal(inventory('images').at(-1), `${DAY + 2}^absent^^^^^^T^`);
  const found = await (await get('/find?start=2020-06-01&stop=%2B3d&series=images&format=text')).text();
  t.match(found, '(0.076 MB)');
  t.match(found, 'Up to 2 datasets selected');
});

t.test('a command of the definition gets begin and end, and fails alone', async (t) => {
  const { look, inventory, put, at } = await site(t);
  const definition = (command: string) =>
    `description = 'x'\nreader = 'false'\ndas2Stream = 1\nbrowseProg = cam\nbrowseLevel = lev1\nvalidRange = '2020-06-01 to 2020-06-03'\nrecordInventory = '| ${command}'\n`;
  put('datasets/cam/asked.dsdf', definition('list -a'));
  put('datasets/cam/failing.dsdf', definition('exit 3;'));
  put(
    'bin/list',
    `#!/bin/sh\necho "$@" >>${at('asked')}\nprintf '${DAY}^present^7\\nnonsense\\n${DAY + 1}^absent\\n1^present^1\\n'\n`,
  );
  chmodSync(at('bin/list'), 0o755);
  t.match(await look('cam/asked'), { code: 0, status: 'looked at 2 records, 2 of them new or changed' });
  t.equal(readFileSync(at('asked'), 'utf8'), '-a 2020-06-01T00:00:00 2020-06-03T00:00:00\n');
  t.same(inventory('asked'), [`${DAY}^present^7^^^^^T^`, `${DAY + 1}^absent^^^^^^T^`]);
  t.match(await look('cam/failing'), { code: 13, status: /recordInventory failed/ });
  t.same(inventory('failing'), []);
});

t.test('a stream is read once', async (t) => {
  const { look, inventory, put, at } = await site(t);
  put(
    'datasets/cam/stream.dsdf',
    "description = 'x'\nreader = reader\nreducer = not_reducible\ndas2Stream = 1\nbrowseProg = cam\nbrowseLevel = lev1\nvalidRange = '2020-06-01 to 2020-06-04'\n",
  );
  const none = '<exception type="NoDataInInterval" message="no data here" />\n';
  put(
    'bin/reader',
    `#!/bin/sh\necho run >>${at('runs')}\nprintf '%s' '[00]000025<stream version="2.2" />\n'\ncase $1 in *06-02*|*154*) printf '[xx]%06d%s' ${none.length} '${none}';; *06-03*) exit 3;; esac\n`,
  );
  chmodSync(at('bin/reader'), 0o755);
  const first = await look('cam/stream');
  t.match(first, { code: 1, status: /1 of 3 records could not be read/ });
  t.match(inventory('stream')[0], /^7457\^present\^\d+\^\^\^\^\^T\^$/);
  t.equal(inventory('stream')[1], `${DAY + 1}^absent^^^^^^T^`);
  t.equal(inventory('stream').length, 2);
  await look('cam/stream');
  t.equal(readFileSync(at('runs'), 'utf8').trim().split('\n').length, 4, 'only what is not known is read again');
});

t.test('what cannot be looked at', async (t) => {
  const { look, put } = await site(t);
  t.match(await look('no/such'), { code: 15 });
  put(
    'datasets/cam/endless.dsdf',
    "description = 'x'\nreader = 'false'\ndas2Stream = 1\nbrowseProg = cam\nbrowseBlock = 1min\n",
  );
  t.match(await look('cam/endless'), { code: 15, status: /begin and end are needed/ });
  t.match(await look('cam/endless', '2001-01-01', '2019-01-01'), { code: 15, status: /too many for one job/ });
  t.match(await look('ALL', '2020-06-01', '2020-06-02'), { code: 0 });
});
