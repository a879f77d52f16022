/**
 * Lets Node run the TypeScript of tests and sources: types are taken away by esbuild, nothing is checked (that is what `tsc` is for). What
 * comes out is kept in node_modules/.cache, since every test file is a process of its own and most of them need the same modules.
 *
 * Contract: loaded by `--import` (.taprc). A specifier that ends in `.js` means the `.ts` in that place where there is one.
 * What is kept is used only for the same text and the same esbuild; it may be deleted at any time.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
