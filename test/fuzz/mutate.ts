/**
 * Damage: what goes wrong with bytes on their way, and what somebody hostile would try.
 */
import type { Random } from './random.js';

/** Words of the formats, put in or in place of others. */
const WORDS = [
  '[00]',
  '[01]',
  '[99]',
  '[xx]',
  '[XX]',
  ':01:',
  ':02:',
  ':00:',
  ':99:',
  '|Sx||',
  '|Hx|1|',
  '|Pd|1|',
  '|Cx||',
  '|Xx|',
  '000000',
  '000001',
  '999999',
  '    10',
  '-00001',
  '1e5   ',
  '<stream',
  '</stream>',
  '<packet>',
  '</packet>',
  '<x ',
  '<y ',
  '<z ',
  '<yscan ',
  '<xscan ',
  '<properties ',
  '/>',
  '>',
  '"',
  "'",
  '&amp;',
  '&#10;',
  '&#0;',
  '&#x110000;',
  '&bomb;',
  '<!--',
  '-->',
  '<![CDATA[',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '<?xml version="1.0"?>',
  'type="',
  'type="sun_real8"',
  'type="ascii2"',
  'type="time5"',
  'type="ascii127"',
  'type="time127"',
  'nitems="',
  'nitems="1000000"',
  'nitems="0"',
  'units="us2000"',
  'units="TT2000"',
  'units="seconds since 1-1-1"',
  'base="2000-01-01"',
  'yTags="1,2,3"',
  'yTagInterval="0"',
  'yTagInterval="1e-300"',
  'yTagMax="1e308"',
  'compression="deflate"',
  'version="3.0"',
  'dataset_id="a"',
  'byte_order="little_endian"',
  'renderer="waveform"',
  'Datum:xTagWidth="1e-9 s"',
  'Datum:xTagWidth="nan s"',
  'yFill="nan"',
  'yFill="0"',
  'yFill="inf"',
  'name="',
  'name="a"',
  '<exception ',
  '<comment ',
  'length="0"',
  'length="999999999"',
  'length="1,1,1,1,1,1"',
  'encoding="int8"',
  'values="',
  'nan',
  'inf',
  '-inf',
  '1e999',
  '1e-999',
  '-1e31',
  '0',
  '-',
  '2000-01-01',
  '9999-12-31T23:59:60',
  '0001-01-01',
  '24:00',
  '\n',
  '\r\n',
  ' ',
  '\u0000',
  '\u00e9',
  '\ud83d',
];
const EDGE_BYTES = [0x00, 0xff, 0x7f, 0x80, 0x0a, 0x20, 0x22, 0x30, 0x39, 0x3a, 0x3c, 0x3e, 0x5b, 0x5d, 0x7c, 0xc3];
/** Reals as bytes, where reals may stand. */
const EDGE_REALS = [Number.NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308, 5e-324, -1e31, 2 ** 53, 1e18, -1e18];

/** The bytes with one to four damages; `other` gives the bytes that may be spliced in. */
export function mutate(random: Random, bytes: Uint8Array, other: () => Uint8Array): Uint8Array {
  let result = bytes;
  for (let count = random.pick([1, 1, 1, 2, 2, 4]); count > 0; count--) result = damage(random, result, other);
  return result;
}

function damage(random: Random, bytes: Uint8Array, other: () => Uint8Array): Uint8Array {
  const length = bytes.length;
  if (length === 0) return Buffer.from(random.pick(WORDS));
  const at = random.below(length);
  switch (random.below(13)) {
    case 0: {
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] as number) ^ (1 << random.below(8));
      return copy;
    }
    case 1: {
      const copy = Uint8Array.from(bytes);
      copy[at] = random.pick(EDGE_BYTES);
      return copy;
    }
    case 2:
      return joined(bytes.subarray(0, at), Buffer.from(random.pick(WORDS)), bytes.subarray(at));
    case 3: {
      const word = Buffer.from(random.pick(WORDS));
      return joined(bytes.subarray(0, at), word, bytes.subarray(Math.min(length, at + word.length)));
    }
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(length, at + random.pick([1, 2, 4, 10, 100]))));
    case 5: {
      const end = Math.min(length, at + random.pick([1, 4, 20, 200]));
      const piece = bytes.subarray(at, end);
      const times = random.oneIn(8) ? 20 : 1;
      return joined(bytes.subarray(0, end), ...Array.from({ length: times }, () => piece), bytes.subarray(end));
    }
    case 6:
      return bytes.subarray(0, at);
    case 7: {
      const donor = other();
      return joined(bytes.subarray(0, at), donor.subarray(random.below(donor.length + 1)));
    }
    case 8:
      return digits(random, bytes, at);
    case 9: {
      const copy = Uint8Array.from(bytes);
      const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
      const place = Math.min(at, Math.max(0, length - 8));
      if (length < 8) return copy;
      view.setFloat64(place, random.pick(EDGE_REALS), random.oneIn(2));
      return copy;
    }
    case 10:
      return attribute(random, bytes);
    case 11:
      return relength(bytes, at, random.pick(WORDS));
    default: {
      const end = Math.min(length, at + random.between(1, 60));
      const piece = bytes.subarray(at, end);
      const rest = joined(bytes.subarray(0, at), bytes.subarray(end));
      const target = random.below(rest.length + 1);
      return joined(rest.subarray(0, target), piece, rest.subarray(target));
    }
  }
}

/** Another digit in place of the first digit from `at` on: lengths, widths, ids, counts. */
function digits(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = at; i < copy.length; i++) {
    const byte = copy[i] as number;
    if (byte < 0x30 || byte > 0x39) continue;
    copy[i] = 0x30 + random.below(10);
    break;
  }
  return copy;
}

/** Another value for a random attribute, with the length of its packet put right. */
function attribute(random: Random, bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const places = [...text.matchAll(/="([^"]*)"/g)];
  const place = places[random.below(places.length)];
  if (place?.index === undefined) return bytes;
  const value = random.pick(WORDS).replace(/["<&]/g, '');
  return replaced(bytes, place.index + 2, place.index + 2 + (place[1] as string).length, Buffer.from(value));
}

/** A word put in inside a document, with the length of its packet put right: damage that reaches behind the framing. */
function relength(bytes: Uint8Array, at: number, word: string): Uint8Array {
  return replaced(bytes, at, at, Buffer.from(word));
}

function replaced(bytes: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array {
  const result = joined(bytes.subarray(0, start), middle, bytes.subarray(end));
  // The tag of the packet is the last one before the place.
  for (let i = start - 10; i >= 0 && i > start - 4000; i--) {
    if (result[i] !== 0x5b || result[i + 3] !== 0x5d) continue;
    const length = Number(Buffer.from(result.subarray(i + 4, i + 10)).toString('latin1'));
    if (!Number.isInteger(length)) break;
    const changed = Math.max(0, Math.min(999999, length + middle.length - (end - start)));
    result.set(Buffer.from(String(changed).padStart(6, '0')), i + 4);
    break;
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
