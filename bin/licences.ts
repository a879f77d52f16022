/**
 * What `das2srv --licenses` says: the terms of das2srv, of the runtime in this executable, and of the packages inside. They must travel with
 * the file, which is why they are part of it; scripts/install puts them beside the configuration, too. Loaded when somebody asks.
 */
import { LICENCE_TEXTS } from './licence-texts.js';

/** The text, for a terminal or a file. */
export function licences(): string {
  const runtime = process.versions.bun === undefined ? LICENCE_TEXTS.node : LICENCE_TEXTS.bun;
  return [LICENCE_TEXTS.own, runtime, LICENCE_TEXTS.npm]
    .map((text) => Buffer.from(text, 'base64').toString('utf8'))
    .join('');
}
