/**
 * Coverage as a das2 stream (server-internals 7.2): a text stream of one packet type, a record for each day that was counted.
 *
 *   x  begin of the day        end  its end        records  how many        resolution  of what length, in seconds; 0: as the reader sends
 *
 * Tables have the same in another order: `COVERAGE_TABLE`. Days that nobody has counted have no record; a range without any gets the
 * exception `NoDataInInterval`.
 */
import { parseEncoding } from '../../stream/encoding.js';
import { type PacketHeader, type Plane, recordSize } from '../../stream/header.js';
import type { Property } from '../../stream/properties.js';
import { StreamWriter } from '../../stream/stream-writer.js';
import { formatTime } from '../../stream/time.js';
import { type Coverage, dayText } from './coverage.js';

const ID = 1;

/** One column: its plane, and how a day's value is written. */
interface Column {
  readonly plane: Plane;
  readonly text: (day: number, records: number, resolution: number) => string;
}

const dayTime = (day: number): string => formatTime({ day, nanosecond: 0 }, { decimals: 0 });

const BEGIN = column('x', undefined, 'time20', 'us2000', dayTime, 'Begin of the day');
const END = column('y', 'end', 'time20', 'us2000', (day) => dayTime(day + 1), 'End of the day');
const RESOLUTION = column(
  'y',
  'resolution',
  'ascii13',
  's',
  (_day, _n, length) => String(length),
  'Length of a record',
);

/** The columns of a packet type. */
export interface CoverageColumns {
  readonly header: PacketHeader;
  readonly columns: readonly Column[];
}

/** What plots show comes first. */
const COVERAGE_STREAM = columnsOf(BEGIN, counts('records'), END, RESOLUTION);
/** Begin and end stand side by side (server-internals 7.2: time, end, count). */
export const COVERAGE_TABLE = columnsOf(BEGIN, END, counts('count'), RESOLUTION);

function columnsOf(...columns: readonly Column[]): CoverageColumns {
  return { header: { group: undefined, properties: [], planes: columns.map(({ plane }) => plane) }, columns };
}

function counts(name: string): Column {
  return column('y', name, 'ascii11', '', (_day, records) => String(records), 'Records on this day');
}

function column(
  element: 'x' | 'y',
  name: string | undefined,
  type: string,
  units: string,
  text: Column['text'],
  label: string,
): Column {
  const properties: Property[] =
    element === 'x'
      ? []
      : [
          { type: '', name: 'yLabel', value: label },
          { type: '', name: 'ySummary', value: label },
        ];
  return {
    plane: { element, name, encoding: parseEncoding(type), units, itemCount: 1, attributes: new Map(), properties },
    text,
  };
}

/** The stream. */
export function coverageStream(coverage: Coverage, { header, columns } = COVERAGE_STREAM): Uint8Array {
  const parts: Buffer[] = [];
  const writer = new StreamWriter({ write: (bytes) => void parts.push(Buffer.from(bytes)) });
  const { dataset, title, range, madeAt } = coverage;
  writer.streamHeader({
    version: '2.2',
    compressed: false,
    properties: [
      { type: '', name: 'title', value: `${title} (coverage)` },
      { type: '', name: 'sourceId', value: dataset },
      { type: 'DatumRange', name: 'xCacheRange', value: `${dayText(range.begin)} to ${dayText(range.end)} UTC` },
      { type: 'Datum', name: 'xTagWidth', value: '86400 s' },
      { type: '', name: 'xLabel', value: 'Day (UTC)' },
      { type: '', name: 'yLabel', value: 'Records a day' },
      { type: '', name: 'renderer', value: 'stairSteps' },
      { type: '', name: 'dateCounted', value: new Date(madeAt).toISOString() },
    ],
  });
  writer.packetHeader(ID, header);
  let count = 0;
  for (let day = range.begin; day < range.end; day++) {
    const known = coverage.days.get(day);
    if (known === undefined) continue;
    const texts = columns.map(({ plane, text }) =>
      text(day, known.records, known.resolution).padStart(plane.encoding.width - 1),
    );
    writeRecord(writer, recordSize(header), `${texts.join(' ')}\n`);
    count++;
  }
  if (count === 0) {
    const message = `no day from ${dayText(range.begin)} to ${dayText(range.end)} was counted`;
    writer.exception({ type: 'NoDataInInterval', message });
  }
  writer.flush();
  return Buffer.concat(parts);
}

/** Values right-justified in their columns, a blank behind each, a line end behind the last. */
function writeRecord(writer: StreamWriter, size: number, line: string): void {
  const at = writer.beginRecord(ID, size);
  for (let i = 0; i < size; i++) writer.bytes[at + i] = line.charCodeAt(i);
}
