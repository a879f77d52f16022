/** Starts the main CGI program from its sources with the hooks of module-list-hooks.mjs; LIST_FILE is where they write. */
import { register } from 'node:module';

register('./module-list-hooks.mjs', import.meta.url, { data: { listFile: process.env.LIST_FILE } });
const { main } = await import('../../cgi/srvcgi_main.ts');
process.exitCode = await main([]);
