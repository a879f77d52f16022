/** The Voyager reader: real frames where they are at hand, and frames made here with everything that can be wrong. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findings, readStream, runReader, voyagerFolder } from './run-reader.js';

/** 1979-03-01 as us2000. */
const MARCH_FIRST = (Date.UTC(1979, 2, 1) - Date.UTC(2000, 0, 1)) * 1000;

/** Lines of a frame decoded here from the label of the archive alone: bytes are counted from 1 there. */
function decodeFrame(frame: Buffer, millisecondOfDay: number) {
  return Array.from({ length: 800 }, (_, row) => {
    const record = frame.subarray(1024 * (row + 1), 1024 * (row + 2));
    const line = record[117 - 1]! * 256 + record[118 - 1]!;
    const hexadecimal = record.subarray(221 - 1, 1020).toString('hex');
    const samples = Array.from(hexadecimal, (digit) => Number.parseInt(digit, 16) - 7.5);
    return { x: MARCH_FIRST + (millisecondOfDay + (line - 1) * 60) * 1000, values: samples };
  });
}

const folder = voyagerFolder();
const options =
  folder === undefined ? { skip: 'the Voyager frames are not at hand (../shared or DAS2SRV_SHARED)' } : {};

t.test('all frames, sample by sample', options, async (t) => {
  const names = readdirSync(folder!).filter((name) => name.endsWith('.DAT'));
  const expected = names.sort().flatMap((name) => {
    const [hour, minute, second, millisecond] = /_(\d\d)-(\d\d)-(\d\d)-(\d\d\d)\.DAT$/.exec(name)!.slice(1).map(Number);
    const time = ((hour! * 60 + minute!) * 60 + second!) * 1000 + millisecond!;
    return decodeFrame(readFileSync(join(folder!, name)), time);
  });
  t.equal(expected.length, 3200);
  const run = runReader('voyager_waveform', [folder!, '1979-03-01T12:26', '1979-03-01T12:30']);
  t.equal(run.status, 0, run.errors);
  const { header, packetHeaders, records, exceptions, comments } = readStream(run.output);
  t.same(findings(run.output), []);
  t.same(exceptions, []);
  t.equal(comments, 0);
  t.equal(header.properties.find((property) => property.name === 'renderer')?.value, 'waveform');
  const plane = packetHeaders[0]?.planes[1];
  t.equal(plane?.itemCount, 1600);
  t.equal(plane?.attributes.get('yUnits'), 's');
  t.ok(Math.abs(Number(plane?.attributes.get('yTagInterval')) * 28800 - 1) < 1e-12);
  t.equal(records.length, expected.length);
  const different = records.findIndex(
    ({ x, values }, i) => x !== expected[i]!.x || values.some((value, k) => value !== expected[i]!.values[k]),
  );
  t.equal(different, -1, 'every time and every sample agree');
});

t.test('ranges cut at lines, and cross from one frame to the next', options, async (t) => {
  const read = (begin: string, end: string) =>
    readStream(runReader('voyager_waveform', [begin, end], { VOYAGER_DATA: folder! }).output);
  const label = MARCH_FIRST + (12 * 3600 + 26 * 60 + 59.956) * 1e6;
  t.same(
    read('1979-03-01T12:26:59.896', '1979-03-01T12:27:00.016').records.map((record) => record.x),
    [label - 60e3, label],
  );
  t.same(
    read('1979-03-01T12:26:59.956', '1979-03-01T12:26:59.957').records.map((record) => record.x),
    [label],
  );
  t.same(
    read('1979-03-01T12:26:59.957', '1979-03-01T12:27:00.017').records.map((record) => record.x),
    [label + 60e3],
  );
  const whole = readStream(runReader('voyager_waveform', [folder!, '1979-03-01', '1979-03-02']).output);
  t.equal(whole.records.length, 3200);
  for (const range of [
    ['1979-03-01T12:26', '1979-03-01T12:26:11.956'],
    ['1979-03-01T12:29:23.956', '1979-03-01T12:30'],
    ['2026-01-01', '2026-01-02'],
  ] as const) {
    const nothing = read(range[0], range[1]);
    t.same(nothing.records, []);
    t.equal(nothing.exceptions[0]?.type, 'NoDataInInterval');
  }
});

t.test('frames made here: missing lines, short files, files that are none', async (t) => {
  const made = mkdtempSync(join(tmpdir(), 'das2srv-voyager-'));
  t.teardown(() => rmSync(made, { recursive: true }));
  const label = (text: string) => {
    const frame = Buffer.alloc(1024 * 4);
    frame.write(text, 248, 'latin1');
    for (const [row, line] of [2, 0, 801].entries()) frame.writeUInt16BE(line, 1024 * (row + 1) + 116);
    frame.fill(0x0f, 1024 + 220, 1024 + 1020);
    return frame;
  };
  const good = label('VOYAGER-1 PWS  2/00001:00 1979-03-01T00:00:00.000Z');
  writeFileSync(join(made, 'VG1_1979-03-01_00-00-00-000.DAT'), good.subarray(0, 1024 * 4 - 7));
  writeFileSync(
    join(made, 'VG1_1979-03-01_01-00-00-000.DAT'),
    label('VOYAGER-1 PWS  2/00001:00 1979-02-31T00:00:00.000Z'),
  );
  writeFileSync(join(made, 'VG1_1979-03-01_02-00-00-000.DAT'), '');
  writeFileSync(join(made, 'VG1_1979-13-01_02-00-00-000.DAT'), good);
  writeFileSync(join(made, 'notes.txt'), 'nothing');
  const { records, comments, exceptions } = readStream(
    runReader('voyager_waveform', [made, '1979-03-01', '1979-03-02']).output,
  );
  t.equal(records.length, 1, 'line 0 and line 801 are no lines, half a record is none');
  t.equal(records[0]?.x, MARCH_FIRST + 60e3, 'the line number gives the time, not the place in the file');
  t.same(records[0]?.values.slice(0, 4), [-7.5, 7.5, -7.5, 7.5], 'high half first');
  t.equal(comments, 2, 'a comment for each file with the name of a frame that is none');
  t.same(exceptions, []);
});

t.test('folders and arguments it cannot use', async (t) => {
  const range = ['1979-03-01', '1979-03-02'];
  const missing = runReader('voyager_waveform', ['/nowhere/at/all', ...range]);
  t.equal(missing.status, 1);
  t.match(missing.errors, /VOYAGER_DATA/);
  t.notMatch(missing.errors, /nowhere/);
  t.equal(runReader('voyager_waveform', range).status, 1, 'neither word nor environment');
  t.equal(runReader('voyager_waveform', ['.', ...range, 'x']).status, 1, 'there are no options');
  t.equal(runReader('voyager_waveform', []).status, 1);
});
