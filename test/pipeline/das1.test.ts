/**
 * A das1 source inside the process: its reader as a child, the conversion as a stage behind it (stream-format 13.9, server-protocol 4.4).
 */
import t from 'tap';
import { fromDas1Program } from '../../lib/filter/from-das1.js';
import { filterProgram } from '../../lib/filter/registry.js';
import { startPipeline } from '../../lib/pipeline/run.js';
import { das1Definition } from '../../lib/source/definition/das1-definition.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import { readStream } from '../tools/read-stream.js';

async function run(reader: string) {
  const dsdf = parseDsdf(`form = x_multi_y\nny = 1\nreader = ${reader}\n`);
  const definition = das1Definition(dsdf, { name: 'source', file: '/d/source.dsdf', configuration: () => undefined });
  const range = { begin: '2000-01-01', end: '2000-01-02' };
  const conversion = fromDas1Program({ keywords: definition.keywords, ...range });
  const pipeline = await startPipeline({
    stages: [
      { role: 'reader', command: definition.reader.text, args: [range.begin, range.end] },
      { role: 'converter', command: conversion.name, args: [] },
      { role: 'reducer', command: 'das2_bin_avgsec', args: ['10'] },
    ],
    environment: { PATH: '/usr/bin:/bin' },
    findFilter: async (name) => (name === conversion.name ? conversion : filterProgram(name)),
  });
  const pieces: Uint8Array[] = [];
  const result = await pipeline.deliver({ write: (bytes) => void pieces.push(Uint8Array.from(bytes)) });
  return { output: Buffer.concat(pieces), result };
}

const RECORD = "printf '\\000\\000\\000\\000\\077\\200\\000\\000'";

t.test('reader, conversion, reducer', async (t) => {
  const { output, result } = await run(`${RECORD} #`);
  t.equal(result.ok, true);
  t.strictSame(
    result.stages.map(({ inProcess }) => inProcess),
    [false, true, true],
  );
  t.strictSame(
    readStream(output).map(({ kind }) => kind),
    ['stream', 'packet', 'data'],
  );
});

t.test('no data, a reader that fails, a record cut short', async (t) => {
  const none = await run('true');
  t.equal(none.result.ok, true);
  t.equal(none.output.length, 0);
  const failed = await run(`sh -c "${RECORD.replaceAll('\\', '\\\\')}; exit 3"`);
  t.match(failed.result.failedStage, { role: 'reader', status: 3 });
  const cut = await run(`${RECORD}abc #`);
  t.match(cut.result.failedStage, { role: 'converter', status: 112 });
});
