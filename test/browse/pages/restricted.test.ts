/** Records that are not for everybody (B52, B53). */
import t from 'tap';
import { mdiDefinition, mdiSite } from '../mdi-site.js';

const HTML = { Accept: 'text/html,application/xhtml+xml' };
const find = (query: string) => ({ path: '/find', query });

t.test('B52, B53: records that are not for everybody', async (t) => {
  const secret = mdiDefinition('secret_01d', '1day', "readAccess = 'AGE:1y6m | GROUP:g'\nsecurityRealm = 'My Realm'\n");
  const closed = mdiDefinition('closed_01d', '1day', "readAccess = 'GROUP:g'\nsecurityRealm = 'My Realm'\n");
  const { json, ask, folder } = mdiSite(t, {
    sources: { 'MDI/secret': secret, 'MDI/closed': closed },
    settings: 'USER_PASSWD = passwd\nUSER_GROUP = group\n',
    withoutMdi: true,
  });
  // The password is `p`.
  folder.write('etc/passwd', 'u:$apr1$abcdefgh$xK6CB7OEhYUgcoSTmXdjL1\n');
  folder.write('etc/group', 'g:::u\n');
  const today = Math.floor((Date.now() - Date.UTC(1993, 0, 1)) / 86_400_000);
  const years = [
    ...new Set(Array.from({ length: 800 }, (_one, i) => new Date(Date.now() - i * 86_400_000).getUTCFullYear())),
  ];
  for (const series of ['secret_01d', 'closed_01d']) {
    for (const year of years) {
      const lines = Array.from({ length: 800 }, (_one, i) => `${today - i}^present^77777777^5^10\n`);
      folder.write(`state/inventory/mdi/lev1.5/${series}/${year}.inv`, lines.join(''));
    }
  }
  const from = new Date(Date.now() - 700 * 86_400_000).toISOString().slice(0, 10);
  const to = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
  const query = `start=${from}&stop=${to}`;
  const rows = (await json(find(`${query}&series=secret_01d`))).records as {
    state: string;
    bytes: number | null;
    rec: number;
    realm?: string;
  }[];
  const states = rows.map(({ state }) => state);
  t.equal(states[0], 'present');
  t.equal(states.at(-1), 'restricted');
  t.equal(states.lastIndexOf('present') + 1, states.indexOf('restricted'), 'old ones open, newer ones not');
  t.ok(rows.every(({ state, bytes }) => (state === 'restricted') === (bytes === null)));
  t.equal(rows.at(-1)?.realm, 'My Realm');
  const page = (await ask({ ...find(`${query}&series=closed_01d&limit=3`), headers: HTML })).text;
  t.match(page, /name="sel" value="[^"]+" aria-label="closed_01d, [^"]+" data-bytes="0" disabled/);
  t.match(page, 'sign-in needed: My Realm');
  t.notMatch(page, /77 777 777|74\.1/);
  t.notMatch((await ask({ path: '/series/mdi/lev1.5/closed_01d', headers: HTML })).text, /Records present, by year/);
  const request = await ask({
    path: '/request',
    form: [
      ['all', 'on'],
      ['start', from],
      ['stop', to],
      ['series', 'closed_01d'],
    ],
    headers: HTML,
  });
  t.match(request.text, 'cannot be delivered');
  const confirm = await ask({
    path: '/export',
    form: [
      ['all', 'on'],
      ['start', from],
      ['stop', to],
      ['series', '*'],
    ],
  });
  t.equal(confirm.status, 400, 'what is missing must be confirmed');
});
