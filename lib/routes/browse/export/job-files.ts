/**
 * Staged files of an export: one at a time, or all as a bag (browse-export 9.3, 9.5).
 *
 * Contract: only files that the list of items names are ever opened, so no path of a request becomes a path of the host.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Lend, PIECE } from '../../../browse/archive/piece-pool.js';
import { exportAddress } from '../../../browse/export/address.js';
import { type BagItem, bagTags } from '../../../browse/export/bag.js';
import type { ExportItem, ExportRequest } from '../../../browse/export/documents.js';
import type { ExportStore } from '../../../browse/export/store.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { fieldError } from '../../../browse/faults.js';
import { Das2Error } from '../../../error.js';
import { siteName } from '../../../page/layout.js';
import { QSTREAM_TEXT_TYPE, streamReply, TEXT_TYPE } from '../../../reply/build-reply.js';
import type { Header } from '../../../reply/headers.js';
import { mediaTypeOf } from '../../../reply/media-type.js';
import type { Reply, ReplySink } from '../../../reply/reply.js';
import { CSV_TYPE } from '../reply.js';
import { BagCitations } from './bag-citations.js';
import { pieces } from './fetch.js';
import { addTags, BAG_SOFTWARE, openArchive, PACKAGINGS } from './stream.js';

/** Forms of bags; `fetch` has addresses in place of the data. */
const BAGS = [...PACKAGINGS, 'fetch'] as const;

/** Media types of staged data by their endings. */
const TYPES: Readonly<Record<string, string>> = {
  d2s: 'application/vnd.das2.das2stream',
  d2t: TEXT_TYPE,
  csv: CSV_TYPE,
  qds: QSTREAM_TEXT_TYPE,
};

/** One staged file. Throws `notFound` for what the export has not, or not yet. */
export function fileReply({ request }: BrowseFacts, store: ExportStore, { id }: ExportRequest, path: string): Reply {
  const item = store.items(id).find((one) => one.path === path);
  if (item === undefined) throw new Das2Error('notFound', 'this export has no such file, or not yet');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const send = async (sink: ReplySink): Promise<void> => {
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    for (const bytes of contentOf(store, id, item, (size) => buffer.subarray(0, size))) {
      if (sink.gone) return;
      await sink.write(bytes);
    }
  };
  return streamReply(request, send, {
    contentType:
      TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? mediaTypeOf(name)?.contentType ?? 'application/octet-stream',
    headers: [
      ['Content-Disposition', `attachment; filename="${name}"`],
      ['Content-Length', String(item.bytes ?? 0)],
      ...digestHeader(item),
    ],
  });
}

/** The SHA-256 of a file whose bytes are fixed (RFC 9530). */
function digestHeader({ sha256 }: ExportItem): Header[] {
  return sha256 === undefined ? [] : [['Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`]];
}

/** All that is staged so far, as a bag; `word` says in which form. */
export function archiveReply(facts: BrowseFacts, store: ExportStore, wanted: ExportRequest, word: string): Reply {
  const packaging = BAGS.find((name) => name === word);
  if (packaging === undefined) throw fieldError('packaging', `must be one of ${BAGS.join(', ')}`);
  const ending = packaging === 'fetch' ? 'fetch.zip' : packaging;
  return streamReply(facts.request, (sink) => writeBag(facts, store, wanted, packaging, sink), {
    contentType: packaging === 'tar.gz' ? 'application/gzip' : 'application/zip',
    headers: [['Content-Disposition', `attachment; filename="${wanted.id}.${ending}"`]],
  });
}

async function writeBag(
  facts: BrowseFacts,
  store: ExportStore,
  wanted: ExportRequest,
  packaging: (typeof BAGS)[number],
  sink: ReplySink,
): Promise<void> {
  const { id } = wanted;
  const { archive, finish } = await openArchive(
    packaging === 'fetch' ? 'zip' : packaging,
    Math.floor(wanted.made / 1000),
    sink,
  );
  const items: BagItem[] = [];
  const citations = new BagCitations(facts);
  for (const item of store.items(id)) {
    if (sink.gone) return;
    const { path, bytes, sha256, error, of, ...words } = item;
    if (path === undefined || bytes === undefined || sha256 === undefined) {
      items.push({ ...words, error: error ?? 'not staged' });
      continue;
    }
    if (packaging !== 'fetch')
      await archive.add({ name: `${id}/${path}`, size: bytes, content: (lend) => contentOf(store, id, item, lend) });
    // Files of an archive and plots are no answers to data requests, and are cited as little.
    const isCited = of === undefined && wanted.data !== 'png';
    const digest = (isCited ? await citations.add(item.url, sha256) : undefined) ?? words.digest;
    items.push({ ...words, ...(digest !== undefined && { digest }), file: { path, bytes, sha256 } });
  }
  const about = {
    id,
    site: siteName(facts.context.configuration),
    address: exportAddress(facts, id),
    made: wanted.made,
    software: BAG_SOFTWARE,
  };
  const { items: names, method, data, made } = wanted;
  const more = citations.files();
  if (packaging === 'fetch') more.unshift(['fetch.txt', fetchText(exportAddress(facts, id), items)]);
  await addTags(
    archive,
    id,
    bagTags(about, items, { id, made: new Date(made).toISOString(), method, data, items: names }, more),
  );
  await archive.end();
  await finish();
}

/** Where the files of a bag without data are, with their sizes and places (RFC 8493, 2.2.3). Paths are of plain characters. */
function fetchText(address: string, items: readonly BagItem[]): string {
  return items
    .map(({ file }) => (file === undefined ? '' : `${address}/files/${file.path} ${file.bytes} ${file.path}\n`))
    .join('');
}

function* contentOf(
  store: ExportStore,
  id: string,
  { path = '', bytes = 0 }: ExportItem,
  lend: Lend,
): Generator<Uint8Array> {
  const descriptor = openSync(join(store.folder(id) ?? '', 'files', path), 'r');
  try {
    yield* pieces(descriptor, bytes, lend);
  } finally {
    closeSync(descriptor);
  }
}
