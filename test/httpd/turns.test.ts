/**
 * A client that takes all it can get, of an answer without an end, keeps nobody waiting.
 *
 * The reader here is always ahead of the server, which never finds nothing to read: it must take a break by itself. How often the runtime
 * does so without being asked differs, so that the executable is tested where it has been built.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BIN } from '../tools/apache.js';
import { layOutHapiSite } from '../tools/hapi-site.js';
import { httpdProgram, startHttpd } from '../tools/httpd-driver.js';
import type { ProtocolFixture } from '../tools/protocol-fixture.js';
import { type RawTarget, requestText, sendHttp } from '../tools/raw-http.js';

/** More than is sent before anybody gives up. */
const FILE_BYTES = 2 ** 40;
/** The server may be slow on a busy machine, but not as long as the endless answer lasts. */
const PATIENCE_MS = 30_000;
const QUESTIONS = 5;
const VALUES = 1000;

/** Prints records for ever, or a few of them in January, which is the example of the definition. */
const READER = `
import { writeSync } from 'node:fs';
const packet = '<packet>\\n<x type="little_endian_real8" units="us2000" />\\n<yscan nitems="${VALUES}" name="z" ' +
  'type="little_endian_real4" yTagMin="0" yTagInterval="1" yUnits="Hz" zUnits="V" />\\n</packet>\\n';
const begin = (Date.parse(process.argv[2].slice(0, 10)) - Date.UTC(2000, 0, 1)) * 1000;
const size = 12 + 4 * ${VALUES};
const block = Buffer.alloc(100 * size);
for (let at = 0; at < block.length; at += size) {
  block.write(':01:', at);
  for (let i = 0; i < ${VALUES}; i++) block.writeFloatLE(Math.sin(at + i), at + 12 + 4 * i);
}
writeSync(1, '[00]000025<stream version="2.2" />\\n[01]' + String(packet.length).padStart(6, '0') + packet);
/** Those who watch tests may have set the output not to wait. */
function write(at) {
  try {
    return writeSync(1, block, at);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}
let record = 0;
do {
  for (let at = 0; at < block.length; at += size) block.writeDoubleLE(begin + record++, at + 4);
  for (let at = 0; at < block.length; ) at += write(at);
} while (!process.argv[2].startsWith('2017-01'));
`;

const site = layOutHapiSite({ MAX_RUN_TIME: '0', MAX_OUTPUT_BYTES: '0' });
site.writeSource(
  'Examples/Endless',
  "description = 'No end'\nreader = 'endless'\ndas2Stream = 1\nhapi = yes\n" +
    "validRange = '2017-01-01 to 2018-01-01'\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n",
);
const reader = join(site.root, 'endless.mjs');
writeFileSync(reader, READER);
site.writeProgram('endless', `exec '${process.execPath}' '${reader}' "$1"`);
const file = join(site.resourcePath, 'large.bin');
closeSync(openSync(file, 'w'));
truncateSync(file, FILE_BYTES);

const executable = join(BIN, 'das2_srv_httpd');
const program = existsSync(executable) ? { command: [executable], remove: () => {} } : await httpdProgram();
const httpd = await startHttpd(program, site.configurationFile);
t.teardown(async () => {
  await httpd.stop('SIGKILL');
  program.remove();
  site.remove();
});

const DAS2 = 'server=dataset&dataset=Examples/Endless&start_time=2017-02-01&end_time=2017-02-02';
const HAPI = 'id=Examples/Endless&start=2017-02-01Z&stop=2017-02-02Z';

for (const [what, request] of Object.entries({
  'a stream as it comes': { query: DAS2 },
  'a stream that becomes text': { query: `${DAS2}&ascii=1` },
  'a stream that becomes a table': { path: '/hapi/data', query: `${HAPI}&format=json` },
  'a reduction that gives nothing for long': { query: `${DAS2}&resolution=86400` },
  'a file of the site': { path: '/static/large.bin' },
})) {
  t.test(what, { timeout: (QUESTIONS + 2) * PATIENCE_MS }, async (t) => {
    const greedy = await takeAll(t, httpd, requestText(httpd, request));
    for (let i = 0; i < QUESTIONS; i++) t.match(await answerInTime(httpd), /^Test Site/);
    const hasEnded = greedy.readableEnded || greedy.destroyed;
    t.notOk(hasEnded, 'the other one is still being answered', { log: hasEnded && logOf(site) });
  });
}

/** The end of the log, which says why an answer has ended. */
function logOf({ logPath }: ProtocolFixture): string {
  const files = readdirSync(logPath).filter((name) => name.startsWith('das2.127.0.0.1_'));
  return files.map((name) => readFileSync(join(logPath, name), 'utf8').slice(-3000)).join('\n');
}

/** What `server=id` says, or that it said nothing in time. */
function answerInTime(target: RawTarget): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('no answer in time'), PATIENCE_MS);
    const say = (text: string): void => {
      clearTimeout(timer);
      resolve(text);
    };
    sendHttp(target, { query: 'server=id' }).then(
      ({ body }) => say(body.toString()),
      (error) => say(String(error)),
    );
  });
}

/** Sends a request and takes whatever comes for as long as the test lasts; resolves when the answer has begun. */
function takeAll(test: Test, target: RawTarget, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host, () => socket.write(text));
    socket.once('data', (bytes: Buffer) => {
      test.match(bytes.toString('latin1'), /^HTTP\/1.1 200 /);
      resolve(socket);
    });
    socket.on('data', () => {});
    socket.on('error', reject);
    test.teardown(() => socket.destroy());
  });
}
