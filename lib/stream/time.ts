/**
 * Door to time points: text both ways and us2000. The parts stand in `time-point` (arithmetic), `time-parser` (reading
 * any text), `time-text` (writing, and bulk work on bytes), `calendar` and `leap-seconds`.
 */
export { isIsoTime, parseTime } from './time-parser.js';
export {
  addNanoseconds,
  compareTimes,
  MICROSECONDS_PER_DAY,
  NANOSECONDS_PER_DAY,
  type TimePoint,
  timeFromUs2000,
  timePoint,
  us2000FromTime,
} from './time-point.js';
export { formatTime, isPrintableDay, type TimeDecimals, timeDecimals } from './time-text.js';
