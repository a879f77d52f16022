/**
 * Starts the main CGI program from its sources with the hooks of module-list-hooks.mjs; LIST_FILE is where they write. The first use
 * of the global `Buffer` is noted there as well: in the executable it costs as much as ten modules.
 */
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';

register('../tools/typescript-hooks.mjs', import.meta.url);
register('./module-list-hooks.mjs', import.meta.url, { data: { listFile: process.env.LIST_FILE } });
const { Buffer } = globalThis;
Object.defineProperty(globalThis, 'Buffer', {
  get: () => {
    appendFileSync(process.env.LIST_FILE, 'Buffer\n');
    return Buffer;
  },
});
const { main } = await import('../../cgi/srvcgi_main.ts');
process.exitCode = await main([]);
