/**
 * One answer, before it is known through which front it leaves.
 *
 * Contract: a route returns a `Reply` when status and headers are final. For piped data that is when the first byte of the last
 * stage has arrived (server-protocol 4.6.4), so whatever can become an error answer has had its chance. The fronts
 * (`cgi-reply.ts`, the embedded server) write it; only they know CGI's `Status:` or HTTP's status line.
 */

export interface Reply {
  readonly status: number;
  /** Reason phrase, where the usual one of the status is not meant (HAPI puts its own status there). */
  readonly reason?: string;
  /** Names in exactly the capitalisation of server-protocol T2; values without CR, LF, NUL. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ReplyBody;
  /** A text document that may be compressed and gets a validator, or not one. Undefined: the media type decides (document.ts). */
  readonly isDocument?: boolean;
  /** Changes with the document, where that is known without looking at it; letters of an entity tag. */
  readonly version?: string;
}

export type ReplyBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Bytes that come by and by. `run` resolves when the last byte has been handed to the sink or the client has gone. */
  | { readonly kind: 'stream'; run(sink: ReplySink): Promise<void> };

/** Where a streamed body goes. */
export interface ReplySink {
  /** Takes the bytes. A promise means: wait for it before the next write (back-pressure). The bytes may be reused afterwards. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** True once the client is known to have gone; writes are ignored from then on. */
  readonly gone: boolean;
  /** Calls back once, when the client goes away (at once if it has gone already). */
  onGone(callback: () => void): void;
  /**
   * Ends the answer so that the client can see that it is incomplete (server-protocol 2.3): the connection is reset, or, where
   * the front cannot do that (CGI), the program ends with a status other than 0.
   */
  abort(): void;
}
