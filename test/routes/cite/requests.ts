/** What the tests of citations ask for, all in the same words: a day of the source C/Plain, its citation, and the digests of the day before and after a change. */
import { digestOf, hours } from '../../tools/cite-site.js';

/** The times of a request for the day. */
export const DAY = 'start_time=2017-01-01&end_time=2017-01-02';
export const ASK = `server=dataset&dataset=C/Plain&${DAY}`;
export const CITE = `server=citation&dataset=C/Plain&${DAY}`;

/** Headers of a browser. */
export const BROWSER = {
  'User-Agent': 'Mozilla/5.0 (X11) Firefox/150.0',
  Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
};

/** Content digests of the day, and of the day when all its values are larger by 100. */
export const FIRST = digestOf(hours());
export const SECOND = digestOf(hours(100));
