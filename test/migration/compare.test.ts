/**
 * das2_srv_check --compare: two servers of the same sources, one of them played by a small server that answers as the older Python
 * server does.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { compareData, exceptionTypes } from '../../lib/check/compare-data.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { type CgiProgram, sendCgi } from '../tools/cgi-driver.js';
import { startHttpd } from '../tools/httpd-driver.js';
import { BIN, layOutOldSite, type OldSite, SURVEY } from './old-site.js';

interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}

type Change = (answer: { status: number; headers: [string, string][]; body: Buffer }, query: string) => void;

/** A server that lets our CGI program answer for a site and then changes the answer. */
async function changedServer(t: Test, site: OldSite, change: Change): Promise<string> {
  const program: CgiProgram = { command: [join(BIN, 'das2_srvcgi_main')], remove: () => {} };
  const answer = async (request: IncomingMessage) => {
    const query = request.url?.split('?')[1] ?? '';
    const { status, headers, body } = await sendCgi(program, site, { query });
    const changed = { status, headers: headers.map(([key, value]): [string, string] => [key, value]), body };
    change(changed, query);
    return changed;
  };
  const server: Server = createServer((request, response) => {
    answer(request).then(({ status, headers, body }) => {
      response.writeHead(status, headers.filter(([name]) => name !== 'Content-Length').flat());
      response.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/das/server`;
}

async function compare(t: Test, change: Change, prepare?: (site: OldSite) => void) {
  const settings = ['WORK_QUEUE_BROKER = none', 'IGNORE_REDIRECT = true', 'CACHE_ROOT =', 'TEST_FROM ='];
  const [ours, theirs] = [layOutOldSite(t, { settings }), layOutOldSite(t, { settings })];
  prepare?.(theirs);
  const other = await changedServer(t, theirs, change);
  const server = await startHttpd({ command: [join(BIN, 'das2_srv_httpd')], remove: () => {} }, ours.configurationFile);
  const url = `http://127.0.0.1:${server.port}/das/server`;
  const { spawn } = await import('node:child_process');
  const child = spawn(join(BIN, 'das2_srv_check'), ['--no-readers', '--json', '--cgi', url, '--compare', other], {
    env: { PATH: '/usr/bin:/bin', DAS2_SERVER_CONF: ours.configurationFile },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  await server.stop();
  const { findings } = JSON.parse(output) as { findings: Finding[] };
  return findings
    .filter(({ code }) => code.startsWith('compare'))
    .map((one) => ({ ...one, text: `${one.subject}: ${one.message}` }));
}

const skip = existsSync(join(BIN, 'das2_srv_check')) ? {} : { skip: 'the programs are not built (scripts/build)' };

t.test('two servers of one kind', skip, async (t) => {
  const findings = await compare(t, () => {});
  const told = findings.map(({ severity, text }) => `${severity} ${text}`);
  // The folders of the two sites differ, and this source tells its folder.
  t.match(
    told.filter((text) => !text.startsWith('note Juno/Archive')),
    [/^note comparison: 16 sources compared/],
  );
});

t.test('the ways of the older server are notes', skip, async (t) => {
  const findings = await compare(t, (answer, query) => {
    const text = answer.body.toString('latin1');
    if (query === 'server=list') answer.body = Buffer.from(text.replace('a=b', 'ab').replace(/test\/.*\r\n/g, ''));
    if (query.startsWith('server=dsdf')) {
      answer.body = Buffer.from(
        text
          .replaceAll(/[()]/g, '')
          .replace(';em.radio', '')
          .replace(/ label="/, ' label(0)="'),
        'latin1',
      );
    }
    // What no parser takes.
    if (query.includes('dataset=Juno/Filtered'))
      answer.body = Buffer.from(text.replace('String:title="Field"', ''), 'latin1');
    if (query.includes('Polar/Fce') && query.startsWith('server=dataset')) {
      answer.status = 400;
      answer.body = Buffer.from('[00]000043<exception type="BadRequest" message="no" />\n');
    }
  });
  const bad = findings.filter(({ severity }) => severity !== 'note').map(({ text }) => text);
  t.ok(bad.length > 0);
  t.ok(
    bad.every((text) => /^Juno\/Filtered: .*cannot be read/.test(text)),
    bad.join('\n'),
  );
  const notes = findings.map(({ text }) => text).join('\n');
  t.match(notes, /'Earth's bow shock, a=b .*' instead of 'Earth's bow shock, ab/);
  t.match(notes, /test\/Shown is listed by this server only/);
  t.match(notes, /Polar\/Fce: example_00 at full resolution: data instead of failure 400 BadRequest/);
  t.match(notes, /measurementType is 'phys\.efield;em\.radio' instead of 'phys\.efield'/);
});

t.test('what clients would miss', skip, async (t) => {
  const findings = await compare(
    t,
    (answer, query) => {
      if (query === 'server=list')
        answer.body = Buffer.concat([answer.body, Buffer.from('Zeus/\r\nZeus/Only|there\r\n')]);
      if (query === 'server=id') answer.body = Buffer.from('Another site\r\n');
    },
    (site) => {
      const file = join(site.dsdfRoot, `${SURVEY}.dsdf`);
      writeFileSync(file, readFileSync(file, 'utf8').replace('FIELD_GAIN=2', 'FIELD_GAIN=2.5'));
      const filtered = readFileSync(join(site.dsdfRoot, 'Juno/Filtered.dsdf'), 'utf8');
      site.writeSource('Juno/Filtered', `${filtered}readAccess = 'GROUP:juno_team'\n`);
      site.writeSource(
        'Juno/Ephemeris',
        readFileSync(join(site.dsdfRoot, 'Juno/Ephemeris.dsdf'), 'utf8').replace('Where', 'There'),
      );
    },
  );
  const told = findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, text }) => `${severity} ${text}`);
  t.match(told[0], /^warning comparison: server=id differs/);
  t.ok(told.includes('error comparison: Zeus/Only is not in the list'));
  t.ok(told.some((text) => text.startsWith(`warning ${SURVEY}: example_00 at full resolution: record 2 of 8640`)));
  t.ok(told.some((text) => text.startsWith(`warning ${SURVEY}: example_01 reduced: `)));
  t.ok(
    told.some((text) =>
      text.startsWith('error Juno/Filtered: example_00 at full resolution: data instead of password'),
    ),
  );
  t.ok(told.includes("warning Juno/Ephemeris: description: description is 'Where Juno is' instead of 'There Juno is'"));
});

const TYPES = ['little_endian_real8', 'ascii14'];
const PLANES = packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y type="ascii14" units="V" name="v"/>');
const stream = (...rows: [number, number][]): Buffer =>
  Buffer.concat([STREAM, PLANES, ...rows.map((row) => record(1, TYPES, row))]);

t.test('streams', async (t) => {
  const one = stream([1, 2], [2, 4]);
  t.equal(compareData(one, stream([1, 2], [2, 4]), false), undefined);
  t.match(compareData(one, stream([1, 2], [2, 5]), false), { kind: 'values', message: 'record 2 of 2 (2) differs' });
  t.match(compareData(one, stream([1, 2], [3, 4]), false), { kind: 'values', message: 'record 2 of 2 (2) differs' });
  t.match(compareData(one, stream([1, 2]), false), { kind: 'values', message: '2 records instead of 1' });
  t.match(compareData(one, stream([1, 2], [3, 4]), true), { kind: 'bins', message: '2 bins from 1, not 2 from 1' });
  t.match(compareData(one, stream([1, 2], [2, 5]), true), { kind: 'values' }, 'the same bins have the same values');
  const words = Buffer.concat([headerPacket('00', '<stream version="2.2"/>\n'), one.subarray(STREAM.length)]);
  t.match(compareData(words, one, false), { kind: 'form', message: /same 2 records/ });
  const renamed = Buffer.from(one.toString('latin1').replace('name="v"', 'name="w"'), 'latin1');
  t.match(compareData(one, renamed, false), {
    kind: 'values',
    message: /planes x us2000, y v V instead of x us2000, y w V/,
  });
  t.throws(() => compareData(one, one.subarray(0, -3), false));
  const [text, other] = ['<stream dataset_id="a"/>\n', '<stream dataset_id="b"/>\n'].map((xml) =>
    headerPacket('00', xml),
  );
  t.match(compareData(text ?? one, other ?? one, false), { kind: 'values', message: 'the bytes differ' }, 'QStreams');
  t.same(exceptionTypes(Buffer.from('[00]000043<exception type="BadRequest" message="no" />\n')), ['BadRequest']);
  t.same(exceptionTypes(Buffer.from('[xx]000043<exception message="no" type="A" /> type="B"')), ['A']);
  t.same(exceptionTypes(one), []);
});
