/**
 * Staged files of an export: one at a time, or all as a bag (browse-export 9.3, 9.5).
 *
 * Contract: only files that the list of items names are ever opened, so no path of a request becomes a path of the host.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type BagItem, bagTags } from '../../browse/bag.js';
import type { ExportItem, ExportRequest, ExportStore } from '../../browse/export-store.js';
import { fieldError } from '../../browse/field-error.js';
import { parseItemName, triadName } from '../../browse/item-name.js';
import { recordStart } from '../../browse/record-number.js';
import { Das2Error } from '../../error.js';
import { siteName } from '../../page/layout.js';
import { streamReply } from '../../reply/build-reply.js';
import type { Reply, ReplySink } from '../../reply/reply.js';
import { type BrowseFacts, browseNames } from './context.js';
import { addTags, BAG_SOFTWARE, openArchive, PACKAGINGS } from './stream.js';

const PIECE = 1 << 18;
/** ZIP archives without the 64-bit extension end at 4 GiB; some room is left for heads and lists. */
const MOST_ZIP_BYTES = 0xf000_0000;

/** One staged file. Throws `notFound` for what the export has not, or not yet. */
export function fileReply({ request }: BrowseFacts, store: ExportStore, { id }: ExportRequest, path: string): Reply {
  const item = store.items(id).find((one) => one.path === path);
  if (item === undefined) throw new Das2Error('notFound', 'this export has no such file, or not yet');
  const isText = path.endsWith('.d2t');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const send = async (sink: ReplySink): Promise<void> => {
    for (const bytes of contentOf(store, id, item)) {
      if (sink.gone) return;
      await sink.write(bytes);
    }
  };
  return streamReply(request, send, {
    contentType: isText ? 'text/plain; charset=utf-8' : 'application/vnd.das2.das2stream',
    headers: [
      ['Content-Disposition', `attachment; filename="${name}"`],
      ['Content-Length', String(item.bytes ?? 0)],
    ],
  });
}

/** All that is staged so far, as a bag. */
export function archiveReply(facts: BrowseFacts, store: ExportStore, wanted: ExportRequest): Reply {
  const word = facts.request.parameters.get('packaging') ?? 'zip';
  const packaging = PACKAGINGS.find((name) => name === word);
  if (packaging === undefined) throw fieldError('packaging', `must be one of ${PACKAGINGS.join(', ')}`);
  const bytes = store.items(wanted.id).reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  if (packaging === 'zip' && bytes > MOST_ZIP_BYTES) {
    throw fieldError('packaging', 'must be tar.gz: this export is too large for a ZIP archive');
  }
  return streamReply(facts.request, (sink) => writeBag(facts, store, wanted, packaging, sink), {
    contentType: packaging === 'zip' ? 'application/zip' : 'application/gzip',
    headers: [['Content-Disposition', `attachment; filename="${wanted.id}.${packaging}"`]],
  });
}

async function writeBag(
  facts: BrowseFacts,
  store: ExportStore,
  wanted: ExportRequest,
  packaging: (typeof PACKAGINGS)[number],
  sink: ReplySink,
): Promise<void> {
  const { id } = wanted;
  const { context, table, places } = facts;
  const { archive, finish } = await openArchive(packaging, Math.floor(wanted.made / 1000), sink);
  const series = new Map((await browseNames(facts)).series.map((one) => [triadName(one), one]));
  const items: BagItem[] = [];
  for (const item of store.items(id)) {
    const name = parseItemName(item.item);
    const one = series.get(triadName(name));
    if (sink.gone) return;
    if (one === undefined) continue;
    const { path, bytes, sha256, crc32, url, error } = item;
    const at = (record: number) => recordStart(record, one.grid, table);
    const row = {
      series: one,
      record: name.first,
      start: at(name.first),
      stop: at(name.first + 1),
      state: 'present' as const,
    };
    if (path === undefined || bytes === undefined || sha256 === undefined || crc32 === undefined) {
      items.push({ row, url, error: error ?? 'not staged' });
      continue;
    }
    await archive.add({ name: `${id}/${path}`, size: bytes, crc32, content: () => contentOf(store, id, item) });
    items.push({ row, url, file: { path, bytes, sha256 } });
  }
  const about = {
    id,
    site: siteName(context.configuration),
    address: `${places.browse}/export/${id}`,
    made: wanted.made,
    software: BAG_SOFTWARE,
  };
  const { items: names, method, data, made } = wanted;
  await addTags(
    archive,
    id,
    bagTags(about, items, table, { id, made: new Date(made).toISOString(), method, data, items: names }),
  );
  await archive.end();
  await finish();
}

function* contentOf(store: ExportStore, id: string, { path = '', bytes = 0 }: ExportItem): Generator<Uint8Array> {
  const descriptor = openSync(join(store.folder(id) ?? '', 'files', path), 'r');
  try {
    const buffer = Buffer.alloc(Math.min(PIECE, Math.max(1, bytes)));
    for (let at = 0; at < bytes; ) {
      const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, bytes - at), at);
      if (count === 0) throw new Error('a staged file is shorter than it was');
      at += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}
