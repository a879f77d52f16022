/**
 * What a freshly packed executable is asked to do before it is packed for good. Each run notes which functions it needed, and the
 * second packing puts the byte code of those side by side, so that a start touches fewer pages (docs/architecture.md, "Start-up").
 *
 * Contract: `trainingRuns` answers the files with the notes, what matters most first. A run that does not end well is an error: an
 * executable that cannot answer these requests is not worth packing twice.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgiEnvironment } from './cgi-environment.mjs';

/** Requests that web servers pass on all the time; each is a process of its own. */
const REQUESTS = [
  ['list', { QUERY_STRING: 'server=list' }],
  ['hit', { QUERY_STRING: `server=dataset&dataset=Training/Steps&${range('2020-01-01', '2020-01-02')}&resolution=60` }],
  ['dsdf', { QUERY_STRING: 'server=dsdf&dataset=Training/Steps' }],
  ['id', { QUERY_STRING: 'server=id' }],
  ['static', { PATH_INFO: '/static/note.txt' }],
  [
    'live',
    { QUERY_STRING: `server=dataset&dataset=Training/Steps&${range('2020-01-03', '2020-01-04')}&resolution=60` },
  ],
  ['failure', { QUERY_STRING: 'server=dsdf&dataset=Training/None' }],
];

/** Filters that stand in the shell commands of many definitions. */
const FILTERS = [['das2_bin_avgsec', '-b', '2020-01-01', '3600'], ['das2_ascii']];

/** One packet a minute for four days. */
const MINUTES = 4 * 1440;

function range(begin, end) {
  return `start_time=${begin}&end_time=${end}`;
}

/** Runs `executable` in a site below `folder`; the result are the files for `--bytecode-order`. */
export function trainingRuns(executable, folder) {
  const site = layOut(folder);
  const notes = [];
  const run = (name, { program = 'das2_srvcgi_main', args = [], environment = {}, input }) => {
    const note = path.join(folder, `${name}.order`);
    const { status, stderr, error } = spawnSync(executable, args, {
      argv0: program,
      input: input ?? '',
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        DAS2_SERVER_CONF: site.configuration,
        BUN_BYTECODE_ORDER_OUT: note,
        ...environment,
      },
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(`the new executable fails as ${program} (${name}): ${error ?? stderr}`);
    return note;
  };
  // The index of the sources and the blocks of the cache are made first: what is trained is the request that finds them.
  run('warm-up', { environment: gateway({ QUERY_STRING: 'server=list' }) });
  run('blocks', { program: 'das2_srv_cache', args: ['build', 'Training/Steps', '2020-01-01', '2020-01-03', 'ALL'] });
  for (const [name, variables] of REQUESTS) notes.push(run(name, { environment: gateway(variables) }));
  for (const [program, ...args] of FILTERS) notes.push(run(program, { program, args, input: site.stream }));
  return notes;
}

function gateway(variables) {
  return cgiEnvironment({ HTTP_HOST: 'localhost', HTTP_USER_AGENT: 'training', ...variables });
}

function layOut(folder) {
  const write = (name, content) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const stream = steps();
  const file = write('steps.d2s', stream);
  for (const name of ['log', 'state', 'cache']) mkdirSync(path.join(folder, name), { recursive: true });
  write('static/note.txt', 'A file of the site.\n');
  write(
    'datasets/Training/Steps.dsdf',
    [
      'description = "Steps"',
      'das2Stream = 1',
      // The words of the request reach the command as positional parameters; this reader has no use for them.
      `reader = "cat '${file}' #"`,
      'validRange = "2020-01-01 to 2020-01-05"',
      'exampleRange_00 = "2020-01-01 to 2020-01-02"',
      'cacheLevel_00 = "60 s | daily"',
      '',
    ].join('\n'),
  );
  const configuration = write(
    'etc/das2server.conf',
    [
      'SITE_NAME = Training',
      'DSDF_ROOT = ../datasets',
      'RESOURCE_PATH = ../static',
      'LOG_PATH = ../log',
      'STATE_ROOT = ../state',
      'CACHE_ROOT = ../cache',
      '',
    ].join('\n'),
  );
  return { stream, configuration };
}

/** A das2 stream: time and one value. */
function steps() {
  const framed = (tag, xml) => `[${tag}]${String(Buffer.byteLength(xml)).padStart(6, '0')}${xml}`;
  const header = framed('00', '<stream version="2.2"/>\n');
  const packet = framed(
    '01',
    '<packet><x type="time24" units="us2000"/><y type="ascii10" group="value" units=""/></packet>\n',
  );
  const begin = Date.UTC(2020, 0, 1);
  let data = '';
  for (let minute = 0; minute < MINUTES; minute++) {
    const time = new Date(begin + minute * 60_000).toISOString().slice(0, -1).padEnd(24);
    data += `:01:${time}${(minute % 100).toFixed(3).padStart(9)}\n`;
  }
  return Buffer.from(header + packet + data);
}
