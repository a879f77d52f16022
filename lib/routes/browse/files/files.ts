/**
 * Records of files (browse-export 10): `file/PROG/LEVEL/SERIES/REC` lists the files of a record, from which people select; with a name behind it, it is one file.
 *
 * Contract: only names that stand in the list lead to files. Rules of access are asked for each record by its age; a file that needs a sign-in is 401 with the realm.
 */
import { recordsOf } from '../../../browse/find/find-records.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { csvLine } from '../../../browse/forms/csv.js';
import { JSON_VERSION, recordJson } from '../../../browse/forms/json.js';
import { fileAddress } from '../../../browse/forms/links.js';
import { UnreadableInventory } from '../../../browse/inventory/inventory.js';
import { filesOfPart, memberWord, type RecordFile, recordFiles } from '../../../browse/inventory/record-files.js';
import { isKey, itemName } from '../../../browse/record/item-name.js';
import { Das2Error } from '../../../error.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import { fileReply } from '../../../reply/file-reply.js';
import { disposition, mediaTypeOf } from '../../../reply/media-type.js';
import type { Reply } from '../../../reply/reply.js';
import { type BrowseFacts, browseAccess, browseNames } from '../context.js';
import { browseReply, CSV_TYPE, formOf, privateReply } from '../reply.js';

/** Answers `file/PROG/LEVEL/SERIES/REC` and `file/PROG/LEVEL/SERIES/REC/MEMBER`. */
export async function browseFiles(
  facts: BrowseFacts,
  [prog = '', level = '', name = '', number = '', member]: readonly string[],
): Promise<Reply> {
  const row = await findRecord(facts, { prog, level, series: name }, number);
  if (row.state === 'restricted') {
    throw new Das2Error('authenticationRequired', 'the files of this record need a sign-in', {
      data: { realm: row.realm },
    });
  }
  const files = recordFiles(row.series, row.record) ?? [];
  return member === undefined ? listReply(facts, row, files) : oneFile(facts, row, files, member);
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
  const rows = files.map((file) => {
    const word = memberWord(file, files);
    return { file, word, item: itemName(series, record, word), url: fileAddress(series, record, places, word) };
  });
  if (form === 'text') return browseReply(request, textReply(request, rows.map(({ url }) => `${url}\n`).join('')));
  if (form === 'csv') {
    const lines = rows.map(({ item, file, url }) =>
      csvLine([item, file.name, file.bytes, new Date(file.changedAt).toISOString(), url]),
    );
    const text = ['item,name,bytes,changed,url', ...lines].map((line) => `${line}\r\n`).join('');
    return browseReply(request, textReply(request, text, { contentType: CSV_TYPE }));
  }
  if (form === 'json') {
    const value = {
      version: JSON_VERSION,
      record: recordJson(row, places, table),
      files: rows.map(({ item, file, url }) => ({
        item,
        name: file.name,
        bytes: file.bytes,
        changed: new Date(file.changedAt).toISOString(),
        url,
      })),
    };
    return browseReply(request, jsonReply(request, value));
  }
  const { filesPage } = await import('./files-page.js');
  return browseReply(request, htmlReply(request, filesPage(context.configuration, facts, row, rows)));
}

function oneFile(facts: BrowseFacts, row: FoundRecord, files: readonly RecordFile[], member: string): Reply {
  const found = /^[A-Za-z0-9._-]{1,255}$/.test(member)
    ? filesOfPart(files, { kind: 'members', names: [member] }).files[0]
    : undefined;
  if (found === undefined) throw new Das2Error('notFound', `there is no such file in ${itemOf(row)}`);
  const reply = fileReply(facts.request, found.path, {
    contentType: mediaTypeOf(found.name)?.contentType ?? 'application/octet-stream',
    headers: [
      ['Content-Disposition', disposition('attachment', found.name)],
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
