/**
 * For tests that compare what is said of "now" at two moments: many such answers change at midnight (UTC), which must not lie between them.
 */

/** Comes back when the day lasts for so many seconds more. */
export async function awayFromMidnight(seconds = 60): Promise<void> {
  const left = 86_400 - ((Date.now() / 1000) % 86_400);
  if (left < seconds) await new Promise((resolve) => setTimeout(resolve, (left + 1) * 1000));
}
