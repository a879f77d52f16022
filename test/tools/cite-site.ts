/**
 * A site for tests of citations: sources on readers that print prepared streams, whole requests served in this process, and the log of
 * deliveries that they leave.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DigestTap } from '../../lib/cite/digest/tap.js';
import { type LogEntry, parseRow } from '../../lib/cite/log/row.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import type { Request } from '../../lib/request/request.js';
import { serve } from '../../lib/routes/serve.js';
import { makeServer, requestSettings } from '../../lib/server/context.js';
import { headerPacket, packetHeader, record, STREAM } from './build-stream.js';
import { type TestRequest, testRequest } from './make-test-request.js';
import { layOutProtocolFixture, type ProtocolFixture } from './protocol-fixture.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'little_endian_real4', 'little_endian_real8'];
const PLANES =
  `${X}<y name="B" type="little_endian_real4" units="nT"/>` +
  '<yscan name="spectrum" type="little_endian_real8" zUnits="V**2 m**-2" yUnits="Hz" nitems="2" yTags="1,10"/>';
/** us2000 of 2017-01-01. */
const DAY_2017 = (Date.UTC(2017, 0, 1) - Date.UTC(2000, 0, 1)) * 1000;

/** A day of hourly records of 2017-01-01; `base` is added to all values. */
export function hours(base = 0, count = 24): Buffer {
  const rows = Array.from({ length: count }, (_, hour) =>
    record(1, TYPES, [DAY_2017 + hour * 3600e6, base + hour, base + hour / 8, base - hour]),
  );
  return Buffer.concat([STREAM, packetHeader(1, PLANES), ...rows]);
}

const EXCEPTION = headerPacket('xx', '<exception type="NoDataInInterval" message="nothing there" />\n');

/** What the reader `show NAME` prints. */
const STREAMS: Readonly<Record<string, Uint8Array>> = {
  plain: hours(),
  other: hours(100),
  none: Buffer.concat([STREAM, EXCEPTION]),
  broken: Buffer.concat([hours(), Buffer.from(':99:rubbish'), hours()]),
  half: hours(0, 12),
};

const source = (reader: string, more = ''): string =>
  `description = 'A field'\ndas2Stream = 1\nreader = '${reader}'\nvalidRange = '2017-01-01 to 2018-01-01'\n${more}`;

const SOURCES: Readonly<Record<string, string>> = {
  'C/Plain': source('show plain', "hapi = yes\nreducer = 'das2_bin_avgsec'\nversion = '7'\n"),
  'C/Steps': source('show plain', 'requiresInterval = 1\n'),
  'C/None': source('show none'),
  'C/Silent': source('true'),
  'C/Broken': source('show broken'),
  'C/Dies': source('die'),
  'C/Old': "rename = 'C/Plain'\ndas2Stream = 1\n",
  'C/Closed': source('show plain', "readAccess = 'GROUP:g'\nsecurityRealm = 'My Realm'\n"),
  'C/Live': source('show plain').replace('2018-01-01', 'now'),
};

/** The content digest of a stream. */
export function digestOf(bytes: Uint8Array): string {
  const tap = new DigestTap();
  tap.push(bytes);
  return tap.end().d2c1 ?? '';
}

/** What a client sees, and what was logged meanwhile. */
export interface Served {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface ServeOptions extends TestRequest {
  /** The client leaves when it has so many bytes. */
  readonly leavesAt?: number;
  /** Called with the number of bytes of the body that have gone so far. */
  readonly during?: (bytes: number) => void;
  /** The body of the request. */
  readonly body?: string;
}

export interface CiteSite extends ProtocolFixture {
  readonly citeRoot: string;
  /** Serves a request to its end, the work behind it included. */
  serve(request: ServeOptions): Promise<Served>;
  /** All entries of the log, oldest first. */
  entries(): LogEntry[];
  /** Puts another stream in the place of one that `show` prints. */
  setStream(name: string, bytes: Uint8Array): void;
}

/** Lays out the site; it is removed when the test ends. */
export function citeSite(
  test: { teardown(clean: () => void): unknown },
  settings: Readonly<Record<string, string | undefined>> = {},
  sources: Readonly<Record<string, string>> = {},
): CiteSite {
  const site = layOutProtocolFixture({
    settings: {
      CITE_ENABLE: 'true',
      ENABLE_HAPI_SUBSYS: 'true',
      D2S_REDUCER: undefined,
      D2S_TO_UTF8: undefined,
      ...settings,
    },
    sources: { ...SOURCES, ...sources },
  });
  test.teardown(() => site.remove());
  const setStream = (name: string, bytes: Uint8Array): void => writeFileSync(join(site.root, `${name}.d2s`), bytes);
  for (const [name, bytes] of Object.entries(STREAMS)) setStream(name, bytes);
  site.writeProgram('show', `cat '${site.root}'/"$1".d2s\n`);
  site.writeProgram('die', `cat '${site.root}/plain.d2s'\nexit 1\n`);
  const citeRoot = join(site.stateRoot, 'cite');
  return {
    ...site,
    citeRoot,
    setStream,
    serve: (request) => serveOnce(site, request),
    entries: () => entriesBelow(join(citeRoot, 'log')),
  };
}

async function serveOnce(
  site: ProtocolFixture,
  { leavesAt = Number.POSITIVE_INFINITY, during = () => {}, body, ...request }: ServeOptions,
): Promise<Served> {
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const parts: Buffer[] = [];
  let status = 0;
  let headers: Record<string, string> = {};
  const received: Request = {
    ...testRequest({ settings: requestSettings(configuration), ...request }),
    ...(body !== undefined && { readBody: async () => Buffer.from(body) }),
  };
  await serve(makeServer(configuration), received, async (reply) => {
    status = reply.status;
    headers = Object.fromEntries(reply.headers);
    let count = 0;
    let gone = false;
    let aborted = false;
    const callbacks: (() => void)[] = [];
    const write = (bytes: Uint8Array): void => {
      if (gone) return;
      parts.push(Buffer.from(bytes));
      count += bytes.length;
      during(count);
      if (count < leavesAt) return;
      gone = true;
      for (const callback of callbacks) callback();
    };
    if (reply.body.kind === 'bytes') write(reply.body.bytes);
    if (reply.body.kind === 'stream') {
      await reply.body.run({
        write,
        get gone() {
          return gone;
        },
        onGone: (callback) => void callbacks.push(callback),
        abort: () => {
          aborted = true;
        },
      });
    }
    return { bytes: count, firstByteAt: Date.now(), clientGone: gone, aborted };
  });
  const all = Buffer.concat(parts);
  const bytes = headers['Content-Encoding'] === 'gzip' ? gunzipSync(all) : all;
  return { status, headers, bytes, text: bytes.toString() };
}

function entriesBelow(folder: string): LogEntry[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.seg'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .flatMap((line) => parseRow(line) ?? [])
    .sort((a, b) => (a.time < b.time ? -1 : 1));
}
