/**
 * The filter programs by name.
 */
import t from 'tap';
import { FILTER_PROGRAM_NAMES, filterProgram } from '../../lib/filter/registry.js';

t.test('every program carries its own name, a usage line and an example', async (t) => {
  for (const name of FILTER_PROGRAM_NAMES) {
    const program = await filterProgram(name);
    t.equal(program?.name, name);
    t.match(program?.help, new RegExp(`^Usage: ${name}[ \\n]`), `${name}: usage`);
    t.match(program?.help, /\nExample/, `${name}: example`);
    t.ok(program?.help.endsWith('\n'));
    t.ok(
      (program?.help ?? '').split('\n').every((line) => line.length <= 100),
      `${name}: line length`,
    );
    const status = ['das2_ascii', 'das2_bin_avg', 'das2_cache_rdr'].includes(name) ? 13 : 100;
    t.equal(program?.usageStatus, status, `${name}: usage status`);
  }
});

t.test('other names are no programs of ours', async (t) => {
  for (const name of ['', 'cat', 'das2_bin_avgsec ', '../das2_ascii', 'constructor', '__proto__', 'toString']) {
    t.equal(await filterProgram(name), undefined, name);
  }
});
