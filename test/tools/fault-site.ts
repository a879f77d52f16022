/**
 * A site whose sources have the fault programs of test/faults as readers, with limits short enough for tests, and what each
 * of them must come to (server-protocol 4.6.5).
 */
import { resolve } from 'node:path';
import { layOutProtocolFixture, type ProtocolFixture } from './protocol-fixture.js';

const FAULTS = resolve(import.meta.dirname, '../faults');

/** A reader of 10000 real points a day, one each 8.64 s, as an ASCII stream; a word `COUNT` makes it shorter. */
const POINTS = `count=\${3:-10000}
awk -v day="\${1%%T*}" -v count="$count" 'BEGIN {
  printf "[00]000025<stream version=\\"2.2\\" />\\n"
  body = "<packet><x type=\\"time24\\" units=\\"us2000\\" /><y type=\\"ascii10\\" units=\\"V\\" name=\\"v\\" /></packet>\\n"
  printf "[01]%06d%s", length(body), body
  for (i = 0; i < count; i++) {
    t = i * 8.64
    s = int(t + 0.0001)
    printf ":01:%sT%02d:%02d:%06.3f %9.3f\\n", day, int(s / 3600), int(s / 60) % 60, t - int(s / 60) * 60, i % 100
  }
}'
`;

/** How a fault program ends as an answer. */
export interface FaultCase {
  /** Reader with its arguments; the times that the server appends mean nothing to it. */
  readonly reader: string;
  readonly qstream?: boolean;
  /** Behind the times. */
  readonly query?: string;
  readonly status: number;
  /** Type of the exception in the body, if there is one. */
  readonly exception?: string;
  /** In the message of that exception. */
  readonly message?: RegExp;
  /** Start of the body. */
  readonly begins?: string;
  /** The answer must be seen to be incomplete. */
  readonly cut?: boolean;
}

const H = '[00]000025<stream version="2.2" />\n';

export const FAULT_CASES: Readonly<Record<string, FaultCase>> = {
  ExitsAtOnce: {
    reader: 'exit-at-once 7; exit 7',
    status: 500,
    exception: 'ServerError',
    message: /no such file: \[path\]/,
  },
  ExitsReduced: {
    reader: 'exit-at-once 7; exit 7',
    query: '&resolution=60',
    status: 500,
    exception: 'ServerError',
    message: /no such file/,
  },
  Nothing: { reader: 'nothing', status: 200, exception: 'NoDataInInterval' },
  NothingReduced: { reader: 'nothing', query: '&resolution=60&ascii=1', status: 200, exception: 'NoDataInInterval' },
  Missing: {
    reader: 'no-such-program',
    status: 500,
    exception: 'ServerError',
    message: /cannot be started \(status 127\)/,
  },
  Garbage: { reader: 'garbage', status: 500, exception: 'ServerError', message: /no stream/ },
  GarbageReduced: {
    reader: 'garbage',
    query: '&resolution=60',
    status: 500,
    exception: 'ServerError',
    message: /das2_bin_avgsec/,
  },
  HeaderThenFail: {
    reader: 'header-then-fail',
    status: 200,
    begins: H,
    exception: 'ServerError',
    message: /tape broke/,
  },
  HalfPacket: { reader: 'half-packet', status: 200, begins: `${H}[xx]0`, cut: true },
  HalfPacketReduced: {
    reader: 'half-packet',
    query: '&resolution=60&ascii=1',
    status: 200,
    exception: 'ServerError',
    message: /^tape broke \(request/,
  },
  GarbageLater: {
    reader: 'slow-packets 2 0; garbage; :',
    query: '&resolution=60',
    status: 200,
    exception: 'ServerError',
    message: /^das2_bin_avgsec: .* \(request/,
  },
  OwnException: {
    reader: 'exception-then-fail',
    status: 200,
    begins: H,
    exception: 'ServerError',
    message: /^tape broke$/,
  },
  Killed: { reader: 'killed', status: 200, begins: H, exception: 'ServerError', message: /signal SIGSEGV/ },
  Hangs: { reader: 'hang', status: 500, exception: 'ServerError', message: /no data in time/ },
  HangsLater: {
    reader: 'hang-after-header',
    status: 200,
    begins: H,
    exception: 'ServerError',
    message: /no data in time/,
  },
  ClosesOutput: {
    reader: 'close-output',
    status: 200,
    begins: H,
    exception: 'ServerError',
    message: /no data in time/,
  },
  SlowFirstByte: { reader: 'slow-first-byte 0.5; :', status: 200, begins: H },
  SlowPackets: { reader: 'slow-packets 5 0.2; :', status: 200, begins: H },
  Floods: { reader: 'flood-errors 3000000; :', status: 200, begins: H },
  TooLong: { reader: 'many-bytes 9000000; :', status: 200, begins: H, cut: true },
  QFails: {
    reader: 'exit-at-once 7; exit 7',
    qstream: true,
    status: 500,
    exception: 'ServerError',
    begins: '[00]000029<stream dataset_id',
  },
};

/** Lays out the site; sources are `Faults/<name>` and `Points`. */
export function layOutFaultSite(settings: Readonly<Record<string, string>> = {}): ProtocolFixture {
  const sources: Record<string, string> = {
    Points: 'reader = points\ndas2Stream = 1\n',
    'Faults/Forever': 'reader = forever\ndas2Stream = 1\n',
    'Faults/IgnoresTerm': `reader = 'ignore-term "$(PARAMS)"'\ndropParams = 1\ndas2Stream = 1\n`,
  };
  for (const [name, { reader, qstream }] of Object.entries(FAULT_CASES)) {
    sources[`Faults/${name}`] = `reader = '${reader}'\n${qstream === true ? 'qstream' : 'das2Stream'} = 1\n`;
  }
  const site = layOutProtocolFixture({
    sources,
    settings: {
      D2S_REDUCER: 'das2_bin_avgsec',
      D2S_TO_UTF8: 'das2_ascii',
      FIRST_BYTE_TIMEOUT: '5',
      IDLE_TIMEOUT: '3',
      MAX_OUTPUT_BYTES: '8000000',
      ...settings,
    },
  });
  site.writeProgram('points', POINTS);
  // Reached by PATH from the site's bin folder, which any account can read.
  for (const name of NAMES) site.writeProgram(name, `exec ${FAULTS}/${name} "$@"\n`);
  return site;
}

const NAMES = [
  'close-output',
  'exception-then-fail',
  'exit-at-once',
  'flood-errors',
  'forever',
  'garbage',
  'half-packet',
  'hang',
  'hang-after-header',
  'header-then-fail',
  'ignore-term',
  'killed',
  'leave-child',
  'many-bytes',
  'nothing',
  'slow-first-byte',
  'slow-packets',
];

/** The query for a source over one day. */
export function dayOf(source: string, more = ''): string {
  return `server=dataset&dataset=${source}&start_time=2017-01-01&end_time=2017-01-02${more}`;
}

/** The last exception packet of a body: type and message, unescaped. */
export function lastException(body: Buffer): { type: string; message: string } | undefined {
  const matches = [...body.toString('utf8').matchAll(/\[xx\]\d{6}<exception type="([^"]*)" message="([^"]*)" \/>\n/g)];
  const last = matches.at(-1);
  return last === undefined ? undefined : { type: last[1] ?? '', message: last[2] ?? '' };
}
