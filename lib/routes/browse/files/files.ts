/**
 * Records of files (browse-export 10): `file/PROG/LEVEL/SERIES/REC` lists the files of a record, from which people select; with a name behind it, it is one file,
 * and with `thumbnails/` before the name its small picture.
 *
 * Contract: only names that stand in the list lead to files. Rules of access are asked for each record by its age; a file that needs a sign-in is 401 with the realm.
 */
import { type BrowseFacts, browseAccess, browseNames } from '../../../browse/facts/facts.js';
import { type FilePicks, NO_PICKS, readFilePicks } from '../../../browse/find/file-picks.js';
import { recordsOf } from '../../../browse/find/find-records.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { csvLine } from '../../../browse/forms/csv.js';
import { JSON_VERSION, recordJson } from '../../../browse/forms/json.js';
import { fileAddress, thumbnailAddress } from '../../../browse/forms/links.js';
import { UnreadableInventory } from '../../../browse/inventory/inventory.js';
import {
  filesOfPart,
  memberWord,
  type RecordFile,
  recordFiles,
  secondInName,
} from '../../../browse/inventory/record-files.js';
import { recordThumbnails, THUMBNAIL_FOLDER } from '../../../browse/inventory/thumbnails.js';
import { isKey, itemName } from '../../../browse/record/item-name.js';
import { clockParts, pad } from '../../../browse/time/scales.js';
import { Das2Error, isDas2Error } from '../../../error.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import { fileReply } from '../../../reply/file-reply.js';
import { disposition, mediaTypeOf } from '../../../reply/media-type.js';
import type { Reply } from '../../../reply/reply.js';
import { browseReply, CSV_TYPE, formOf, privateReply } from '../reply.js';

/** What a page is to tick; with the fault where the parameters cannot be read. */
function picksOrFault(parameters: ReadonlyMap<string, string>): {
  readonly picks: FilePicks;
  readonly fault?: Das2Error;
} {
  try {
    return { picks: readFilePicks(parameters) };
  } catch (error) {
    if (!isDas2Error(error, 'illegalArgument')) throw error;
    return { picks: NO_PICKS, fault: error };
  }
}

/** `12:01:30`. */
function clock(second: number): string {
  return clockParts({ day: 0, second, nanosecond: 0 })
    .map((part) => pad(part))
    .join(':');
}

/** Answers `file/PROG/LEVEL/SERIES/REC`, `…/MEMBER` and `…/thumbnails/MEMBER`. */
export async function browseFiles(
  facts: BrowseFacts,
  [prog = '', level = '', name = '', number = '', member, small]: readonly string[],
): Promise<Reply> {
  const row = await findRecord(facts, { prog, level, series: name }, number);
  if (row.state === 'restricted') {
    throw new Das2Error('authenticationRequired', 'the files of this record need a sign-in', {
      data: { realm: row.realm },
    });
  }
  const files = recordFiles(row.series, row.record) ?? [];
  if (member === undefined) return listReply(facts, row, files);
  if (small === undefined) return oneFile(facts, row, files, member);
  if (member !== THUMBNAIL_FOLDER) throw nothing();
  const file = fileNamed(row, files, small);
  const picture = recordThumbnails(row.series, row.record, files).get(file);
  if (picture === undefined) throw new Das2Error('notFound', `there is no small picture of ${file.name}`);
  return sendFile(facts, row, picture, 'inline');
}

async function findRecord(
  facts: BrowseFacts,
  triad: { readonly prog: string; readonly level: string; readonly series: string },
  number: string,
): Promise<FoundRecord> {
  const { context, table, now } = facts;
  const isName = Object.values(triad).every(isKey) && /^-?\d{1,10}$/.test(number);
  const names = isName
    ? await browseNames(facts, ({ prog, level }) => prog === triad.prog && level === triad.level)
    : undefined;
  const series = names?.series.find((one) => one.series === triad.series);
  if (series === undefined || series.kind !== 'files') throw nothing();
  const record = Number(number);
  const access = browseAccess(facts);
  try {
    const rows = await recordsOf(series, { first: record, last: record }, [record], {
      table,
      inventory: context.configuration.path('BROWSE_INV'),
      accessOf: (one) => access.of(one),
      now,
    });
    if (rows[0] === undefined) throw nothing();
    return rows[0];
  } catch (error) {
    if (!(error instanceof UnreadableInventory)) throw error;
    throw new Das2Error('overload', 'the inventory of this series cannot be read just now');
  }
}

function nothing(): Das2Error {
  return new Das2Error('notFound', 'there is no such record of files');
}

async function listReply(facts: BrowseFacts, row: FoundRecord, files: readonly RecordFile[]): Promise<Reply> {
  const { request, places, table, context } = facts;
  const { series, record } = row;
  const form = formOf(request, ['html', 'json', 'text', 'csv']);
  const thumbnails = recordThumbnails(series, record, files);
  const rows = files.map((file) => {
    const word = memberWord(file, files);
    const second = secondInName(file.name);
    return {
      file,
      word,
      item: itemName(series, record, word),
      url: fileAddress(series, record, places, word),
      ...(second !== undefined && { time: clock(second) }),
      ...(thumbnails.has(file) && { thumbnail: thumbnailAddress(series, record, places, word) }),
    };
  });
  if (form === 'text') return browseReply(request, textReply(request, rows.map(({ url }) => `${url}\n`).join('')));
  if (form === 'csv') {
    const lines = rows.map(({ item, file, url, time, thumbnail }) =>
      csvLine([item, file.name, file.bytes, new Date(file.changedAt).toISOString(), url, time, thumbnail]),
    );
    const text = ['item,name,bytes,changed,url,time,thumbnail', ...lines].map((line) => `${line}\r\n`).join('');
    return browseReply(request, textReply(request, text, { contentType: CSV_TYPE }));
  }
  if (form === 'json') {
    const value = {
      version: JSON_VERSION,
      record: recordJson(row, places, table),
      files: rows.map(({ item, file, url, time, thumbnail }) => ({
        item,
        name: file.name,
        bytes: file.bytes,
        changed: new Date(file.changedAt).toISOString(),
        url,
        ...(time !== undefined && { time }),
        ...(thumbnail !== undefined && { thumbnail }),
      })),
    };
    return browseReply(request, jsonReply(request, value));
  }
  const { filesPage } = await import('./files-page.js');
  const picks = picksOrFault(request.parameters);
  const status = picks.fault === undefined ? 200 : 400;
  return browseReply(
    request,
    htmlReply(request, filesPage(context.configuration, facts, row, { rows, ...picks }), { status }),
  );
}

function oneFile(facts: BrowseFacts, row: FoundRecord, files: readonly RecordFile[], member: string): Reply {
  return sendFile(facts, row, fileNamed(row, files, member), 'attachment');
}

function fileNamed(row: FoundRecord, files: readonly RecordFile[], member: string): RecordFile {
  const found = /^[A-Za-z0-9._-]{1,255}$/.test(member)
    ? filesOfPart(files, { kind: 'members', names: [member] }).files[0]
    : undefined;
  if (found === undefined) throw new Das2Error('notFound', `there is no such file in ${itemOf(row)}`);
  return found;
}

function sendFile(
  facts: BrowseFacts,
  row: FoundRecord,
  { path, name }: RecordFile,
  kind: 'attachment' | 'inline',
): Reply {
  const reply = fileReply(facts.request, path, {
    contentType: mediaTypeOf(name)?.contentType ?? 'application/octet-stream',
    headers: [
      ['Content-Disposition', disposition(kind, name)],
      // What an archive holds is not ours: opened as a page it must not run anything.
      ['Content-Security-Policy', "default-src 'none'; sandbox"],
    ],
    cacheable: true,
  });
  if (reply === undefined) throw new Das2Error('notFound', 'the file cannot be read just now');
  const isPrivate = row.series.isRestricted;
  return isPrivate
    ? privateReply(facts, reply)
    : { ...reply, headers: [...reply.headers, ['X-Robots-Tag', 'noindex']] };
}
