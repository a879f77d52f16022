/**
 * The export that needs no worker (browse-export 9.2, 9.3): a BagIt bag as ZIP or tar.gz, made item by item while it is sent.
 *
 * Contract: each file is in the archive whole or not at all. Once the answer has begun nothing can refuse it any more: what fails is named in
 * `items.csv` and `README.txt`, and in the log.
 */
import { join } from 'node:path';
import type { ArchiveWriter } from '../../../browse/archive/entry.js';
import { type BagFacts, type BagItem, bagTags } from '../../../browse/export/bag.js';
import { newExportId } from '../../../browse/export/id.js';
import { hasExportSpace, requireWithin, streamLimits } from '../../../browse/export/limits.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import type { DataForm } from '../../../browse/forms/data-forms.js';
import { notePresent } from '../../../browse/inventory/note-record.js';
import { asDas2Error, Das2Error } from '../../../error.js';
import { siteName } from '../../../page/layout.js';
import { ensureFolder } from '../../../queue/spool/files.js';
import { streamReply } from '../../../reply/build-reply.js';
import { publicMessage } from '../../../reply/public-message.js';
import type { Reply, ReplySink } from '../../../reply/reply.js';
import { encodeQueryValue } from '../../../request/query-string.js';
import { COMMIT, VERSION } from '../../../version.js';
import { BagCitations } from './bag-citations.js';
import { WaitingClient } from './fetch.js';
import { type BrowseSelection, deliverable } from './selection.js';
import { fetchUnit, type Unit, unitsOf } from './units.js';

export const PACKAGINGS = ['zip', 'tar.gz'] as const;
export type Packaging = (typeof PACKAGINGS)[number];

const LONGEST_QUERY = 4000;

export interface StreamOptions {
  readonly packaging: Packaging;
  readonly data: DataForm;
}

/** The archive. Throws `tooWide` beyond the limits, and `overload` where there is no space for the parts. */
export async function streamBag(
  facts: BrowseFacts,
  selection: BrowseSelection,
  options: StreamOptions,
): Promise<Reply> {
  const { request, context, now } = facts;
  const { configuration } = context;
  const units = deliverable(selection).flatMap((row) => unitsOf(row, options.data, facts.places, facts.table));
  const limits = streamLimits(configuration);
  requireWithin(units, limits, 'an archive', 'or take the addresses or a script');
  const mostBytes = limits.bytes;
  const folder = spoolFolder(facts, mostBytes);
  const id = newExportId(now);
  const { packaging } = options;
  const reply = streamReply(
    request,
    (sink) => writeBag(facts, { ...options, id, units, folder, mostBytes, pairs: selection.pairs }, sink),
    {
      contentType: packaging === 'zip' ? 'application/zip' : 'application/gzip',
      headers: [['Content-Disposition', `attachment; filename="${id}.${packaging}"`]],
    },
  );
  context.log.line(`Export ${id}: ${units.length} items as ${packaging}`);
  return reply;
}

/** Where parts lie while they are fetched. */
function spoolFolder({ context }: BrowseFacts, mostBytes: number): string {
  const { configuration } = context;
  const root = configuration.requiredPath('EXPORT_ROOT');
  const folder = join(root, 'parts');
  try {
    ensureFolder(folder);
    if (hasExportSpace(configuration, folder, Math.min(mostBytes, 1 << 20))) return folder;
  } catch (cause) {
    throw new Das2Error('configuration', 'the server is not configured correctly', {
      data: { detail: 'EXPORT_ROOT cannot be written' },
      cause,
    });
  }
  throw new Das2Error('overload', 'the server has no space for archives just now; take the addresses or a script');
}

interface BagPlan extends StreamOptions {
  readonly id: string;
  readonly units: readonly Unit[];
  readonly folder: string;
  readonly mostBytes: number;
  readonly pairs: BrowseSelection['pairs'];
}

async function writeBag(facts: BrowseFacts, plan: BagPlan, sink: ReplySink): Promise<void> {
  const { context, places, now } = facts;
  const { archive, finish } = await openArchive(plan.packaging, Math.floor(now / 1000), sink);
  const items: BagItem[] = [];
  const citations = new BagCitations(facts);
  const client = new WaitingClient(sink);
  let left = plan.mostBytes;
  for (const unit of plan.units) {
    if (sink.gone) return;
    const { url, words, row } = unit;
    try {
      const { fetched: record, path } = await fetchUnit(facts, unit, { folder: plan.folder, mostBytes: left, client });
      try {
        await archive.add({
          name: `${plan.id}/${path}`,
          size: record.bytes,
          content: record.content,
        });
        const isCited = unit.file === undefined && plan.data !== 'png';
        const digest = (isCited ? await citations.add(url, record.sha256) : undefined) ?? words.digest;
        items.push({
          ...words,
          ...(digest !== undefined && { digest }),
          url,
          file: { path, bytes: record.bytes, sha256: record.sha256 },
        });
        left -= record.bytes;
        if (record.extension === 'd2s' && row.part === undefined)
          notePresent(context.configuration.path('BROWSE_INV'), row.series, row.record, record.bytes, now);
      } finally {
        record.close();
      }
    } catch (error) {
      if (sink.gone) return;
      const fault = asDas2Error(error);
      if (fault.code === 'internal') throw error;
      const message = publicMessage(fault, {
        requestId: facts.request.id,
        detail: context.configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail',
      });
      context.log.line(`Export ${plan.id}: ${words.item} failed: ${fault.message}`);
      items.push({ ...words, url, error: message });
    }
  }
  const fields = plan.pairs.filter(([name]) => name !== 'key');
  const asked = { id: plan.id, made: new Date(now).toISOString(), fields };
  const bag: BagFacts = {
    id: plan.id,
    site: siteName(context.configuration),
    address: againAt(places.browse, asked.fields),
    made: now,
    software: BAG_SOFTWARE,
  };
  await addTags(archive, plan.id, bagTags(bag, items, asked, citations.files()));
  await archive.end();
  await finish();
}

/** Where the same can be asked for again; the form alone, where the address would be too long for web servers. */
function againAt(browse: string, fields: BrowseSelection['pairs']): string {
  const query = fields.map(([name, value]) => `${name}=${encodeQueryValue(value)}`).join('&');
  return query.length <= LONGEST_QUERY ? `${browse}/request?${query}` : `${browse}/request`;
}

/** Puts the files around the data into an archive. */
export async function addTags(
  archive: ArchiveWriter,
  id: string,
  tags: readonly (readonly [path: string, text: string])[],
): Promise<void> {
  for (const [path, text] of tags) {
    const bytes = Buffer.from(text);
    await archive.add({ name: `${id}/${path}`, size: bytes.length, content: () => [bytes] });
  }
}

/** What wrote a bag. */
export const BAG_SOFTWARE = `das2srv ${VERSION} (${COMMIT})`;

/** An archive that goes into the sink; `finish` is for behind its end. */
export async function openArchive(
  packaging: Packaging,
  time: number,
  sink: ReplySink,
): Promise<{ readonly archive: ArchiveWriter; finish(): Promise<void> }> {
  if (packaging === 'zip') {
    const { zipArchive } = await import('../../../browse/archive/zip.js');
    return { archive: zipArchive(sink, { time }), finish: async () => {} };
  }
  const [{ tarArchive }, { gzipSink }] = await Promise.all([
    import('../../../browse/archive/tar.js'),
    import('../../../reply/gzip-sink.js'),
  ]);
  const coder = await gzipSink(sink);
  return { archive: tarArchive(coder, { time }), finish: () => coder.end() };
}
