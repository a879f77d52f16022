/**
 * What a source says about itself: its definition, its folders, its record of SPASE, the site, and the record of its DOI as far as it is known (citation 8).
 */
import { siteName } from '../../page/layout.js';
import type { ServerContext } from '../../server/context.js';
import type { Source } from '../../source/source.js';
import { folderInfoOf } from '../../source/source-definitions.js';
import { DoiStore, usableRecord } from '../doi/store.js';
import type { DoiRecord } from '../metadata/doi-record.js';
import { type DatasetMetadata, datasetMetadata } from '../metadata/metadata.js';
import { spaseKeywords } from '../metadata/spase-file.js';

/** What a source says about itself, with what is known already of the record of its DOI. */
export function metadataOf(
  { configuration, sources }: Pick<ServerContext, 'configuration' | 'sources'>,
  { id, file, entries }: Source,
): DatasetMetadata {
  const folders: ReadonlyMap<string, string>[] = [];
  for (let slash = id.lastIndexOf('/'); ; slash = id.lastIndexOf('/', slash - 1)) {
    const info = folderInfoOf(sources, slash < 0 ? '' : id.slice(0, slash));
    if (info !== undefined) folders.push(withoutDescription(info.entries));
    if (slash <= 0) break;
  }
  return datasetMetadata({
    id,
    source: entries,
    spase: entries.has('spaseFile') ? spaseKeywords({ file, entries }) : undefined,
    folders,
    sitePublisher: configuration.text('CITE_PUBLISHER'),
    siteLicense: configuration.text('CITE_LICENSE'),
    siteName: siteName(configuration),
    doiRecord: configuration.has('CITE_DOI_URL') ? knownRecord(configuration.path('CITE_ROOT')) : undefined,
  });
}

/** Looks up records that were fetched before. */
function knownRecord(root: string | undefined): (doi: string) => DoiRecord | undefined {
  return (doi) => (root === undefined ? undefined : usableRecord(new DoiStore(root).known(doi), Date.now()));
}

/** What a folder is called is no title of its sources. */
function withoutDescription(entries: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...entries].filter(([key]) => key !== 'description'));
}
