/**
 * Says in the stream header how to cite the data, and under which license they are: `String:citation` and `String:license` (citation 10). For sites that
 * want it (CITE_STREAM_PROPS): other bytes than old clients and stored files know.
 *
 * Contract: content and label digest do not depend on it. What the source says itself stays. A stream whose header cannot be
 * read, or behind whose header everything is deflated, passes as it is, like everything that is no das2 stream.
 */

import { joinBytes, latin1Bytes } from '../../bytes.js';
import type { DataQuestion } from '../../data/question.js';
import type { FilterProgram } from '../../filter/program.js';
import type { Stage } from '../../pipeline/stage/stage.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { ByteFilter, ByteSink } from '../../stream/byte-filter.js';
import { parseStreamHeader } from '../../stream/header-parser.js';
import { formatStreamHeader } from '../../stream/header-writer.js';
import { findProperty, type Properties } from '../../stream/properties.js';
import { frameHeader } from '../../stream/tag.js';
import { citedRequest } from '../delivery/cited-delivery.js';
import { datasetCitation } from '../forms/text-styles.js';
import { requestKey } from '../request-key.js';
import { metadataOf } from './source-metadata.js';

const NAME = 'das2_cite_properties';
/** Tag and length of a header packet. */
const HEAD = 10;
/** Longer ones are let go as they are, before they fill the memory. */
const LONGEST_HEADER = 64 * 1024;

/** The run with a stage that puts the properties into the header, in front of the converter. */
export function withProperties<Run extends { readonly stages: readonly Stage[] }>(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
  run: Run,
): Run {
  const metadata = metadataOf(context, question.source);
  if (question.source.kind !== 'das2' || !metadata.citable) return run;
  const { stages } = run;
  const { license } = metadata;
  const properties: Properties = [
    {
      type: 'String',
      name: 'citation',
      value: `${datasetCitation(metadata)} ${request.baseUrl}/cite?rk=${requestKey(citedRequest(question))}`,
    },
    ...(license === undefined ? [] : [{ type: 'String', name: 'license', value: license.id ?? license.url ?? '' }]),
  ];
  const program: FilterProgram = {
    name: NAME,
    help: '',
    usageStatus: 100,
    create: (_args, sink) => new HeaderFilter(sink, properties),
  };
  const stage: Stage = {
    // What comes out of it must still look like a stream.
    role: 'reducer',
    command: NAME,
    // Validators are made from the arguments of stages.
    args: properties.map(({ name, value }) => `${name}=${value}`),
    filter: async () => program,
  };
  const at = stages.findIndex(({ role }) => role === 'converter');
  return { ...run, stages: stages.toSpliced(at < 0 ? stages.length : at, 0, stage) };
}

/** Adds properties to the header at the front of a stream. */
export class HeaderFilter implements ByteFilter {
  /** What has come of the header; undefined once it has gone. */
  private held: Uint8Array | undefined = new Uint8Array(0);

  constructor(
    private readonly sink: ByteSink,
    private readonly properties: Properties,
  ) {}

  push(chunk: Uint8Array): void {
    if (this.held === undefined) {
      this.sink.write(chunk);
      return;
    }
    this.held = joinBytes(this.held, chunk);
    const length = headerLength(this.held);
    if (length === undefined || this.held.length >= length) this.release(length ?? 0);
  }

  flush(): void {}

  end(): void {
    this.release(0);
  }

  /** Lets go what was held, of which so many bytes are the header. */
  private release(length: number): void {
    const { held = new Uint8Array(0) } = this;
    this.held = undefined;
    const header = length > 0 ? this.changed(held.subarray(HEAD, length)) : undefined;
    const bytes = header === undefined ? held : joinBytes(header, held.subarray(length));
    if (bytes.length > 0) this.sink.write(bytes);
  }

  private changed(content: Uint8Array): Uint8Array | undefined {
    try {
      const header = parseStreamHeader(content);
      if (header.compressed) return undefined;
      const added = this.properties.filter(({ name }) => findProperty(header.properties, name) === undefined);
      return frameHeader('00', formatStreamHeader({ ...header, properties: [...header.properties, ...added] }));
    } catch {
      // Whoever reads the stream says what is wrong with it.
      return undefined;
    }
  }
}

const HEADER_TAG = latin1Bytes('[00]');

/** Bytes of the header packet at the front, more than are there as long as that is not known; undefined if none stands there. */
function headerLength(bytes: Uint8Array): number | undefined {
  for (let i = 0; i < Math.min(HEADER_TAG.length, bytes.length); i++) if (bytes[i] !== HEADER_TAG[i]) return undefined;
  if (bytes.length < HEAD) return HEAD;
  const digits = String.fromCharCode(...bytes.subarray(HEADER_TAG.length, HEAD));
  const length = /^\d{6}$/.test(digits) ? Number(digits) : LONGEST_HEADER + 1;
  return length > LONGEST_HEADER ? undefined : HEAD + length;
}
