/**
 * The reader of the harness: fast, and as bad as a file beside it says.
 *
 * All records lie in one file, a packet a line, five minutes apart, none on one day. The reader prints those of its range. The file `mode` has a
 * kind of misbehaviour and the days on which it strikes (`half 2017-03-01 2017-03-02`); without it the reader is good. A reader that
 * hangs leaves its process id in `hanging`, because nobody ends it when its worker is killed.
 */
import { dayFromDate } from '../../../lib/stream/calendar.js';
import { formatTime } from '../../../lib/stream/time.js';

/** First day with data, the one without, and how many days there are in all: two months have a part. */
export const FIRST_DAY = dayFromDate(2017, 2, 24);
export const DAYS = 10;
const SILENT_DAY = 6;
const STEP_SECONDS = 300;

/** Ways to misbehave. `exit`: status 3; `garbage`: text, status 0; `half`: ends within a packet, status 0; `died`: SIGSEGV. */
export type ReaderMode = 'exit' | 'hang' | 'garbage' | 'half' | 'died';

/** `YYYY-MM-DD` of a day counted from the first one. */
export function dayText(day: number): string {
  return formatTime({ day: FIRST_DAY + day, nanosecond: 0 }, { decimals: 0 }).slice(0, 10);
}

/** One line a record: `:01:` with time and value, as in the stream. Values differ enough for averages to tell records apart. */
export function recordLines(): string[] {
  const lines: string[] = [];
  const perDay = 86_400 / STEP_SECONDS;
  for (let i = 0; i < DAYS * perDay; i++) {
    const day = Math.floor(i / perDay);
    if (day === SILENT_DAY) continue;
    const time = formatTime({ day: FIRST_DAY + day, nanosecond: (i % perDay) * STEP_SECONDS * 1e9 }, { decimals: 3 });
    const value = (((i * 7919) % 4001) / 8 + (i % 13)).toFixed(6);
    lines.push(`:01:${time} ${value.padStart(13)}`);
  }
  return lines;
}

const BODY = '<packet><x type="time24" units="us2000" /><y type="ascii14" units="V" name="v" /></packet>\\n';

/** The script. The folder it lies in has `records` and perhaps `mode`. */
export const READER = `#!/bin/sh
here=\${0%/*}
misbehave=
if [ -r "$here/mode" ]; then
  read -r mode days < "$here/mode"
  for day in $days; do case $1 in "$day"*) misbehave=$mode ;; esac; done
fi
case $misbehave in
  exit) echo 'no calibration for this day' >&2; exit 3 ;;
  hang) echo $$ >> "$here/hanging"; exec sleep 1000 ;;
  garbage) echo 'Segmentation fault (core dumped)'; exit 0 ;;
esac
test -z "$HURRY" && sleep 0.01
awk -v b="$1" -v e="$2" -v half="$misbehave" 'BEGIN {
  body = "${BODY.replaceAll('"', '\\"')}"
  printf "[00]%06d%s", 25, "<stream version=\\"2.2\\" />\\n"
}
{
  t = substr($0, 5, 23)
  if (t < b || t >= e) next
  if (!count++) printf "[01]%06d%s", length(body), body
  if ((half == "half" || half == "died") && count == 100) { printf "%s", substr($0, 1, 20); exit }
  print
}
END {
  if (count) exit
  body = "<exception type=\\"NoDataInInterval\\" message=\\"none\\" />\\n"
  printf "[xx]%06d%s", length(body), body
}' "$here/records"
test "$misbehave" != died || kill -SEGV $$
`;
