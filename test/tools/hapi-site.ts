/**
 * A site with HAPI datasets of every kind, on stub readers that print prepared streams: for tests of the rules, where the values are known.
 *
 * The day 2017-01-01 has a record an hour; readers print all of it, whatever is asked. `Examples` of the protocol fixture are there, too.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerPacket, packetHeader, record, STREAM } from './build-stream.js';
import { layOutProtocolFixture, type ProtocolFixture } from './protocol-fixture.js';

const HOUR = 3_600e6;
/** us2000 of 2017-01-01. */
const DAY_2017 = (Date.UTC(2017, 0, 1) - Date.UTC(2000, 0, 1)) * 1000;

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'little_endian_real4', 'little_endian_real8'];
const PLAIN =
  `${X}<y name="B" type="little_endian_real4" units="nT"><properties yLabel="Field!c(nT)"/></y>` +
  '<yscan name="spectrum" type="little_endian_real8" zUnits="V**2 m**-2" yUnits="Hz" nitems="3" yTags="1,2.5,10"/>';
const OTHER = `${X}<y name="T" type="little_endian_real4" units="eV"/>`;

/** Hourly records of a packet type. */
function hours(id: number, width: number, from = 0, to = 24, step = HOUR): Buffer {
  return Buffer.concat(
    Array.from({ length: to - from }, (_, i) => {
      const hour = from + i;
      const values = Array.from({ length: width }, (_, item) => hour + item / 8);
      return record(id, TYPES, [DAY_2017 + hour * step, ...values]);
    }),
  );
}

const exception = (type: string, message: string): Buffer =>
  headerPacket('xx', `<exception type="${type}" message="${message}" />\n`);

const STREAMS: Readonly<Record<string, Buffer>> = {
  plain: Buffer.concat([STREAM, packetHeader(1, PLAIN), hours(1, 4)]),
  two: Buffer.concat([STREAM, packetHeader(1, PLAIN), packetHeader(5, OTHER), hours(1, 4), hours(5, 1)]),
  merged: Buffer.concat([STREAM, packetHeader(1, PLAIN), hours(1, 4, 0, 12), packetHeader(9, PLAIN), hours(9, 4, 12)]),
  changing: Buffer.concat([
    STREAM,
    packetHeader(1, PLAIN),
    hours(1, 4, 0, 12),
    packetHeader(1, OTHER),
    hours(1, 1, 12),
  ]),
  fine: Buffer.concat([STREAM, packetHeader(1, OTHER), hours(1, 1, 0, 100, 100)]),
  other: Buffer.concat([STREAM, packetHeader(1, OTHER), hours(1, 1)]),
  double: Buffer.concat([STREAM, packetHeader(1, PLAIN), hours(1, 4, 0, 12), hours(1, 4, 11)]),
  noData: Buffer.concat([STREAM, exception('NoDataInInterval', 'nothing there')]),
  someData: Buffer.concat([STREAM, packetHeader(1, PLAIN), hours(1, 4, 0, 3), exception('no_data_in_interval', 'end')]),
  refused: Buffer.concat([STREAM, exception('IllegalArgument', 'the calibration is missing')]),
  half: Buffer.concat([STREAM, packetHeader(1, PLAIN), hours(1, 4).subarray(0, 500)]),
};

const RANGE = "validRange = '2017-01-01 to 2018-01-01'\nexampleRange_00 = '2017-01-01 to 2017-01-02'\n";
const source = (reader: string, more = ''): string =>
  `description = 'A dataset'\ndas2Stream = 1\nreader = '${reader}'\nhapi = yes\n${RANGE}${more}`;

/** The datasets by their ids, for the tests to name. */
const SOURCES: Readonly<Record<string, string>> = {
  'H/Plain': source(
    'show plain',
    "summary = 'All about it'\nsciContact = 'S <s@x.org>'\ntechContact = 'T <t@x.org>'\n",
  ),
  'H/Two': source('show two'),
  'H/Merged': source('show merged'),
  'H/Changing': source('show changing'),
  'H/Fine': source('show fine'),
  'H/Double': source('show double'),
  'H/Sub': source(
    'tell plain',
    "subSource_00 = 'raw | Everything'\nsubSource_01 = 'fast | Fast mode | 0 | -f fast'\nsubSource_02 = 'broken'\n",
  ),
  'H/Steps': source(
    'tell plain',
    "requiresInterval = 1\nsubSource_00 = 'h | Hourly | 3600'\nsubSource_01 = 'none | No step'\n",
  ),
  'H/NeedsInterval': source('tell plain', 'requiresInterval = 1\n'),
  'H/Averages': source(
    'show plain',
    "reducer = 'das2_bin_avgsec'\nsubSource_00 = 'six | Six hours | 21600'\ncacheLevel_00 = '1 hour | daily'\n",
  ),
  'H/Levels': source(
    'show plain',
    "reducer = 'das2_bin_avgsec'\ncacheLevel_00 = '6 hours | daily'\ncacheLevel_01 = 'intrinsic | daily'\n",
  ),
  'H/Closed': source('show plain', "readAccess = 'GROUP:g'\nsecurityRealm = 'My Realm'\n"),
  'H/Aged': source('show plain', "readAccess = 'AGE:1y | USER:u'\nsecurityRealm = 'My Realm'\n").replace(
    '2018-01-01',
    'now',
  ),
  'H/New': source('show plain', "readAccess = 'AGE:80y | GROUP:g'\n"),
  'H/Hidden': source('show plain', 'hidden = 1\n'),
  'H/Off': source('show plain').replace('hapi = yes', 'hapi = no'),
  'H/Q': source('show plain').replace('das2Stream = 1', 'qstream = 1'),
  'H/Far': source('show plain', "server = 'http://far.example.org/das/server'\n"),
  'H/Own': source('show plain', "server = 'http://das.example.org/das/server/'\n"),
  'H/Moved': source('show plain', "rename = 'H/Plain'\n"),
  'H/NoRange': source('show plain').replace(/validRange.*\n/, ''),
  'H/Bad': 'hapi = 1\nno equals sign\n',
  'H/Pruned/_dirinfo_': "description = 'x'\nhapi = false\n",
  'H/Pruned/X': source('show plain'),
  'H/Fails': source('fail'),
  'H/Dies': source('die'),
  // From June on something else happens.
  'H/Later/Half': source('later show plain then show half'),
  'H/Later/Silent': source('later show plain then true'),
  'H/Later/NoData': source('later show plain then show noData'),
  'H/Later/Refused': source('later show plain then show refused'),
  'H/Later/Other': source('later show plain then show other'),
  'H/Later/SomeData': source('show someData'),
  'H/Later/Fails': source('later show plain then fail'),
};

/** Lays out the site. Programs: `show STREAM`, `tell STREAM` (keeps its arguments), `later FIRST… then SECOND…`, `die`, `fail`. */
export function layOutHapiSite(settings: Readonly<Record<string, string | undefined>> = {}): ProtocolFixture {
  const site = layOutProtocolFixture({
    settings: {
      ENABLE_HAPI_SUBSYS: 'true',
      D2S_REDUCER: undefined,
      D2S_TO_UTF8: undefined,
      CONTACT_EMAIL: 'someone&#64;example.org',
      ...settings,
    },
    sources: SOURCES,
  });
  for (const [name, bytes] of Object.entries(STREAMS)) writeFileSync(join(site.root, `${name}.d2s`), bytes);
  site.writeProgram('show', `cat '${site.root}'/"$1".d2s\n`);
  site.writeProgram('tell', `name=$1\nshift\necho "$*" >> '${site.stateRoot}/told'\ncat '${site.root}'/"$name".d2s\n`);
  site.writeProgram('fail', "echo 'no calibration file' >&2\nexit 7\n");
  // Enough to be on its way before the end comes.
  site.writeProgram('die', `cat '${site.root}/plain.d2s'\n[ "$1" = 2017-01-01T12:00:00 ] || exit 0\nsleep 1\nexit 3\n`);
  site.writeProgram(
    'later',
    `first= second= turn=first begin=
for word in "$@"; do
  case $word in
    then) turn=second ;;
    2017-*) [ -n "$begin" ] || begin=$word ;;
    *) if [ $turn = first ]; then first="$first $word"; else second="$second $word"; fi ;;
  esac
done
case $begin in 2017-0[6-9]*|2017-1*) $second ;; *) $first ;; esac
`,
  );
  return site;
}
