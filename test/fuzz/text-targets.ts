/**
 * Targets for short texts: times, numbers, command lines.
 */
import { Das2Error } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { parseReal, writeReal } from '../../lib/stream/number-text.js';
import { formatTime, NANOSECONDS_PER_DAY, parseTime, us2000FromTime } from '../../lib/stream/time.js';
import { exponentForm } from '../tools/exponent-form.js';
import { demand, type FuzzInput, PropertyFailure, type Target } from './property.js';

const TIME_PIECES = [
  '2000',
  '1999',
  '0001',
  '9999',
  '-',
  '-',
  '/',
  ':',
  ':',
  'T',
  ' ',
  '.',
  ',',
  'Z',
  '01',
  '1',
  '13',
  '31',
  '60',
  '24',
  '366',
  '(002)',
  'Jan',
  'feb',
  'DECEMBER',
  '12',
  '59',
  '999999999',
  '5',
  '20000102',
  '20000102T030405',
  '+01:00',
  'UTC',
  'now',
  '\u00e9',
  '\t',
  'e',
  '00',
];

const time: Target = {
  name: 'time',
  share: 2,
  make(random) {
    let text = '';
    if (random.oneIn(2)) for (let i = random.between(1, 12); i > 0; i--) text += random.pick(TIME_PIECES);
    else {
      const base = random.pick([
        '2000-01-02T03:04:05.678',
        '2000-002',
        '1/2/2000',
        'Jan 2, 2000 03:04',
        '2000-01-02 (002) 03:04:05',
        '2012-06-30T23:59:60.5Z',
      ]);
      const at = random.below(base.length);
      text = `${base.slice(0, at)}${random.pick(TIME_PIECES)}${base.slice(at + random.below(3))}`;
    }
    return { bytes: Buffer.from(text), args: [], nature: 'damaged' };
  },
  check({ bytes }) {
    const text = Buffer.from(bytes).toString();
    let point: ReturnType<typeof parseTime>;
    try {
      point = parseTime(text);
    } catch (error) {
      if (!(error instanceof Das2Error)) throw error;
      return 1;
    }
    const { day, nanosecond } = point;
    demand(Number.isInteger(day) && Number.isInteger(nanosecond), 'whole numbers', () => JSON.stringify(point));
    demand(nanosecond >= 0 && nanosecond < NANOSECONDS_PER_DAY, 'a nanosecond of the day', () => JSON.stringify(point));
    demand(Number.isFinite(us2000FromTime(point)), 'a finite time', () => JSON.stringify(point));
    const printed = formatTime(point, { decimals: 9 });
    const again = parseTime(printed);
    demand(
      again.day === day && again.nanosecond === nanosecond,
      'a printed time can be read',
      () => `${text}: ${printed}`,
    );
    const short = formatTime(point, { decimals: 'shortest' });
    const third = parseTime(short);
    demand(third.day === day && third.nanosecond === nanosecond, 'a short time can be read', () => `${text}: ${short}`);
    return 3;
  },
};

const NUMBER_PIECES = [
  '0',
  '1',
  '9',
  '12',
  '999',
  '.',
  '-',
  '+',
  'e',
  'E',
  'e+',
  'e-',
  '5',
  '308',
  '324',
  '31',
  '00000',
  ' ',
  'nan',
  'inf',
  'Infinity',
  '\t',
  'x',
  '0x',
  '4503599627370497',
  '17976931348623157',
  '5e-324',
  '2225073858507201',
];
const REAL = /^[ \t\n\v\f\r]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;
const WORD = /^[ \t\n\v\f\r]*([-+]?)(nan|inf)/i;

/** The rule of stream-format 5.1 by the platform's own means. */
function realByPlatform(text: string): number | undefined {
  const real = REAL.exec(text)?.[1];
  if (real !== undefined) return Number(real);
  const word = WORD.exec(text);
  if (word === null) return undefined;
  const value = word[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return word[1] === '-' ? -value : value;
}

const numbers: Target = {
  name: 'number-text',
  share: 3,
  make(random) {
    let text = '';
    if (random.oneIn(2)) for (let i = random.between(1, 8); i > 0; i--) text += random.pick(NUMBER_PIECES);
    else {
      const view = new DataView(new ArrayBuffer(8));
      view.setUint32(0, random.word());
      view.setUint32(4, random.word());
      const value = random.oneIn(3) ? view.getFloat32(0) : view.getFloat64(0);
      text = random.oneIn(2) ? String(value) : Number.isFinite(value) ? value.toExponential(random.below(20)) : 'inf';
    }
    return { bytes: Buffer.from(text), args: [], nature: 'damaged' };
  },
  check({ bytes }, random) {
    const wanted = realByPlatform(Buffer.from(bytes).toString('latin1'));
    const value = parseReal(bytes, 0, bytes.length, 12345);
    demand(
      Object.is(value, wanted ?? 12345) || value === wanted,
      'the number that is written',
      () => `${value}, not ${wanted}`,
    );
    const width = random.between(2, 40);
    const field = new Uint8Array(width + 4).fill(0x23);
    writeReal(field, 2, width, value, -1e31);
    const text = Buffer.from(field).toString('latin1');
    demand(text.startsWith('##') && text.endsWith('##'), 'a number stays in its field', () => text);
    demand(/^ *\S* $/.test(text.slice(2, -2)), 'right justified in front of a blank', () => text);
    if (width < 9) return 2;
    if (Math.abs(value) < 9e98 && Math.abs(value) > 1e-98) {
      demand(
        text.slice(2, -2).trim() === exponentForm(value, width - 8),
        'the digits of an exact conversion',
        () => `${value} printed ${text}`,
      );
    }
    const again = parseReal(field, 2, 2 + width);
    const digits = Math.min(17, width - 7);
    const near = Number.isFinite(value)
      ? Math.abs(again - value) <= Math.abs(value) * 10 ** (2 - digits) + 5e-324 || again === -1e31
      : true;
    demand(near || Math.abs(value) > 1e308, 'a printed number can be read', () => `${value} printed ${text}`);
    return 3;
  },
};

const ARGUMENT_PIECES = [
  '-b',
  '-r',
  '-s',
  '-p',
  '-h',
  '--',
  '-',
  '-c',
  '-d',
  '-m',
  '-e',
  '-v',
  '-t',
  '-y',
  '-4',
  '-8',
  '-L',
  '-rs',
  '-b2000',
  '60',
  '1e3',
  '5s',
  '-5',
  'nan',
  'inf',
  '0',
  '1e999',
  '2000-01-01',
  '--monotonic',
  '--vol-units=kB',
  '--r',
  '',
  ' ',
  '=',
  '--=x',
  '-\u00e9',
  '16',
  '2',
  '__proto__',
  '--constructor',
  'toString',
  '7',
  '--no-m',
];

/** Command lines of all programs: a filter, or a usage error. */
export function argumentsTarget(programs: readonly FilterProgram[]): Target {
  return {
    name: 'arguments',
    make(random) {
      const args = Array.from({ length: random.below(6) }, () => random.pick(ARGUMENT_PIECES));
      return { bytes: new Uint8Array(0), args, nature: 'damaged' };
    },
    check({ args }: FuzzInput) {
      for (const program of programs) {
        try {
          program.create(args, {
            write() {
              throw new PropertyFailure('nothing is written before input', program.name);
            },
          });
        } catch (error) {
          if (!(error instanceof Das2Error)) throw error;
          demand(error.code === 'usage', 'a usage error', () => `${program.name} ${error.code} ${error.message}`);
          demand(error.message.length < 400, 'short message', () => error.message);
        }
      }
      return programs.length;
    },
  };
}

export const TEXT_TARGETS: readonly Target[] = [time, numbers];
