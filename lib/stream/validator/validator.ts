/**
 * The validator: reads any das2 stream or QStream and reports every departure from the stream format (stream-format 13.13).
 *
 * Contract
 * - Pure: bytes are pushed in, `end` gives the report. It never throws because of its input, holds no more than the largest packet,
 *   the definitions of packet types and a bounded number of findings, and goes on after a fault only where the framing is still known.
 * - What is checked stands in rules.ts. Framing is cut in framing.ts, the documents are checked in headers.ts, plane.ts, messages.ts
 *   and qstream.ts, the values in records.ts.
 *
 * It serves `das2_valid`, the tests, and everyone who wants to know that bytes are a stream before keeping them.
 */
import { HEADERS_LIMIT } from '../header-limits.js';
import { isDas3Header } from '../header-parser.js';
import { RECORD_LIMIT } from '../tag.js';
import { formatTime, timeFromUs2000 } from '../time.js';
import type { XmlElement } from '../xml.js';
import { Findings, type Place, type Report, type StreamSummary } from './findings.js';
import { type DocumentKind, PacketSplitter, type PacketVisitor, type PlacedRun } from './framing.js';
import { checkPacketHeader, checkStreamHeader, type StreamFacts } from './headers.js';
import { MessageChecker } from './messages.js';
import { QStreamChecker } from './qstream.js';
import { RecordChecker, type TimeSpan } from './records.js';
import { fingerprint, parseDocument } from './xml.js';

export interface ValidatorOptions {
  /** Check what Autoplot's reader insists on as well (stream-format 17). */
  readonly strict?: boolean;
  /** Findings kept per rule, the others are counted; 10 without it. */
  readonly findingsPerRule?: number;
}

export interface Validator {
  /** Takes the next bytes; keeps no reference to them. */
  push(chunk: Uint8Array): void;
  /** Says that the stream ends here, and gives what was found. */
  end(): Report;
}

/** A validator for one stream. */
export function validateStream(options: ValidatorOptions = {}): Validator {
  return new StreamValidator(options);
}

/** One packet type as its last header defines it. */
interface PacketType {
  /** Undefined when the header cannot be used. */
  readonly size: number | undefined;
  readonly mark: string;
  readonly planes: number;
  readonly checker: RecordChecker | undefined;
}

const NO_FACTS: StreamFacts = { version: '', deflated: false, properties: [] };

class StreamValidator implements Validator, PacketVisitor {
  private readonly findings: Findings;
  private readonly splitter: PacketSplitter;
  private readonly messages: MessageChecker;
  private readonly qstream: QStreamChecker;
  private family: 'das2' | 'qstream' | 'unknown' = 'unknown';
  private started = false;
  private disordered = false;
  private facts = NO_FACTS;
  private readonly types = new Map<number, PacketType>();
  private readonly counts = new Map<number, number>();
  private readonly span: TimeSpan = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  private report: Report | undefined;

  constructor(options: ValidatorOptions) {
    this.findings = new Findings({ strict: options.strict === true, limit: options.findingsPerRule ?? 10 });
    this.splitter = new PacketSplitter(this, this.findings);
    this.messages = new MessageChecker(() => (this.family === 'qstream' ? 'qstream' : 'das2'), this.findings);
    this.qstream = new QStreamChecker(this.findings);
  }

  push(chunk: Uint8Array): void {
    if (this.report === undefined) this.splitter.push(chunk);
  }

  end(): Report {
    if (this.report === undefined) {
      this.splitter.end();
      if (this.family === 'qstream') this.qstream.end();
      this.report = this.findings.report(this.summary());
    }
    return this.report;
  }

  recordSize(id: number): number | string {
    const type = this.types.get(id);
    if (type === undefined) return `there is no packet header ${id} before this data packet`;
    return type.size ?? `packet header ${id} does not say how long its records are`;
  }

  document(kind: DocumentKind, id: number, content: Uint8Array, place: Place): boolean {
    if (kind !== 'stream' && !this.started) this.outOfOrder(place);
    if (content[content.length - 1] !== 0x0a) {
      this.findings.add('content-newline', place, 'the content of the packet does not end with a newline');
    }
    // A header that cannot be used takes the old definition with it.
    const old = kind === 'packet' ? this.types.get(id) : undefined;
    const mark = kind === 'packet' ? fingerprint(content) : '';
    if (kind === 'packet') this.types.set(id, { size: undefined, mark, planes: 0, checker: undefined });
    const root = parseDocument(content, place, this.findings);
    if (kind === 'stream' && root === undefined) this.started = true;
    if (root === undefined) return false;
    if (kind === 'stream') return this.streamHeader(root, place);
    if (kind === 'message') this.messages.check(root, place);
    else this.packetHeader(id, root, place, { mark, old });
    return false;
  }

  records(id: number, run: PlacedRun): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + run.count);
    const place = { offset: run.streamOffset, packet: idLabel(id) };
    this.messages.records(place);
    const type = this.types.get(id);
    if (type?.size === 0)
      this.findings.add('q-inline-records', place, 'a data packet of a type whose data are in its descriptor');
    else type?.checker?.check(run);
  }

  skipped(id: number, place: Place): void {
    this.messages.records(place);
    if (this.types.has(id)) this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  private outOfOrder(place: Place): void {
    if (this.disordered) return;
    this.disordered = true;
    this.findings.add('header-first', place, 'the packet stands before the stream header');
  }

  private streamHeader(root: XmlElement, place: Place): boolean {
    const { findings } = this;
    const again = this.started;
    this.started = true;
    if (again) {
      // Legal in a QStream, which may be a concatenation.
      if (this.family !== 'qstream') findings.add('second-stream-header', place, 'a second stream header');
      return false;
    }
    if (root.name === 'exception') {
      findings.add('exception-as-header', place, 'the stream header packet holds an exception');
      this.messages.check(root, place);
    } else if (root.name !== 'stream') {
      findings.add('root-element', place, () => `the stream header has the root element <${root.name.slice(0, 40)}>`);
    } else if (root.attributes.has('dataset_id')) {
      this.family = 'qstream';
      this.qstream.header(root, place);
    } else if (isDas3Header(root)) {
      findings.add('das3-stream', place, 'the stream header is one of das 3');
      this.splitter.stopHere();
    } else {
      this.family = 'das2';
      this.facts = checkStreamHeader(root, place, findings);
      this.messages.streamProperties(this.facts.properties);
      return this.facts.deflated;
    }
    return false;
  }

  private packetHeader(
    id: number,
    root: XmlElement,
    place: Place,
    { mark, old }: { readonly mark: string; readonly old: PacketType | undefined },
  ): void {
    const { findings } = this;
    if (root.name !== 'packet') {
      findings.add('root-element', place, () => `the packet header has the root element <${root.name.slice(0, 40)}>`);
      return;
    }
    this.counts.set(id, this.counts.get(id) ?? 0);
    if (this.family !== 'qstream') this.compare(id, place, mark, old);
    const layout =
      this.family === 'qstream'
        ? this.qstream.descriptor(root, place)
        : checkPacketHeader(root, this.facts, place, findings);
    if (layout === undefined) return;
    if (layout.size > RECORD_LIMIT)
      findings.add('packet-too-large', place, `records of this type have ${layout.size} bytes`);
    const { size, columns } = layout;
    const total = [...this.types.values()].reduce((sum, { planes }) => sum + planes, columns.length);
    if (total > HEADERS_LIMIT.planes) {
      // Its records are walked over, and nothing of it is kept.
      findings.add('packet-too-large', place, `the packet types have ${total} planes together`);
      this.types.set(id, { size, mark, planes: 0, checker: undefined });
      return;
    }
    const checker = new RecordChecker(layout, idLabel(id), this.span, findings);
    this.types.set(id, { size, mark, planes: columns.length, checker });
  }

  private compare(id: number, place: Place, mark: string, old: PacketType | undefined): void {
    if (old?.mark === mark) {
      this.findings.add('repeated-header', place, `packet header ${id} is repeated unchanged`);
      return;
    }
    for (const [other, type] of this.types) {
      if (other === id || type.mark !== mark) continue;
      this.findings.add('same-definition', place, `packet headers ${other} and ${id} are equal`);
      return;
    }
  }

  private summary(): StreamSummary {
    const { low, high } = this.span;
    const records: Record<string, number> = {};
    for (const [id, count] of [...this.counts].sort(([a], [b]) => a - b)) records[idLabel(id)] = count;
    const iso = (us2000: number): string => formatTime(timeFromUs2000(us2000), { decimals: 3 });
    return {
      family: this.family,
      bytes: this.splitter.bytes,
      packets: this.splitter.packets,
      records,
      ...(low <= high ? { timeRange: { begin: iso(low), end: iso(high) } } : {}),
      complete: !this.splitter.cutShort,
    };
  }
}

function idLabel(id: number): string {
  return String(id).padStart(2, '0');
}
