/**
 * Random das2 streams for the fuzzer: well formed, with everything the format allows, and with an account of what is in them.
 *
 * Contract: nothing of lib/stream is used, so the reader and this writer cannot share an error. `usual` streams hold only what every
 * filter must be able to do to the end: x in time units, distinct plane names, finite x, a few planes. The others add what some filter
 * may refuse: x that is no time, xscan, several x, odd widths, unreadable text.
 */
import { deflateRawSync, deflateSync } from 'node:zlib';
import type { Random } from './random.js';

export interface GeneratedStream {
  readonly bytes: Uint8Array;
  /** Only what every filter must take without a fault. */
  readonly usual: boolean;
  /** Data packets. */
  readonly records: number;
  /** Data values that are neither fill nor NaN. */
  readonly values: number;
  /** Packet headers. */
  readonly headers: number;
  readonly exceptions: number;
  /** The stream header packet, and the packets behind it before they were compressed: what a cache would make files of. */
  readonly head: Uint8Array;
  readonly packets: readonly Uint8Array[];
}

interface PlaneSpec {
  readonly element: 'x' | 'y' | 'z' | 'yscan' | 'xscan';
  readonly type: string;
  readonly width: number;
  readonly items: number;
  readonly fill: number;
  readonly units: string;
}

interface TypeSpec {
  readonly id: number;
  readonly planes: readonly PlaneSpec[];
  readonly header: Buffer;
  /** us2000 of the last record. */
  time: number;
}

const DEFAULT_FILL = -1e31;

const NUMBER_TYPES = [
  'sun_real4',
  'sun_real8',
  'little_endian_real4',
  'little_endian_real8',
  'float',
  'double',
  'ascii9',
  'ascii14',
  'ascii17',
  'ascii24',
];
/** Types whose us2000 values tell records of one bin from those of another. */
const TIME_NUMBER_TYPES = ['sun_real8', 'little_endian_real8', 'double', 'ascii24'];
const TIME_TEXT_TYPES = ['time20', 'time24', 'time27', 'time30'];
const ODD_TYPES = ['ascii2', 'ascii5', 'ascii8', 'ascii31', 'ascii127', 'time11', 'time17', 'time40'];
const TIME_UNITS = ['us2000', 't2000', 't1970', 'mj1958', 'TT2000', 'ns1970', 'cdfEpoch', 'seconds since 2010-01-01'];
const OTHER_UNITS = ['V', '', 'V**2 m**-2 Hz**-1', 'nT', 'log10Ratio', 'Hz', 'km', 'a;b', '"', 'µs', '<&>'];
const NAMES = ['a', 'b', 'density', 'B_x', 'p.q', 'Ex', 'zeta', 'n2', 'flux', 'w'];
const STREAM_PROPERTIES = [
  'title="A title"',
  'title="&lt;b&gt; &amp;amp; &quot;q&quot; %{xCacheResInfo}"',
  'Datum:xTagWidth="60.000000 s"',
  'Datum:xTagWidth="10 msec"',
  'Datum:xTagWidth="5 km"',
  'renderer="waveform"',
  'DatumRange:xCacheRange="2000-01-01 to 2000-01-02 UTC"',
  'boolean:xMonotonic="true"',
  'double:yFill="-999"',
  'double:zFill="0"',
  'fill="nan"',
  'Data_type="H0&gt;High"',
  'sourceId="me"',
  'summary="one&#10;two"',
  'plane.yLabel="x"',
  'odd:thing-y="1"',
  'xLabel="!c!aTime"',
];
const PLANE_PROPERTIES = [
  'yLabel="L"',
  'zLabel="M (V)"',
  'double:yFill="-1"',
  'double:zFill="-1e+31"',
  'source="q"',
  'operation="BIN_AVG"',
  'DatumRange:yRange="1 to 2"',
  'Datum:yTagWidth="1.4 log10Ratio"',
];
const COMMENTS = [
  '<comment type="taskSize" source="r" value="100"/>\n',
  '<comment type="taskProgress" source="r" value="50"/>\n',
  '<comment type="log:info" source="" value="hello &lt;there&gt; &#10; and on"/>\n',
  '<comment value="v" type="own">text</comment>\n',
  '<?xml version="1.0"?>\n<comment type="log:warn" source="é" value="日本"/>\n',
];
const EXCEPTIONS = [
  '<exception type="NoDataInInterval" message="nothing"/>\n',
  '<exception type="ServerError" message="it &amp; broke"/>\n',
];

/** A packet with a right length. */
export function framed(id: string, content: string): Buffer {
  return Buffer.from(`[${id}]${String(Buffer.byteLength(content)).padStart(6, '0')}${content}`);
}

/** A header, message or data packet under a 2.3 tag. */
function piped(tag: string, id: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`|${tag}|${id}|${content.length}|`), content]);
}

const idText = (id: number): string => String(id).padStart(2, '0');

/** A random stream. */
export function das2Stream(random: Random): GeneratedStream {
  return new Generator(random).stream();
}

class Generator {
  private readonly usual: boolean;
  private readonly pieces: Uint8Array[] = [];
  private readonly types: TypeSpec[] = [];
  /** Fill that the stream header gives to y planes (and all, when `zFill` is absent). */
  private streamProperties: string[] = [];
  private values = 0;
  private records = 0;
  private headers = 0;
  private exceptions = 0;
  private readonly pipes: boolean;

  constructor(private readonly random: Random) {
    this.usual = !random.oneIn(3);
    this.pipes = random.oneIn(12);
  }

  stream(): GeneratedStream {
    const { random } = this;
    const count = random.below(4);
    for (let i = 0; i < count; i++) {
      const property = random.pick(STREAM_PROPERTIES);
      const name = property.slice(0, property.indexOf('='));
      if (!this.streamProperties.some((other) => other.startsWith(`${name}=`))) this.streamProperties.push(property);
    }
    const compressed = random.oneIn(30);
    const version = random.pick([' version="2.2"', ' version="2.2"', ' version="2.3"', '']);
    const compression = compressed ? ' compression="deflate"' : random.pick(['', ' compression="none"']);
    const properties =
      this.streamProperties.length === 0 ? '' : `<properties ${this.streamProperties.join('\n    ')}/>\n`;
    const content = `<stream${version}${compression}>\n${properties}</stream>\n`;
    const head = this.pipes && random.oneIn(2) ? piped('Sx', '', Buffer.from(content)) : framed('00', content);
    const types = random.oneIn(4) ? random.between(2, 4) : 1;
    for (let i = 0; i < types; i++) this.define(random.oneIn(3) ? random.between(1, 99) : i + 1);
    const steps = random.oneIn(10) ? 0 : random.between(1, 30);
    for (let i = 0; i < steps; i++) this.step();
    const body = Buffer.concat(this.pieces);
    const bytes = Buffer.concat([head, compressed ? deflated(random, body) : body]);
    const { usual, records, values, headers, exceptions, pieces: packets } = this;
    return { bytes, usual, records, values, headers, exceptions, head, packets };
  }

  private step(): void {
    const { random } = this;
    const what = random.below(40);
    if (what === 0) this.pieces.push(this.message(random.pick(COMMENTS), 'Cx'));
    else if (what === 1) this.define(random.pick(this.types).id);
    else if (what === 2 && random.oneIn(4)) {
      this.exceptions++;
      this.pieces.push(this.message(random.pick(EXCEPTIONS), 'Ex'));
    } else if (what === 3 && this.types.length < 4) this.define(random.between(1, 99));
    else if (what === 4) this.pieces.push(Buffer.from(random.pick(['\n', '\r\n'])));
    else {
      const type = random.pick(this.types);
      const count = random.oneIn(6) ? random.between(2, 6) : 1;
      for (let i = 0; i < count; i++) this.record(type);
    }
  }

  private message(content: string, tag: string): Buffer {
    return this.pipes && this.random.oneIn(2) ? piped(tag, '', Buffer.from(content)) : framed('xx', content);
  }

  private define(id: number): void {
    const { random, usual } = this;
    this.headers++;
    const planes: string[] = [];
    const specs: PlaneSpec[] = [];
    const names = [...NAMES];
    const add = (element: PlaneSpec['element'], isTime: boolean): void => {
      const spec = this.plane(element, isTime);
      const name = names.splice(random.below(names.length), 1)[0] ?? `n${specs.length}`;
      const own = random.oneIn(4) && element !== 'x' ? `<properties ${random.pick(PLANE_PROPERTIES)}/>` : '';
      specs.push({ ...spec, fill: this.fillOf(spec, own) });
      planes.push(`  ${markup(random, spec, name, own)}`);
    };
    add('x', usual || !random.oneIn(4));
    if (!usual && random.oneIn(20)) add('x', true);
    const shape = random.below(usual ? 6 : 8);
    const count = random.oneIn(40) ? random.between(4, 10) : random.between(1, 3);
    if (shape < 3) for (let i = 0; i < count; i++) add('y', false);
    else if (shape < 5) {
      if (random.oneIn(3)) add('y', false);
      for (let i = 0; i < Math.min(count, 2); i++) add('yscan', false);
    } else if (shape === 5) {
      add('y', false);
      for (let i = 0; i < Math.min(count, 2); i++) add('z', false);
    } else if (shape === 6) add('xscan', false);
    else add('y', true);
    const group = random.oneIn(12) ? ' group="g"' : '';
    const content = `<packet${group}>\n${planes.join('\n')}\n</packet>\n`;
    const header = framed(idText(id), content);
    this.pieces.push(this.pipes && random.oneIn(2) ? piped('Hx', String(id), Buffer.from(content)) : header);
    const old = this.types.findIndex((type) => type.id === id);
    if (old >= 0) this.types.splice(old, 1);
    this.types.push({ id, planes: specs, header, time: random.pick([0, 1e9, -5e8, 4.1e14]) });
  }

  private plane(element: PlaneSpec['element'], isTime: boolean): Omit<PlaneSpec, 'fill'> {
    const { random, usual } = this;
    const scan = element === 'yscan' || element === 'xscan';
    const items = scan ? random.pick([1, 2, 3, 4, 8, 16]) : 1;
    let type = random.pick(NUMBER_TYPES);
    let units = random.pick(OTHER_UNITS);
    if (isTime) {
      const text = random.oneIn(3);
      type = text ? random.pick(TIME_TEXT_TYPES) : random.pick(TIME_NUMBER_TYPES);
      units = text ? random.pick(['UTC', 'us2000', 'UTC']) : random.oneIn(2) ? 'us2000' : random.pick(TIME_UNITS);
    } else if (!usual && random.oneIn(8)) {
      type = random.pick(ODD_TYPES);
      if (type.startsWith('time')) units = 'UTC';
    }
    return { element, type, width: widthOf(type), items, units };
  }

  /** What counts as fill in this plane, as far as the properties made here decide it. */
  private fillOf(spec: Omit<PlaneSpec, 'fill'>, own: string): number {
    const word = spec.element === 'y' || spec.element === 'xscan' ? 'yFill' : 'zFill';
    const name = (text: string): string | undefined => new RegExp(`(?:^|[\\s:])${word}="([^"]*)"`).exec(text)?.[1];
    const general = this.streamProperties.find((text) => text.startsWith('fill='));
    const text = name(own) ?? name(this.streamProperties.join(' ')) ?? (general === undefined ? undefined : Number.NaN);
    return text === undefined ? DEFAULT_FILL : Number(text);
  }

  private record(type: TypeSpec): void {
    const { random } = this;
    this.records++;
    const move = random.below(20);
    if (move < 15) type.time += random.pick([1e5, 1e6, 7e6, 6e7]);
    else if (move < 17) type.time += 3.6e9 * random.between(1, 3);
    else if (move === 17) type.time -= 1e7;
    const fields: Buffer[] = [];
    for (const plane of type.planes) {
      for (let item = 0; item < plane.items; item++) fields.push(this.value(plane, type.time));
    }
    const last = type.planes.at(-1) as PlaneSpec;
    const content = Buffer.concat(fields);
    if (/^(?:ascii|time)/.test(last.type)) content[content.length - 1] = 0x0a;
    const usePipe = this.pipes && random.oneIn(3);
    this.pieces.push(
      usePipe ? piped('Pd', String(type.id), content) : Buffer.concat([Buffer.from(`:${idText(type.id)}:`), content]),
    );
  }

  private value({ element, type, width, fill, units }: PlaneSpec, time: number): Buffer {
    const { random } = this;
    if (element === 'x')
      return type.startsWith('time') ? timeText(time, width) : number(inUnits(time, units), type, width);
    if (type.startsWith('time')) return timeText(time + random.below(1000) * 1e6, width);
    const what = random.below(24);
    if (what === 0) return number(fill, type, width);
    if (what === 1 && width >= 4) return number(Number.NaN, type, width);
    if (what === 2 && !this.usual) return number(random.pick([Infinity, -Infinity, 1e-320, 1e300, -0]), type, width);
    if (what === 3 && !this.usual && type.startsWith('ascii'))
      return Buffer.from(
        random
          .pick(['', '?', '1e', '--1', '.', '1 2'])
          .padStart(width - 1)
          .slice(0, width - 1)
          .padEnd(width),
      );
    this.values++;
    // Never near a fill value that is in use here, 0 and -1 among them.
    const value = random.pick([1, 2.5, 3, 1e-3, 1.25e4, -7, 42, 0.125, -1.5e-7, 6e22]) * random.between(1, 9);
    return number(width < 9 ? random.between(1, 9) : value, type, width);
  }
}

function widthOf(type: string): number {
  if (type === 'double') return 8;
  if (type === 'float') return 4;
  return Number(/\d+$/.exec(type)?.[0]);
}

function markup(random: Random, spec: Omit<PlaneSpec, 'fill'>, name: string, own: string): string {
  const { element, type, items } = spec;
  const units = escaped(spec.units);
  const title = element === 'x' && random.oneIn(2) ? '' : ` name="${name}"`;
  if (element === 'yscan' || element === 'xscan') {
    const list = Array.from({ length: items }, (_, i) => `${i === 1 ? '0' : ''}${i * 2}.50`).join(', ');
    const tags =
      element === 'xscan'
        ? random.pick([' xOffsetInterval="0.5" xUnits="s"', ` xOffsets="${list}" xUnits="s"`])
        : random.pick([
            ` yTags="${list}" yUnits="Hz"`,
            ' yTagInterval="0.25" yTagMin="10" yUnits="s"',
            ' yTagInterval="2" yTagMax="64" yUnits="ms"',
            ' yUnits="s"',
            '',
          ]);
    const word = element === 'xscan' ? 'yUnits' : 'zUnits';
    return `<${element}${title} type="${type}" ${word}="${units}" nitems="${items}"${tags}>${own}</${element}>`;
  }
  return own === ''
    ? `<${element}${title} type="${type}" units="${units}"/>`
    : `<${element} units="${units}"${title} type="${type}">${own}</${element}>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** us2000 in other units, as accurate as the tests need it. */
function inUnits(time: number, units: string): number {
  switch (units) {
    case 'us2000':
      return time;
    case 't1970':
      return time / 1e6 + 946684800;
    case 'ns1970':
      return time * 1e3 + 9.466848e17;
    case 'mj1958':
      return time / 86400e6 + 15340;
    case 'TT2000':
      return time * 1e3 - 43135816000000;
    case 'cdfEpoch':
      return time / 1e3 + 63113904000000;
    case 'seconds since 2010-01-01':
      return time / 1e6 - 315619200;
    default:
      return time / 1e6;
  }
}

function number(value: number, type: string, width: number): Buffer {
  if (type.startsWith('ascii')) {
    const room = width - 1;
    let text = Number.isFinite(value) ? value.toExponential(Math.max(0, Math.min(16, room - 8))) : cWord(value);
    // Fill values such as -999 must not lose digits.
    if (Number.isFinite(value) && String(value).length <= room) text = String(value);
    if (text.length > room) text = Number.isFinite(value) ? String(Math.abs(Math.trunc(value)) % 10) : '';
    return Buffer.from(`${text.padStart(room).slice(0, room)} `);
  }
  const bytes = Buffer.alloc(width);
  const little = type.startsWith('little');
  if (width === 4) little ? bytes.writeFloatLE(value) : bytes.writeFloatBE(value);
  else little ? bytes.writeDoubleLE(value) : bytes.writeDoubleBE(value);
  return bytes;
}

const cWord = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');

/** ISO text; narrow fields hold what fits, at the places where a time may end. */
function timeText(us2000: number, width: number): Buffer {
  const seconds = Math.floor(us2000 / 1e6);
  const date = new Date(Date.UTC(2000, 0, 1) + seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(Math.round(us2000 - seconds * 1e6)).padStart(6, '0');
  const room = width - 1;
  const end = [26, 23, 19, 16, 10, 7, 4].find((length) => length <= room) ?? room;
  return Buffer.from(`${date}.${fraction}`.slice(0, end).padEnd(width));
}

function deflated(random: Random, body: Uint8Array): Uint8Array {
  const level = random.pick([0, 1, 6, 9]);
  return random.oneIn(8) ? deflateRawSync(body, { level: Math.max(1, level) }) : deflateSync(body, { level });
}
