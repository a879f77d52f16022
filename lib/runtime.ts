/**
 * What we ask of the runtime that carries us, beyond the Node API.
 *
 * Contract: each request has no effect where the runtime does not know it; results never depend on it.
 */

/** The one function of Bun that is used. */
interface Carrier {
  readonly Bun?: { readonly unsafe?: { setJITPolicy?(scale: number): void } };
}

/**
 * Says that this process goes on to work on data. The executable starts with a compiler that waits longer than usual
 * (scripts/tools/build.mjs, TIER_UP), since most CGI requests are over before compiled code pays; this sets it to normal. Costs nothing, may be called again.
 */
export function expectLongWork(): void {
  (globalThis as Carrier).Bun?.unsafe?.setJITPolicy?.(1);
}
