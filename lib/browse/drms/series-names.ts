/**
 * Names of series as clients of a DRMS write them (browse-export 9.6): `prog.series`, of letters, digits, `_` and dots.
 *
 * Contract: pure. Such clients take no other characters and forget upper case, so a minus sign is an underscore here and capitals do not count. Where
 * two series would have one name, the level stands between: `prog.level.series`; what even that does not tell apart is not offered.
 */
import type { Series } from '../naming/series.js';
import { type Triad, triadName } from '../record/item-name.js';

/** A series with the name that such clients know it by. */
export interface NamedSeries {
  readonly name: string;
  readonly series: Series;
}

/** The series of a server by their names for such clients. */
export class SeriesNames {
  readonly #byName = new Map<string, NamedSeries>();
  readonly #byTriad = new Map<string, NamedSeries>();

  constructor(all: readonly Series[]) {
    const counts = new Map<string, number>();
    for (const series of all) {
      const key = shortName(series).toLowerCase();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const series of all) {
      const short = shortName(series);
      const name =
        counts.get(short.toLowerCase()) === 1 ? short : plain(`${series.prog}.${series.level}.${series.series}`);
      if (this.#byName.has(name.toLowerCase())) continue;
      const named = { name, series };
      this.#byName.set(name.toLowerCase(), named);
      this.#byTriad.set(triadName(series), named);
    }
  }

  /** All of them, in the order in which they were given. */
  get all(): Iterable<NamedSeries> {
    return this.#byName.values();
  }

  /** The series of this name, however it is capitalised; undefined if there is none. */
  named(name: string): NamedSeries | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** The name of a series; undefined where it has none, or has gone. */
  of(triad: Triad): NamedSeries | undefined {
    return this.#byTriad.get(triadName(triad));
  }
}

function shortName({ prog, series }: Triad): string {
  return plain(`${prog}.${series}`);
}

function plain(name: string): string {
  return name.replaceAll('-', '_');
}
