/**
 * Names of the files of the spool queue. A name carries the order in which items are taken, so that a folder, sorted, is a
 * list:
 *
 *   LANE-ORDER-PROCESS-NUMBER.LOSSES      lane 0: urgent, the newest first; 1: our own categories; 2: all others
 *
 * LOSSES counts runs that were lost or put off. Items put off have `DUE~` in front, finished ones their `END~`.
 */

/** Digits of a time in microseconds. */
const WIDTH = 17;
const LATEST = 10 ** WIDTH - 1;
const FORM = /^(?:(\d{17})~)?(\d)-(\d{17})-([A-Za-z0-9._-]+)\.(\d{1,3})$/;

export type Lane = 'urgent' | 'own' | 'normal';

const LANES: Readonly<Record<Lane, string>> = { urgent: '0', own: '1', normal: '2' };

let number = 0;
let latest = 0;

/** A new name, behind (urgent: in front of) all that this process made before. */
export function spoolName(lane: Lane, losses = 0): string {
  // Two items in one microsecond, or a clock that was set back, must not change the order.
  latest = Math.max(latest + 1, Math.round((performance.timeOrigin + performance.now()) * 1000));
  const order = lane === 'urgent' ? LATEST - latest : latest;
  return `${LANES[lane]}-${digits(order)}-${process.pid}-${number++}.${losses}`;
}

/** The same item put off until, or ended at, a time in milliseconds. */
export function stampedName(name: string, milliseconds: number): string {
  return `${digits(Math.round(milliseconds * 1000))}~${bareName(name)}`;
}

/** Time in a stamped name, in milliseconds; undefined if the name has none. */
export function stampOf(name: string): number | undefined {
  const stamp = FORM.exec(name)?.[1];
  return stamp === undefined ? undefined : Number(stamp) / 1000;
}

/** The name without its stamp. */
export function bareName(name: string): string {
  return name.slice(name.indexOf('~') + 1);
}

/** Runs of the item that were lost or put off. */
export function lossesOf(name: string): number {
  return Number(FORM.exec(name)?.[4 + 1] ?? 0);
}

/** True for names of items; temporary and foreign files are none. */
export function isSpoolName(name: string): boolean {
  return FORM.test(name);
}

function digits(value: number): string {
  return String(Math.max(0, value)).padStart(WIDTH, '0');
}
