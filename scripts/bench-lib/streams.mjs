/**
 * The streams to measure with: four shapes, the same bytes each time. Values are a slow wave with noise from a fixed
 * sequence; one in a hundred is fill.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

/** Cadence in seconds and bin in seconds, so that each bin takes some hundred records. */
export const SHAPES = [
  { name: 'binary, 16-byte packets', file: 'binary-1.d2s', items: 1, type: 'sun_real4', cadence: 0.1, bin: 60 },
  { name: 'binary, 10 values', file: 'binary-10.d2s', items: 10, type: 'sun_real4', cadence: 0.1, bin: 60 },
  {
    name: 'spectra, 1024 real4',
    file: 'binary-1024.d2s',
    items: 1024,
    type: 'little_endian_real4',
    cadence: 1,
    bin: 60,
  },
  { name: 'ASCII, time and 3 values', file: 'ascii.d2s', items: 3, type: 'ascii14', cadence: 1, bin: 60 },
];

/** A month of minutes, for answers from the cache; `bytes` makes it that long. */
export const MONTH = {
  name: 'a month of minutes, 10 values',
  file: 'month.d2s',
  items: 10,
  type: 'sun_real4',
  cadence: 60,
  bytes: 31 * 1440 * (4 + 8 + 4 * 10),
};

/** Waveforms without gaps, for das2_psd: a record is one window. */
export const WAVEFORM = {
  name: 'waveforms, 1024 real4',
  file: 'waveform-1024.d2s',
  items: 1024,
  type: 'little_endian_real4',
  cadence: 1,
  tags: 'yUnits="s" zUnits="V" yTagInterval="1e-4" yTagMin="0"',
  fillShare: 0,
};

const FILL = -1e31;
const BUFFER_BYTES = 1 << 20;

/** Deterministic noise in 0…1 (a linear congruential sequence). */
function makeNoise() {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function headerPacket(id, text) {
  return Buffer.from(`[${id}]${String(Buffer.byteLength(text)).padStart(6, '0')}${text}`);
}

const FREQUENCIES = 'yUnits="Hz" zUnits="V" yTagInterval="10" yTagMin="10"';

function headers({ items, type, tags = FREQUENCIES }) {
  const time = type.startsWith('ascii') ? 'time24' : type.replace('4', '8');
  const units = type.startsWith('ascii') ? 'us2000' : 'us2000';
  const planes =
    items === 1
      ? `  <y type="${type}" name="level" units="V"><properties double:yFill="${FILL}"/></y>\n`
      : type.startsWith('ascii')
        ? ['a', 'b', 'c']
            .map((name) => `  <y type="${type}" name="${name}" units="V"><properties double:yFill="${FILL}"/></y>\n`)
            .join('')
        : `  <yscan type="${type}" name="spectrum" nitems="${items}" ${tags}>` +
          `<properties double:zFill="${FILL}"/></yscan>\n`;
  return [
    headerPacket('00', '<stream version="2.2">\n  <properties boolean:xMonotonic="true"/>\n</stream>\n'),
    headerPacket('01', `<packet>\n  <x type="${time}" name="time" units="${units}"/>\n${planes}</packet>\n`),
  ];
}

function binaryRecord({ items, type }) {
  const record = Buffer.alloc(4 + 8 + 4 * items);
  record.write(':01:', 'latin1');
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const little = type.startsWith('little');
  return (seconds, value) => {
    view.setFloat64(4, seconds * 1e6, little);
    for (let item = 0; item < items; item++) view.setFloat32(12 + 4 * item, value(item), little);
    return record;
  };
}

function asciiRecord({ items }) {
  const epoch = Date.UTC(2000, 0, 1);
  return (seconds, value) => {
    const time = new Date(epoch + seconds * 1000).toISOString().slice(0, 23);
    let text = `:01:${time} `;
    for (let item = 0; item < items; item++) {
      text += value(item).toExponential(6).padStart(13) + (item === items - 1 ? '\n' : ' ');
    }
    return Buffer.from(text, 'latin1');
  };
}

/** Writes a stream of about `bytes` bytes; answers its true length and the number of records. */
export function writeStream(path, shape, bytes) {
  const noise = makeNoise();
  const record = shape.type.startsWith('ascii') ? asciiRecord(shape) : binaryRecord(shape);
  const file = openSync(path, 'w');
  let buffer = Buffer.alloc(BUFFER_BYTES);
  let held = 0;
  let written = 0;
  let records = 0;
  const put = (piece) => {
    if (held + piece.length > buffer.length) {
      writeSync(file, buffer, 0, held);
      written += held;
      held = 0;
      if (piece.length > buffer.length) buffer = Buffer.alloc(piece.length);
    }
    piece.copy(buffer, held);
    held += piece.length;
  };
  for (const piece of headers(shape)) put(piece);
  while (written + held < bytes) {
    const wave = Math.sin(records / 500);
    put(
      record(records * shape.cadence, (item) => {
        const random = noise();
        return random < (shape.fillShare ?? 0.01) ? FILL : 10 + wave + random + item / 100;
      }),
    );
    records += 1;
  }
  writeSync(file, buffer, 0, held);
  closeSync(file);
  return { bytes: written + held, records };
}
