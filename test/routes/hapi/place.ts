/** A HAPI site for tests of its routes, with short ways to ask it, and what is asked most often. */
import type { Test } from 'tap';
import { layOutHapiSite } from '../../tools/hapi-site.js';
import { type Answer, inProcess } from '../../tools/in-process.js';

export const DAY = 'start=2017-01-01&stop=2017-01-02';
export const JUNE = 'start=2017-06-01&stop=2017-06-02';
export const LOG_IN = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
export const WRONG = { Authorization: `Basic ${Buffer.from('u:x').toString('base64')}` };

/** The site; `get` asks below /hapi, `json`, `ids` and `rows` give what stands in the answers. */
export function makeSite(t: Test, settings: Readonly<Record<string, string | undefined>> = {}) {
  const site = inProcess(t, layOutHapiSite(settings));
  const get = (path: string, query: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    site.ask({ path: `/hapi/${path}`, query, headers, method });
  const json = async (path: string, query: string, headers: Record<string, string> = {}) =>
    JSON.parse((await get(path, query, headers)).text);
  const ids = async (): Promise<string[]> =>
    (await json('catalog', '')).catalog.map(({ id }: { readonly id: string }) => id);
  const rows = async (query: string, headers: Record<string, string> = {}): Promise<string[]> => {
    const { text, status } = await get('data', query, headers);
    return status === 200 ? text.split('\n').slice(0, -1) : [text];
  };
  return { ...site, get, json, ids, rows };
}
