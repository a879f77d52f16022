/**
 * The label digest `m`: a hash of all properties that describe a stream, its packets and its planes (citation 4.5). It never decides
 * whether data have changed; it adds that their labels have.
 *
 *     path|name=value      path = "stream" | STRUCTURE | STRUCTURE "/" PLANE      both counted from 1
 *
 * Contract: lines are a set, so headers that are repeated, or that differ in nothing but their id, count once. A stream whose labels fill more
 * than 4 MiB has no label digest.
 */
import { createHash } from 'node:crypto';
import type { Properties } from '../../stream/properties.js';

/** Properties that change from run to run, or that a server adds (citation and license, by `CITE_STREAM_PROPS`). */
const VOLATILE: ReadonlySet<string> = new Set([
  'creationTime',
  'pid',
  'hostname',
  'commandLine',
  'sourceId',
  'xCacheRange',
  'xCacheResolution',
  'taskSize',
  'start',
  'end',
  'serverVersion',
  'citation',
  'license',
]);

const MOST_CHARACTERS = 4 * 1024 * 1024;

export class LabelDigest {
  private readonly lines = new Set<string>();
  private room = MOST_CHARACTERS;

  /** Adds the properties that stand at a path. */
  add(path: string, properties: Properties): void {
    for (const { name, value } of properties) {
      if (VOLATILE.has(name) || this.room < 0) continue;
      const line = `${path}|${name}=${value.replace(/\s+/g, ' ').trim()}`;
      if (this.lines.has(line)) continue;
      this.lines.add(line);
      this.room -= line.length;
    }
  }

  /** 64 hexadecimal digits; undefined where there are too many labels. */
  finish(): string | undefined {
    if (this.room < 0) return undefined;
    const lines = [...this.lines].map((line) => Buffer.from(line)).sort(Buffer.compare);
    const hash = createHash('sha256');
    for (const [at, line] of lines.entries()) {
      if (at > 0) hash.update('\n');
      hash.update(line);
    }
    return hash.digest('hex');
  }
}
