/**
 * What people should know of records of files before they ask for them (browse-export 10): how many files that will be; and that the whole record may be had where
 * somebody has chosen more than half of it.
 */
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { grouped } from '../../../browse/faults.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { recordTime, roundSize } from '../../../browse/forms/words.js';
import { filesOfPart, type RecordFile, recordFiles } from '../../../browse/inventory/record-files.js';
import { itemName } from '../../../browse/record/item-name.js';
import { parsePart } from '../../../browse/record/part.js';
import { type Html, html } from '../../../page/html.js';
import type { BrowseSelection, Pairs } from './selection.js';

/** Records whose folders are looked at: a page should not take long. */
const MOST_LOOKED_AT = 500;

/** Of one record: what there is of it, what is chosen, and by which items. */
interface ChosenFiles {
  readonly row: FoundRecord;
  readonly all: readonly RecordFile[];
  readonly files: Set<RecordFile>;
  readonly items: string[];
  isWhole: boolean;
}

/** The notes; nothing where no record of files is among the items, or more of them than can be looked at. */
export function partsNotes(facts: BrowseFacts, { good, pairs }: BrowseSelection): Html | undefined {
  const rows = good.filter(({ series, state }) => series.kind === 'files' && state !== 'offline');
  const records = new Set(rows.map(recordKey)).size;
  if (records === 0 || records > MOST_LOOKED_AT) return undefined;
  const chosen = filesByRecord(rows);
  const count = chosen.reduce((sum, { files }) => sum + files.size, 0);
  const large = chosen.filter(
    ({ isWhole, files, all }) => !isWhole && files.size * 2 > all.length && files.size < all.length,
  );
  return html`<p class="remark">${grouped(count)} ${count === 1 ? 'file' : 'files'} of ${grouped(records)} ${records === 1 ? 'record' : 'records'} of files: each becomes a file of its own.</p>
${large.map((one) => wholeOffer(facts, one, pairs))}`;
}

function recordKey({ series, record }: FoundRecord): string {
  return itemName(series, record);
}

function filesByRecord(rows: readonly FoundRecord[]): ChosenFiles[] {
  const records = new Map<string, ChosenFiles>();
  for (const row of rows) {
    const known = records.get(recordKey(row));
    const { all, files, items }: Pick<ChosenFiles, 'all' | 'files' | 'items'> = known ?? {
      all: recordFiles(row.series, row.record) ?? [],
      files: new Set(),
      items: [],
    };
    const part = row.part === undefined ? undefined : parsePart(row.part);
    for (const file of part === undefined ? all : filesOfPart(all, part).files) files.add(file);
    items.push(itemOf(row));
    records.set(recordKey(row), { row, all, files, items, isWhole: part === undefined || known?.isWhole === true });
  }
  return [...records.values()];
}

/** The same request with the whole record in place of its parts. */
function wholeOffer({ paths, table }: BrowseFacts, { row, all, files, items }: ChosenFiles, pairs: Pairs): Html {
  const size = (some: Iterable<RecordFile>): string => roundSize([...some].reduce((sum, { bytes }) => sum + bytes, 0));
  const parts = new Set(items);
  const kept = pairs.filter(([name, value]) => name !== 'key' && !(name === 'sel' && parts.has(value)));
  return html`<form class="remark" method="post" action="${paths.browse}/request">
<p>You have chosen ${grouped(files.size)} of ${grouped(all.length)} files (${size(files)}) of ${row.series.label}, ${recordTime(row, table)}. The whole record has ${size(all)}.</p>
${[...kept, ['sel', recordKey(row)] as const].map(
  ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
)}<button type="submit" class="second">Take the whole record</button>
</form>
`;
}
