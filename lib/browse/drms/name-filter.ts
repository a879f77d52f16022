/**
 * Filters of the list of series as clients of a DRMS send them (browse-export 9.6): regular expressions, capitals or not, of which these parts are understood:
 *
 *   letters  .  \.  \d  \w  [a-z]  [^x]      one character          * + ?    how often it may stand there
 *   ^ $                                      begin and end          a|b      one or the other
 *
 * Contract: pure. Matching takes a time that grows with the lengths of both texts and no faster, whatever the filter; groups and the rest of such languages are
 * refused with `illegalArgument` that names the field `filter`.
 */
import { fieldError, shown } from '../faults.js';

/** One character, and how often it may stand there. */
interface Step {
  readonly matches: (char: string) => boolean;
  readonly mayMiss: boolean;
  readonly mayRepeat: boolean;
}

interface Alternative {
  readonly steps: readonly Step[];
  readonly isAtBegin: boolean;
  readonly isAtEnd: boolean;
}

const LONGEST = 200;

/** A test for names. An empty filter takes all. */
export function nameFilter(text: string): (name: string) => boolean {
  if (text.length > LONGEST) throw wrong(text, `it is longer than ${LONGEST} characters`);
  const alternatives = text
    .toLowerCase()
    .split('|')
    .map((part) => alternativeOf(part, text));
  return (name) => alternatives.some((one) => isFound(one, name.toLowerCase()));
}

function alternativeOf(part: string, text: string): Alternative {
  const isAtBegin = part.startsWith('^');
  const isAtEnd = /(?:^|[^\\])\$$/.test(part);
  const steps: Step[] = [];
  let rest = part.slice(isAtBegin ? 1 : 0, isAtEnd ? -1 : undefined);
  while (rest !== '') {
    const [whole = '', character = '', often = ''] =
      /^(\[\^?\]?[^\]]*\]|\\.|[^\\[\](){}*+?^$])([*+?]?)/.exec(rest) ?? [];
    if (whole === '') throw wrong(text, `'${shown(rest.slice(0, 10))}' is not understood here`);
    steps.push({
      matches: characterOf(character),
      mayMiss: often === '*' || often === '?',
      mayRepeat: often === '*' || often === '+',
    });
    rest = rest.slice(whole.length);
  }
  return { steps, isAtBegin, isAtEnd };
}

/** What one character of a name must be. */
function characterOf(text: string): (char: string) => boolean {
  if (text === '.') return () => true;
  if (text === '\\d') return (char) => char >= '0' && char <= '9';
  if (text === '\\w') return (char) => /\w/.test(char);
  if (text.startsWith('\\')) return (char) => char === text[1];
  if (!text.startsWith('[')) return (char) => char === text;
  const isNot = text[1] === '^';
  const members = text.slice(isNot ? 2 : 1, -1);
  return (char) => isMember(char, members) !== isNot;
}

/** True for a member of `a-z_`. */
function isMember(char: string, members: string): boolean {
  for (let i = 0; i < members.length; i++) {
    const first = members[i] ?? '';
    const isRange = members[i + 1] === '-' && i + 2 < members.length;
    if (char >= first && char <= (isRange ? (members[i + 2] ?? '') : first)) return true;
    if (isRange) i += 2;
  }
  return false;
}

/** Goes through the name once, with all places of the filter at which it may be. */
function isFound({ steps, isAtBegin, isAtEnd }: Alternative, name: string): boolean {
  let places = reach(new Set([0]), steps);
  for (const char of name) {
    if (places.has(steps.length) && !isAtEnd) return true;
    const next = new Set<number>(isAtBegin ? [] : [0]);
    for (const place of places) {
      const step = steps[place];
      if (step === undefined || !step.matches(char)) continue;
      next.add(place + 1);
      if (step.mayRepeat) next.add(place);
    }
    places = reach(next, steps);
  }
  return places.has(steps.length);
}

/** With the places behind steps that may be missing. */
function reach(places: Set<number>, steps: readonly Step[]): Set<number> {
  for (let place = 0; place < steps.length; place++)
    if (places.has(place) && steps[place]?.mayMiss) places.add(place + 1);
  return places;
}

function wrong(text: string, reason: string): Error {
  return fieldError('filter', `'${shown(text)}' cannot be used: ${reason}`, 'use parts of names, such as ^mdi or vel');
}
