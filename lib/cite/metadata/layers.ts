/**
 * Keywords in layers: the definition of a source, its record of SPASE, the folders above it (citation 10).
 *
 * Contract: the nearest layer that has a keyword wins; of a numbered one (`creator_01` …) the nearest layer has all. Where a value was found is noted.
 */
import { clean } from './values.js';

/** Where a part comes from. */
export type Origin = 'source' | 'spase' | 'folder' | 'doi' | 'site' | 'derived';

export class KeywordLayers {
  /** By keyword, without its number. */
  readonly origins: Record<string, Origin> = {};

  /** The nearest layer first. */
  constructor(private readonly layers: readonly (readonly [Origin, ReadonlyMap<string, string>])[]) {}

  /** The value of a keyword; undefined if no layer has one. */
  one(key: string): string | undefined {
    return this.found(key, (layer) => clean(layer.get(key) ?? '') || undefined);
  }

  /** The values of a numbered keyword, by their numbers. A keyword without a number, as those write who have one value, comes first. */
  many(key: string): string[] {
    const pattern = new RegExp(`^${key}(?:_\\d+)?$`);
    const values = this.found(key, (layer) => {
      const keys = [...layer.keys()].filter((name) => pattern.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
      const filled = keys.map((name) => clean(layer.get(name) ?? '')).filter((value) => value !== '');
      return filled.length === 0 ? undefined : filled;
    });
    return values ?? [];
  }

  private found<Value>(
    key: string,
    look: (layer: ReadonlyMap<string, string>) => Value | undefined,
  ): Value | undefined {
    for (const [origin, layer] of this.layers) {
      const value = look(layer);
      if (value === undefined) continue;
      this.origins[key] = origin;
      return value;
    }
    return undefined;
  }
}

function numberOf(key: string): number {
  return Number(/\d+$/.exec(key)?.[0] ?? 0);
}
