/**
 * params BEGIN END [OPTION...]: a source that clients can steer with the request parameter `params`.
 *
 *     x y z mag     which components of the field to send; all four without any of these words
 *     nT uT G       units: nanotesla (as without any of them), microtesla, gauss
 *
 * The data are those of an imaginary magnetometer in the solar wind, one record a minute, and they are written as text, the
 * other form a das2 value can take: fields of a fixed width, a blank behind each one, a newline behind the last.
 *
 * A word that is none of the above is the client's fault, so the client is told: by an exception packet, which the server
 * passes on. The reader has then done its work, hence status 0; with another one the server would add a failure of its own.
 */
import { formatTime } from '../../lib/stream/time.js';
import { PacketOutput } from './packet-output.js';
import { readTimeRange, recordAt } from './time-range.js';

const MINUTE = 60e9;
const MINUTES_PER_DAY = 1440;
const TIME_WIDTH = 20;
const VALUE_WIDTH = 14;

const COMPONENTS = ['x', 'y', 'z', 'mag'] as const;
type Component = (typeof COMPONENTS)[number];

/** Units by option word: their das2 name, and how many of them make a nanotesla. */
const UNITS: Readonly<Record<string, { readonly units: string; readonly perNanotesla: number }>> = {
  nT: { units: 'nT', perNanotesla: 1 },
  uT: { units: 'uT', perNanotesla: 1e-3 },
  G: { units: 'gauss', perNanotesla: 1e-5 },
};

export function main(args: readonly string[]): number {
  const { begin, end } = readTimeRange(args[0], args[1]);
  const options = args.slice(2);
  const output = new PacketOutput();
  output.streamHeader(`
    title="Magnetic field, components and units by choice%{xCacheResInfo}" xLabel="Time (UTC)"
    yLabel="Magnetic field" Datum:xTagWidth="60 s" monotonicXTags="true" sourceId="params"`);

  const stranger = options.find((word) => !isComponent(word) && !Object.hasOwn(UNITS, word));
  if (stranger !== undefined) {
    const known = [...COMPONENTS, ...Object.keys(UNITS)].join(' ');
    output.exception('IllegalArgument', `params: "${stranger}" is no option of this source. Options: ${known}`);
    output.flush();
    return 0;
  }

  const chosen = options.filter(isComponent);
  const components = chosen.length === 0 ? COMPONENTS : COMPONENTS.filter((component) => chosen.includes(component));
  const { units, perNanotesla } = UNITS[options.findLast((word) => Object.hasOwn(UNITS, word)) ?? 'nT']!;
  const planes = components.map((component) => {
    const label = component === 'mag' ? '|B|' : `B${component}`;
    return `  <y name="B_${component}" type="ascii${VALUE_WIDTH}" units="${units}"><properties yLabel="${label} (${units})" /></y>`;
  });
  output.packetHeader(1, [`  <x name="time" type="time${TIME_WIDTH}" units="UTC" />`, ...planes].join('\n'));

  const first = recordAt(begin, MINUTE);
  const last = recordAt(end, MINUTE);
  if (first === last) output.exception('NoDataInInterval', 'There is one record at each full minute.');
  for (let minute = first; minute < last; minute++) {
    const field = fieldAt(minute);
    const day = Math.floor(minute / MINUTES_PER_DAY);
    const time = formatTime({ day, nanosecond: (minute - day * MINUTES_PER_DAY) * MINUTE }, { decimals: 0 });
    const values = components.map((component) => valueText(field[component] * perNanotesla));
    writeText(output, `${[time, ...values].join(' ')}\n`);
  }
  output.flush();
  return 0;
}

function isComponent(word: string): word is Component {
  return (COMPONENTS as readonly string[]).includes(word);
}

function writeText(output: PacketOutput, text: string): void {
  const at = output.record(1, text.length);
  for (let i = 0; i < text.length; i++) output.view.setUint8(at + i, text.charCodeAt(i));
}

/** Six digits in the form that das2 text streams use, `-1.23456e+00`: JavaScript writes exponents without the zero. */
function valueText(value: number): string {
  const text = value.toExponential(5).replace(/e([+-])(\d)$/, 'e$10$2');
  return text.padStart(VALUE_WIDTH - 1);
}

/** The field in nT: a spiral that turns with the Sun (27 days), sectors of half that time, and Alfven waves. */
function fieldAt(minute: number): Record<Component, number> {
  const wave = (period: number, phase: number) => Math.sin((2 * Math.PI * minute) / period + phase);
  const sector = Math.tanh(4 * wave(27 * MINUTES_PER_DAY * 0.5, 0));
  const x = -3.5 * sector + 1.2 * wave(47, 0.3) + 0.5 * wave(13, 1.1);
  const y = 3.5 * sector + 1.1 * wave(61, 2.0) + 0.6 * wave(17, 0.7);
  const z = 1.5 * wave(83, 1.3) + 0.8 * wave(29, 2.6) + 0.3 * wave(7, 0.1);
  return { x, y, z, mag: Math.hypot(x, y, z) };
}
