/**
 * Golden folders of our own for QStreams (test/golden-own/qstream*): input, command line, expected bytes and exit status. The expected
 * bytes were computed from the rules by another program in another language.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { filterProgram } from '../../lib/filter/registry.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { cut } from '../tools/build-stream.js';

const golden = resolve(import.meta.dirname, '..', 'golden-own');

for (const name of readdirSync(golden).sort()) {
  if (!name.startsWith('qstream')) continue;
  t.test(name, async (t) => {
    const read = (file: string): Buffer => readFileSync(join(golden, name, file));
    const [command = '', ...args] = read('cmd').toString().trim().split(/\s+/);
    const program = await filterProgram(command);
    for (const size of [65536, 7, 1]) {
      const pieces: Uint8Array[] = [];
      let status = 0;
      try {
        const filter = program?.create(args, { write: (bytes) => pieces.push(Uint8Array.from(bytes)) });
        for (const piece of cut(read('input.d2s'), [size])) filter?.push(piece);
        filter?.end();
      } catch (error) {
        if (!isDas2Error(error)) throw error;
        status = error.exitStatus;
      }
      const output = Buffer.concat(pieces);
      t.equal(output.toString('latin1'), read('expected.d2s').toString('latin1'), `${size} bytes at a time`);
      t.equal(status, Number(read('exit').toString()));
      if (status === 0)
        assertValidStream(t, output, { allow: ['q-reference', 'q-text-unreadable', 'data-after-exception'] });
    }
  });
}
