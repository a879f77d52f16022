/** Citation and license in stream headers (citation 10, CITE_STREAM_PROPS). */
import t from 'tap';
import { DigestTap } from '../../../lib/cite/digest/tap.js';
import { HeaderFilter } from '../../../lib/cite/making/stream-properties.js';
import { DAY } from '../../routes/cite/requests.js';
import { headerPacket } from '../../tools/build-stream.js';
import { type CiteSite, citeSite, digestOf, hours } from '../../tools/cite-site.js';

const ON = { CITE_STREAM_PROPS: 'yes', CITE_LICENSE: 'CC0-1.0' };

function labelsOf(bytes: Uint8Array): string | undefined {
  const tap = new DigestTap();
  tap.push(bytes);
  return tap.end().m;
}

/** The header at the front, and what is behind it. */
function parts(bytes: Buffer): { header: string; rest: Buffer } {
  const end = 10 + Number(bytes.subarray(4, 10).toString());
  return { header: bytes.subarray(10, end).toString(), rest: bytes.subarray(end) };
}

t.test('the header names citation and license; values and digests stay', async (t) => {
  const site = citeSite(t, ON);
  const { bytes } = await site.serve({ query: `server=dataset&dataset=C/Plain&${DAY}` });
  const { header, rest } = parts(bytes);
  t.match(header, /String:citation="A field \(n\.d\.\) .*\/cite\?rk=[0-9a-f]{64}"/);
  t.match(header, 'String:license="CC0-1.0"');
  t.ok(rest.equals(parts(hours()).rest));
  t.equal(digestOf(bytes), digestOf(hours()));
  t.equal(labelsOf(bytes), labelsOf(hours()));
  t.match(site.entries(), [{ state: 'ok', d2c1: digestOf(hours()) }]);
  const rk = /rk=([0-9a-f]{64})/.exec(header)?.[1] ?? '';
  t.equal(site.entries()[0]?.rk, rk);
  t.match((await site.serve({ query: `server=dataset&dataset=C/Plain&${DAY}&ascii=1` })).text, 'String:citation=');
  const reduced = await site.serve({ query: `server=dataset&dataset=C/Plain&${DAY}&resolution=7200` });
  t.match(parts(reduced.bytes).header, 'String:citation=');
});

t.test('what is not changed', async (t) => {
  const sources = {
    'C/Own': own('as I say'),
    'C/Junk': own('x').replace('show own', 'echo junk'),
    'C/Shy': `${own('x').replace('show own', 'show plain')}citable = 0\n`,
  };
  const site: CiteSite = citeSite(t, ON, sources);
  const stream = Buffer.concat([
    headerPacket('00', '<stream version="2.2"><properties String:citation="mine" title="T"/></stream>\n'),
    parts(hours()).rest,
  ]);
  site.setStream('own', stream);
  const ask = (id: string, more = '') => site.serve({ query: `server=dataset&dataset=C/${id}&${DAY}${more}` });
  const { header } = parts((await ask('Own')).bytes);
  t.match(header, 'citation="mine"');
  t.equal(header.match(/citation=/g)?.length, 1, 'what the source says stays');
  t.ok((await ask('Shy')).bytes.equals(hours()), 'a source that is not to be cited');
  t.equal((await ask('Junk')).status, 500, 'what is no stream is still refused');
  const table = await site.serve({ path: '/hapi/data', query: 'id=C/Plain&time.min=2017-01-01Z&time.max=2017-01-02Z' });
  t.notMatch(table.text, 'citation');
  const off = citeSite(t);
  t.ok((await off.serve({ query: `server=dataset&dataset=C/Plain&${DAY}` })).bytes.equals(hours()));
});

function own(title: string): string {
  return `description = '${title}'\ndas2Stream = 1\nreader = 'show own'\nvalidRange = '2017-01-01 to 2018-01-01'\n`;
}

t.test('headers in pieces, and streams without one', async (t) => {
  const filtered = (bytes: Uint8Array, size: number): Buffer => {
    const out: Buffer[] = [];
    const sink = { write: (part: Uint8Array) => void out.push(Buffer.from(part)) };
    const filter = new HeaderFilter(sink, [{ type: 'String', name: 'citation', value: 'a <b> "c"' }]);
    for (let at = 0; at < bytes.length; at += size) filter.push(bytes.subarray(at, at + size));
    filter.end();
    return Buffer.concat(out);
  };
  const whole = filtered(hours(), 1 << 20);
  t.match(parts(whole).header, 'String:citation="a &lt;b&gt; &quot;c&quot;"');
  for (const size of [1, 3, 7, 11, 100]) t.ok(filtered(hours(), size).equals(whole), `${size} bytes at a time`);
  const deflated = headerPacket('00', '<stream version="2.2" compression="deflate"/>\n');
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('['),
    Buffer.from('[00]00'),
    Buffer.from('[00]000099<stream'),
    Buffer.from('[00]00x099<stream version="2.2"/>'),
    Buffer.from('[00]900000<stream version="2.2"/>'),
    Buffer.from('<?xml version="1.0"?><stream/>'),
    headerPacket('00', 'no XML'),
    Buffer.concat([deflated, Buffer.from('xyz')]),
  ]) {
    for (const size of [1, 5, 1000]) t.ok(filtered(bytes, size).equals(bytes), bytes.toString().slice(0, 40));
  }
});
