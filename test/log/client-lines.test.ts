/** What a client may see of its own log, line by line (server-internals 5.2, 8.4). */
import t from 'tap';
import { clientLineMask } from '../../lib/log/client-lines.js';

/** The lines of one request, as a client sees them. */
function seen(lines: readonly string[], showsStandardError = true): string[] {
  const mask = clientLineMask(showsStandardError);
  return lines.flatMap((text, number) => mask({ time: 0, pid: 1, number, text }) ?? []);
}

t.test('commands, paths, rules and stacks are for administrators', async (t) => {
  t.same(
    seen([
      'Request abc: GET http://das.example.org/das/server/data/A?params=/x/y',
      'Source definition: /srv/das/datasets/A.dsdf',
      'Host: rack7',
      'reader: /opt/x/rdr --key=geheim 2017-01-01 2017-01-02',
      'plotMaker: draw image=/srv/state/plot.png',
      'A: readAccess: GROUP voyager has no members',
      'membership of admin could not be checked: /srv/etc/group',
      'reader: status 0, 0 bytes in, 12 bytes out (request abc)',
      'Failed (internal), request abc: TypeError',
      '    at run (/srv/das/lib/x.ts:12:3)',
      'Facts: {"path":"/srv/das/x"}',
      'Answered 500, 3 bytes in 0.001 s',
    ]),
    [
      'Request abc: GET http://das.example.org/das/server/data/A?params=/x/y',
      'Source definition: [path]',
      'reader: (command)',
      'plotMaker: (command)',
      '(for administrators)',
      '(for administrators)',
      'reader: status 0, 0 bytes in, 12 bytes out (request abc)',
      'Failed (internal), request abc: TypeError',
      'Facts: {"path":"[path]"}',
      'Answered 500, 3 bytes in 0.001 s',
    ],
  );
});

t.test('standard error is shown masked, or not at all', async (t) => {
  const lines = [
    'Request abc: GET http://h/',
    'reader: status 1, 0 bytes in, 0 bytes out',
    'Standard error of the reader:',
    'no file /data/x.dat',
    'reducer: status 0, 0 bytes in, 0 bytes out',
    'Standard error of the reducer:',
    'no input',
    'Pipeline failed; 0 bytes, first byte none, duration 0.003 s',
    'Answered 500, 3 bytes in 0.001 s',
  ];
  t.ok(seen(lines).includes('no file [path]'));
  t.equal(seen(lines).length, lines.length);
  t.same(
    seen(lines, false),
    lines.filter((line) => !/^Standard error|^no /.test(line)),
  );
});

t.test('of requests that the older server has logged only what the client knows anyway', async (t) => {
  t.same(
    seen([
      'Input',
      '   Request URL: http://das.example.org/das/server/',
      '   On Host: rack7',
      '   For Program: /das/server',
      '   For Path: ',
      '   Parameters: server=dataset&dataset=A',
      '   User Agent: curl/8',
      'Routing',
      '   Request Type: HANDLE_DSDF_DATASET',
      '   Handler: /srv/das/lib/dataset.py',
      '   Exec Cmd: rdr --key=geheim 2017-01-01',
      '  File "/srv/das/lib/dataset.py", line 3, in run',
      '    password = key',
      '   Parameters: geheim, from standard error',
      'Error handling query, return value = 3',
    ]),
    [
      'Input',
      '   Request URL: http://das.example.org/das/server/',
      '   For Path: ',
      '   Parameters: server=dataset&dataset=A',
      '   User Agent: curl/8',
      'Routing',
      '   Request Type: HANDLE_DSDF_DATASET',
      'Error handling query, return value = 3',
    ],
  );
});
