/**
 * das2_srv_cite lint: which sources say too little of themselves for a good citation (citation 10).
 */
import { metadataOf } from '../../cite/making/source-metadata.js';
import { metadataFaults } from '../../cite/metadata/faults.js';
import { spaseKeywords } from '../../cite/metadata/spase-file.js';
import type { Configuration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { sourceOf } from '../../source/source-definitions.js';
import { SourceTree } from '../../source/tree/source-tree.js';

interface Gaps {
  readonly source: string;
  /** Of creator, publisher, year, title. */
  readonly missing: readonly string[];
  readonly faults: readonly string[];
}

/** Prints the sources with gaps; answers the exit status: 1 if there are any. */
export async function lintSources(
  configuration: Configuration,
  { json, print }: { readonly json: boolean; readonly print: (text: string) => void },
): Promise<number> {
  const sources = new SourceTree(configuration, () => {});
  const { records } = await sources.list();
  const ids = records.filter(({ isFolder }) => !isFolder).map(({ path }) => path);
  const found = ids
    .map((id) => gapsOf({ configuration, sources }, id))
    .filter(({ missing, faults }) => missing.length + faults.length > 0);
  if (json) print(`${JSON.stringify(found, undefined, 2)}\n`);
  else {
    for (const { source, missing, faults } of found) {
      const all = [...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []), ...faults];
      print(`${source}: ${all.join('; ')}\n`);
    }
    print(`${found.length} of ${ids.length} sources have gaps\n`);
  }
  return found.length > 0 ? 1 : 0;
}

function gapsOf(place: { readonly configuration: Configuration; readonly sources: SourceTree }, id: string): Gaps {
  try {
    const source = sourceOf(place.sources, id);
    const { missing, citable } = metadataOf(place, source);
    const unread = source.entries.has('spaseFile') && spaseKeywords(source) === undefined;
    const faults = [
      ...metadataFaults(source.entries),
      ...(unread ? ['spaseFile is no record of SPASE in JSON that can be read'] : []),
    ];
    return { source: id, missing: citable ? missing : [], faults };
  } catch (error) {
    return { source: id, missing: [], faults: [errorDetail(error)] };
  }
}
