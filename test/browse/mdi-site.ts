/**
 * The fixture F1 of browse-export 15 as a server: five Doppler series with a magnetic one beside, counted from 1993 in TAI, and their
 * inventories; and a way to ask it without a web server.
 */
import { join } from 'node:path';
import type { Test } from 'tap';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import type { Reply } from '../../lib/reply/reply.js';
import { serveBrowse } from '../../lib/routes/browse/serve.js';
import { makeServer, requestSettings } from '../../lib/server/context.js';
import { type TestRequest, testRequest } from '../tools/make-test-request.js';
import { type TemporaryFolder, temporaryFolder } from '../tools/temporary-folder.js';

const HR = [
  23.399, 23.399, 30.113, 28.564, 28.564, 30.63, 29.597, 30.113, 27.014, 29.597, 30.63, 28.047, 22.883, 31.146, 28.047,
  29.597, 30.63, 30.63,
];

/** Series, its block, and records with their sizes in units of 2^20 bytes. */
const SERIES: readonly (readonly [
  name: string,
  block: string,
  records: readonly (readonly [record: number, size: number])[],
])[] = [
  ['fd_V_6h_01d', '1day', [[2472, 3.131]]],
  ['loi64_V_01d', '1day', [[2472, 46.376]]],
  [
    'vw_V_06h',
    '6hr',
    [
      [9888, 51.646],
      [9889, 51.646],
      [9890, 51.647],
    ],
  ],
  [
    'fd_V_01h',
    '1hr',
    [
      [59329, 4.16],
      [59340, 4.16],
    ],
  ],
  ['hr_Vm_bin2x2_01h', '1hr', HR.map((size, i) => [59328 + i, size])],
];

const EPOCH = "browseEpoch = 'TS_EQ t_obs 1993.01.01_00:00:00_TAI'\n";

/** A definition of a series of the fixture. */
export function mdiDefinition(series: string, block: string, more = ''): string {
  return (
    `description = 'MDI ${series}'\nreader = 'false'\ndas2Stream = 1\nbrowseProg = mdi\nbrowseLevel = lev1.5\n` +
    `browseSeries = ${series}\nbrowseBlock = ${block}\n${EPOCH}${more}`
  );
}

export interface BrowseRequest extends TestRequest {
  /** Fields of a form that is sent. */
  readonly form?: readonly (readonly [string, string])[];
}

export interface BrowseResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly bytes: Buffer;
  /** Callbacks that the answer asked to have when the client goes. */
  readonly watchers: number;
}

export interface BrowseSite {
  readonly folder: TemporaryFolder;
  readonly stateRoot: string;
  ask(request: BrowseRequest): Promise<BrowseResponse>;
  /** As `ask`, as JSON. */
  json(request: BrowseRequest): Promise<Record<string, unknown>>;
}

export interface SiteOptions {
  readonly sources?: Readonly<Record<string, string>>;
  readonly settings?: string;
  readonly withoutMdi?: boolean;
}

/** Lays out the site. */
export function mdiSite(t: Test, { sources = {}, settings = '', withoutMdi = false }: SiteOptions = {}): BrowseSite {
  const folder = temporaryFolder(t);
  folder.write('datasets/README', 'Definitions\n');
  if (!withoutMdi) {
    for (const [series, block, records] of SERIES) {
      const cadence =
        series === 'fd_V_6h_01d'
          ? "cadence = '4 / day'\nimageSize = '1024x1024'\nnominalResolution = '2 arcsec/px'\n"
          : '';
      folder.write(
        `datasets/MDI/${series}.dsdf`,
        mdiDefinition(series, block, `observable = 'doppler | Doppler'\n${cadence}`),
      );
      const lines = records.map(([record, size]) => `${record}^present^${Math.round(size * 1_048_576)}\n`);
      folder.write(`state/inventory/mdi/lev1.5/${series}/1999.inv`, lines.join(''));
    }
    folder.write(
      'datasets/MDI/fd_M_01d.dsdf',
      mdiDefinition('fd_M_01d', '1day', "observable = 'magnetic | Magnetic field'\n"),
    );
    folder.write('state/inventory/mdi/lev1.5/fd_M_01d/1999.inv', '2472^present^1000\n');
  }
  for (const [id, text] of Object.entries(sources)) folder.write(`datasets/${id}.dsdf`, text);
  const file = folder.write(
    'etc/das2server.conf',
    `DSDF_ROOT = ../datasets\nSTATE_ROOT = ../state\nSITE_NAME = Test\nLOG_PATH = ../log\n${settings}`,
  );
  folder.write('log/.keep', '');
  const configuration = loadConfiguration({ file, environment: {} });
  const server = makeServer(configuration);
  const ask = async ({ form, ...spec }: BrowseRequest): Promise<BrowseResponse> => {
    const body = Buffer.from(
      new URLSearchParams((form ?? []).map(([key, value]): [string, string] => [key, value])).toString(),
    );
    const type = form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' };
    const made = testRequest({
      settings: requestSettings(configuration),
      ...(form !== undefined && { method: 'POST' }),
      ...spec,
      headers: { ...type, ...spec.headers },
    });
    const request = {
      ...made,
      mountPath: '/das/browse',
      baseUrl: 'http://das.example.org/das/browse',
      readBody: async (limit: number) => {
        if (body.length > limit) throw new Error('too long');
        return body;
      },
    };
    let reply: Reply | undefined;
    await serveBrowse(server, request, (answer) => {
      reply = answer;
      return { bytes: 0, firstByteAt: Date.now(), clientGone: false, aborted: false };
    });
    const { bytes, watchers } = await bodyOf(reply);
    return {
      status: reply?.status,
      headers: Object.fromEntries(reply?.headers ?? []),
      text: bytes.toString(),
      bytes,
      watchers,
    };
  };
  return {
    folder,
    stateRoot: join(folder.path, 'state'),
    ask,
    json: async (request) => JSON.parse((await ask({ ...request, query: `${request.query ?? ''}&format=json` })).text),
  };
}

/** The question of B23. */
export const LISTING = 'obs=doppler&prog=mdi&level=lev1.5&start=1999.10.09_00:00&stop=1999.10.09_17:59&scale=TAI';

/** The whole body, streamed or not. */
async function bodyOf(reply: Reply | undefined): Promise<Pick<BrowseResponse, 'bytes' | 'watchers'>> {
  const { body } = reply ?? {};
  if (body?.kind === 'bytes') return { bytes: Buffer.from(body.bytes), watchers: 0 };
  const parts: Buffer[] = [];
  let watchers = 0;
  if (body?.kind === 'stream') {
    await body.run({
      write: (bytes) => void parts.push(Buffer.from(bytes)),
      gone: false,
      onGone: () => {
        watchers++;
      },
      abort: () => {},
    });
  }
  return { bytes: Buffer.concat(parts), watchers };
}
