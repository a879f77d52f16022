/** The edge of `AGE:1y` for tests: the same day a year earlier, and the last of February where that year has no 29th. */
export function yearBefore(now: Date): Date {
  const edge = new Date(now);
  edge.setUTCFullYear(now.getUTCFullYear() - 1);
  if (edge.getUTCMonth() !== now.getUTCMonth()) edge.setUTCDate(0);
  return edge;
}
