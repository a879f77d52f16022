/**
 * Data answers and citation: the links that tell how to cite them, and the entry of the log behind their last byte (citation 5, 6).
 *
 * Contract: nothing of citation is loaded before the first bytes of an answer have gone, and nothing before its end where they are few. Hashing and
 * logging never change or fail an answer. An entry is `ok` only if every program of the pipeline ended well and every byte was taken. HEAD and conditional requests are not logged.
 */
import type { DataQuestion } from '../../data/question.js';
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import type { PipelineTap } from '../../pipeline/tap.js';
import type { ReplyOutcome } from '../../reply/cgi-reply.js';
import type { Header } from '../../reply/headers.js';
import type { ReplySink } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { DeliveryDigest, DeliveryDigests } from '../digest/delivery.js';
import type { LogEntry } from '../log/row.js';
import { type CanonicalRequest, canonicalRequest, requestKey } from '../request-key.js';
import type { Delivered, DeliveredRun } from './delivered.js';

/** An address longer than this leaves no room for links among the headers that old clients can take. */
const LONGEST_BASE = 250;
/** So many bytes, of content and body together, wait for the end of the answer: what hashes them takes longer to load than they take to send. */
const MOST_HELD = 256 * 1024;

/** What makes digests, once it has been loaded: from then on there is nothing to be held for. */
let digestClass: typeof DeliveryDigest | undefined;

/** What is hashed: the content stream, or the bytes as they are sent. */
type Part = 'content' | 'body';

/** The canonical request of a question; `planes` are the names of those that are sent, if not all. */
export function citedRequest(
  { source, asked, steps, parameters }: DataQuestion,
  planes?: readonly string[],
): CanonicalRequest {
  return canonicalRequest({
    dataset: source.id,
    begin: asked.begin.time,
    end: asked.end.time,
    resolution: steps.resolution?.value,
    interval: steps.interval?.value,
    params: parameters.params,
    planes,
  });
}

export interface DeliveryFacts {
  readonly question: DataQuestion;
  /** Names of the planes that are sent; undefined for all. */
  readonly planes?: readonly string[] | undefined;
  /** As the log calls it. */
  readonly format: LogEntry['format'];
  /** The client wants to know the digest: the data are hashed however fast they come. */
  readonly isPatient?: boolean;
}

/** What belongs to the citation of one answer; undefined if citation is switched off. */
export function citedDelivery(
  context: ServerContext,
  request: Request,
  facts: DeliveryFacts,
): CitedDelivery | undefined {
  return context.configuration.flag('CITE_ENABLE') ? new CitedDelivery(context, request, facts) : undefined;
}

export class CitedDelivery implements PipelineTap {
  /** `Link` to the citation of the request. */
  readonly headers: readonly Header[];
  private run: DeliveredRun & { readonly plan: { readonly via: string } | undefined } = { stages: [], plan: undefined };
  private readonly cited: CanonicalRequest;
  private readonly rk: string;
  private digest: DeliveryDigest | undefined;
  private digests: DeliveryDigests | undefined;
  private result: PipelineResult | undefined;
  private bytes = 0;
  /** Copies of the first bytes, in their order. */
  private held: (readonly [Part, Uint8Array])[] = [];
  private heldBytes = 0;
  /** Its digests are known: nothing is held or hashed any more. */
  private isKnown = false;

  constructor(
    private readonly context: ServerContext,
    private readonly request: Request,
    private readonly facts: DeliveryFacts,
  ) {
    this.cited = citedRequest(facts.question, facts.planes);
    this.rk = requestKey(this.cited);
    this.headers = linksTo(request.baseUrl, this.rk);
  }

  /** Has the delivery logged when its answer has ended; to be called just before this run starts. */
  expect(run: CitedDelivery['run']): this {
    this.run = run;
    const { headers } = this.request;
    if (!headers.has('if-none-match') && !headers.has('if-modified-since')) {
      this.context.afterwards.push((outcome) => this.record(outcome));
    }
    return this;
  }

  /** The pipeline has ended so. */
  ended(result: PipelineResult): void {
    this.result = result;
  }

  /** A tap of the pipeline: the content stream. */
  write(bytes: Uint8Array, taken: void | Promise<void>): void | Promise<void> {
    return this.hear('content', bytes, taken);
  }

  /** The sink of the body, listened to. */
  listenTo(sink: ReplySink): ReplySink {
    return {
      write: (bytes) => {
        this.bytes += bytes.length;
        return this.hear('body', bytes, sink.write(bytes));
      },
      get gone() {
        return sink.gone;
      },
      onGone: (callback) => sink.onGone(callback),
      abort: () => sink.abort(),
    };
  }

  private hear(part: Part, bytes: Uint8Array, taken: void | Promise<void>): void | Promise<void> {
    if (this.isKnown) return taken;
    // What comes from blocks may be known by its end (record-delivery.ts).
    if (this.digest === undefined && digestClass !== undefined && this.run.plan === undefined && this.heldBytes === 0)
      this.digest = this.newDigest(digestClass);
    if (this.digest !== undefined) {
      this.digest[part](bytes);
      return taken;
    }
    return taken === undefined ? this.hold(part, bytes) : taken.then(() => this.hold(part, bytes));
  }

  /** Bytes that have gone: keeps a copy of the first ones; with more of them it is decided how to come to their digests. */
  private hold(part: Part, bytes: Uint8Array): void | Promise<void> {
    this.heldBytes += bytes.length;
    if (this.heldBytes > MOST_HELD) return this.goOn(part, bytes);
    this.held.push([part, new Uint8Array(bytes)]);
  }

  /** Lets everything go if the answer is known; else the modules are loaded, and hashing goes on beside the delivery. */
  private async goOn(part: Part, bytes: Uint8Array): Promise<void> {
    if (!this.facts.isPatient && this.digest === undefined) {
      const { isKnownAnswer } = await import('./record-delivery.js');
      this.isKnown ||= isKnownAnswer(this.delivered, this.run);
    }
    if (this.isKnown) this.held = [];
    else (await this.loaded())[part](bytes);
  }

  private async loaded(): Promise<DeliveryDigest> {
    digestClass ??= (await import('../digest/delivery.js')).DeliveryDigest;
    this.digest ??= this.newDigest(digestClass);
    for (const [part, bytes] of this.held.splice(0)) this.digest[part](bytes);
    return this.digest;
  }

  private newDigest(made: typeof DeliveryDigest): DeliveryDigest {
    const { planes, isPatient = false } = this.facts;
    return new made({ planes: planes && new Set(planes), isPatient });
  }

  private async record(outcome: ReplyOutcome): Promise<void> {
    const { delivered, run, result } = this;
    if (result === undefined) return;
    const { recordDelivery } = await import('./record-delivery.js');
    await recordDelivery(delivered, { run, end: { result, outcome }, hashed: () => this.hashed() });
  }

  /** The entry as it stands when the pipeline has ended, for those who must know before the answer ends. */
  async entryNow(): Promise<LogEntry | undefined> {
    const { delivered, result } = this;
    if (result === undefined) return undefined;
    const digests = await this.hashed();
    const [{ deliveryEntry }, { faultOf, isOpen }] = await Promise.all([
      import('./entry.js'),
      import('./record-delivery.js'),
    ]);
    const fault = faultOf({ result, outcome: { clientGone: false, aborted: false } });
    return deliveryEntry(delivered, { time: new Date().toISOString(), open: isOpen(delivered), fault, digests });
  }

  /** Something was added behind the body: its bytes have no digest. */
  amend(): void {
    if (this.digests !== undefined) this.digests = { ...this.digests, raw: undefined };
  }

  private async hashed(): Promise<DeliveryDigests> {
    // What was let go because it was known, and has turned out to be something else.
    if (this.isKnown)
      return { content: { state: 'unhashed', reason: 'its blocks have changed', packets: 0 }, raw: undefined };
    this.digests ??= (await this.loaded()).end();
    return this.digests;
  }

  private get delivered(): Delivered {
    const { context, request, rk, cited, bytes, run } = this;
    const { question, format } = this.facts;
    return { context, request, question, rk, cited, via: run.plan?.via ?? 'live', format, bytes };
  }
}

/** Where the citation of a request is, and what it says in terms of schema.org (RFC 8574); none that old clients could not take. */
function linksTo(baseUrl: string, rk: string): Header[] {
  if (baseUrl.length > LONGEST_BASE || !/^[!-~]+$/.test(baseUrl) || /[<>"]/.test(baseUrl)) return [];
  const address = `${baseUrl}/cite?rk=${rk}`;
  return [
    ['Link', `<${address}>; rel="cite-as", <${address}&format=jsonld>; rel="describedby"; type="application/ld+json"`],
  ];
}
