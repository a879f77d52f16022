/**
 * The command line of `das2_hapi` (stream-format 13.7).
 *
 * Contract: what a DSDF says is found by a function that the entry module gives, because definitions belong to another part of the program.
 */
import { Das2Error } from '../../error.js';
import type { ByteFilter } from '../../stream/byte-filter.js';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { parseCommandLine, timeArgument, wholeNumber } from '../arguments.js';
import { createHapi, type HapiOptions } from '../hapi.js';
import type { FilterProgram } from '../program.js';
import type { HapiFormat } from './row-writer.js';

const NAME = 'das2_hapi';

/** The normal end of a run that only describes (stream-format 13.7). */
const DESCRIBED_STATUS = 100;

const FORMATS: readonly string[] = ['csv', 'json', 'binary'];

/** Facts of a definition for the description: dates, contact, texts. */
export type DefinitionFacts = (file: string) => Readonly<Record<string, unknown>>;

/** The program; `factsOf` reads a DSDF. */
export function hapiProgram(factsOf: DefinitionFacts): FilterProgram {
  return {
    name: NAME,
    usageStatus: 100,
    help: HELP,
    create(args, sink) {
      const options = readOptions(args, factsOf);
      const filter = createHapi(options, sink);
      return options.header === 'only' ? descriptionAlone(filter) : filter;
    },
  };
}

/** What the words of the command line ask for. Throws `usage`. */
function readOptions(args: readonly string[], factsOf: DefinitionFacts): HapiOptions {
  const line = parseCommandLine(args, {
    options: {
      d: { takes: 'value' },
      i: { takes: 'flag' },
      n: { takes: 'flag' },
      p: { takes: 'value' },
      b: { takes: 'value' },
      e: { takes: 'value' },
      format: { takes: 'value' },
      decimals: { takes: 'value' },
    },
    words: [],
    furtherWords: Number.POSITIVE_INFINITY,
  });
  const time = (option: string) => {
    const text = line.value(option);
    return text === undefined ? undefined : timeArgument(text, `option -${option}`);
  };
  const packetId = line.value('p');
  const file = line.value('d');
  const format = line.value('format') ?? 'table';
  if (format !== 'table' && !FORMATS.includes(format)) {
    throw new Das2Error('usage', `option --format takes csv, json or binary, not '${format.slice(0, 40)}'`);
  }
  const decimals = line.value('decimals');
  if (decimals !== undefined && (format === 'table' || !/^[369]$/.test(decimals))) {
    throw new Das2Error('usage', 'option --decimals takes 3, 6 or 9, and needs --format');
  }
  const begin = time('b');
  const end = time('e');
  return {
    format: format as HapiFormat | 'table',
    begin,
    end,
    header: line.has('n') ? 'only' : line.has('i') ? 'front' : 'none',
    packetId: packetId === undefined ? undefined : wholeNumber(packetId, 'option -p', { lowest: 1, highest: 99 }),
    parameters: line.words,
    facts: file === undefined ? rangeFacts(begin, end) : factsOf(file),
    ...(decimals === undefined ? {} : { timeDecimals: Number(decimals) as 3 | 6 | 9 }),
  };
}

/** A filter that only describes: its normal end is a fault. Like every filter it ignores calls after it has thrown. */
function descriptionAlone(filter: ByteFilter): ByteFilter {
  let stopped = false;
  return {
    push: (chunk) => {
      if (stopped) return;
      stopped = true;
      filter.push(chunk);
      stopped = false;
    },
    flush: () => filter.flush(),
    end: () => {
      if (stopped) return;
      stopped = true;
      filter.end();
      throw new Das2Error('noDataInInterval', 'the description alone was asked for', { exitStatus: DESCRIBED_STATUS });
    },
  };
}

/** Without a definition the range that was asked for is what is known of the data set. */
function rangeFacts(begin: TimePoint | undefined, end: TimePoint | undefined): Record<string, unknown> {
  return {
    ...(begin === undefined ? {} : { startDate: `${formatTime(begin, { decimals: 3 })}Z` }),
    ...(end === undefined ? {} : { stopDate: `${formatTime(end, { decimals: 3 })}Z` }),
  };
}

const HELP = `Usage: ${NAME} [-d DSDF] [-i] [-n] [-p ID] [-b BEGIN] [-e END] [--format FORMAT] [PARAM...]

Writes one packet type of a das2 stream as a HAPI table: the time and then every value, one line per
record. Reads the stream from standard input and writes the table to standard output.

  PARAM...       planes by name (default: all). The time always comes first
  -p ID          the packet type (default: the first one). Types with the same planes are added
  -b, -e TIME    keep records with BEGIN <= t < END; the table ends with the first record at END
  -i             put a description (JSON) in front of the data; its lines begin with '# '
  -n             the description only. The normal end then has status ${DESCRIBED_STATUS}
  -d DSDF        the description takes dates, contact and texts from this file
  --format FORMAT  csv, json or binary: as a HAPI server sends them. Times have a Z, lie inside the
                 range and strictly increase (other records are dropped), CSV lines end in LF, fill
                 is the number that the description tells, lines of the description begin with '#',
                 scans are arrays in JSON, numbers are 8-byte little endian reals in binary
  --decimals N   with --format: 3, 6 or 9 decimals of the second
  -h, --help     print this text
  -v, --version  print version and commit

Without --format lines end in CR LF, fill is NaN, and numbers are padded: 5 decimals for 4-byte
reals, 9 for 8-byte reals.

Unlike older programs of this name: the description is valid JSON whatever the stream says, scans
are kept if there are several, names are whole words and unique, and a DSDF may have a validRange.

Status 18: the stream has no packet type ID, or none to describe. Status 20: it held an exception.

Example: a day of one plane, described

  my_reader 2013-001 2013-002 | \\
    ${NAME} -i -d source.dsdf --format csv -b 2013-001 -e 2013-002 B_mag > day.csv
`;
