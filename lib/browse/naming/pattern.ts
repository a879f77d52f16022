/**
 * Patterns for names: `*` stands for any letters, everything else for itself.
 */

/** True if one of the names is what the pattern means. Takes time in proportion to the lengths, whatever the pattern. */
export function matchesPattern(pattern: string, ...names: readonly string[]): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  return names.some((name) => {
    if (parts.length === 1) return name === pattern;
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > name.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  });
}
