/** The validator: every rule on its own, going on after faults, limits, compression, random and damaged streams. */
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import type { Report } from '../../../lib/stream/validator/findings.js';
import { RULE_CODES, VALIDATOR_RULES } from '../../../lib/stream/validator/rules.js';
import { validateStream } from '../../../lib/stream/validator/validator.js';
import { reportOf } from '../../tools/assert-valid-stream.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../../tools/build-stream.js';
import { CASES, COMPANIONS } from '../validator-cases.js';

const codesOf = (report: Report): string[] => [...new Set(report.findings.map(({ code }) => code))].sort();

t.test('every rule has a stream that breaks it and no other', (t) => {
  t.strictSame(Object.keys(CASES).sort(), [...RULE_CODES].sort(), 'a case for each rule');
  for (const code of RULE_CODES) {
    const { strict, severity, section } = VALIDATOR_RULES[code];
    const report = reportOf(CASES[code], { strict });
    t.strictSame(codesOf(report), [...(COMPANIONS[code] ?? []), code].sort(), code);
    const finding = report.findings.find((found) => found.code === code);
    t.match(finding, { severity, section }, `${code} as the table says`);
    t.ok(severity === 'violation' ? report.violations > 0 : report.violations === 0, `${code}: ${severity}`);
    if (strict) t.notOk(codesOf(reportOf(CASES[code], { strict: false })).includes(code), `${code} is strict only`);
  }
  t.end();
});

t.test('findings do not depend on how the bytes arrive', (t) => {
  for (const code of RULE_CODES) {
    const bytes = CASES[code];
    const whole = reportOf(bytes);
    const validator = validateStream({ strict: true });
    for (const byte of bytes) validator.push(Uint8Array.of(byte));
    t.strictSame(validator.end(), whole, code);
  }
  t.end();
});

const XY = packetHeader(1, '<x type="sun_real8" units="us2000"/>\n<y type="sun_real4" name="a" units="V"/>');
const TYPES = ['sun_real8', 'sun_real4'];
const REAL = (time: number): Buffer => record(1, TYPES, [time, 1]);

t.test('places, summary and time range', (t) => {
  const bad = headerPacket('xx', '<comment type="a" source="b"/>\n');
  const report = reportOf(Buffer.concat([STREAM, XY, REAL(0), bad, REAL(86_400e6)]));
  const offset = STREAM.length + XY.length + REAL(0).length;
  t.match(report.findings, [{ code: 'message-attribute', offset, packet: 'xx' }]);
  t.strictSame(report.summary, {
    family: 'das2',
    bytes: offset + bad.length + REAL(0).length,
    packets: 5,
    records: { '01': 2 },
    timeRange: { begin: '2000-01-01T00:00:00.000', end: '2000-01-02T00:00:00.000' },
    complete: true,
  });
  t.end();
});

t.test('it goes on where the framing is known, and stops where it is not', (t) => {
  const bad = headerPacket('02', '<packet><x type="nothing" units="s"/></packet>\n');
  const known = reportOf(Buffer.concat([STREAM, bad, XY, REAL(0), headerPacket('xx', '<a/>\n')]));
  t.strictSame(codesOf(known), ['packet-shape', 'root-element', 'type-unknown']);
  t.ok(known.summary.complete);
  const lost = reportOf(Buffer.concat([STREAM, bad, Buffer.from(':02:12345678'), headerPacket('xx', '<a/>\n')]));
  t.strictSame(codesOf(lost), ['packet-shape', 'type-unknown', 'undefined-packet']);
  t.notOk(lost.summary.complete);
  t.end();
});

t.test('a redefinition that fails takes the old definition with it', (t) => {
  const bad = headerPacket('01', '<packet>\n');
  t.strictSame(codesOf(reportOf(Buffer.concat([STREAM, XY, REAL(0), bad, REAL(1)]))), [
    'undefined-packet',
    'xml-malformed',
  ]);
  t.end();
});

t.test('planes that are derived from others do not count for the shape of a packet', (t) => {
  const derived = '<y type="ascii10" name="a.min" units="V"><properties source="a" operation="BIN_MIN"/></y>';
  const scatter = ['x name="x"', 'y name="a"', 'z name="c"'].map((start) => `<${start} type="ascii10" units="V"/>`);
  t.strictSame(codesOf(reportOf(Buffer.concat([STREAM, packetHeader(1, [...scatter, derived].join('\n'))]))), []);
  const plain = derived.replace('source="a"', '');
  t.strictSame(codesOf(reportOf(Buffer.concat([STREAM, packetHeader(1, [...scatter, plain].join('\n'))]))), [
    'packet-shape',
  ]);
  t.end();
});

t.test('carriage returns and newlines between packets are stepped over, blanks are not', (t) => {
  const between = (white: string): string[] =>
    codesOf(reportOf(Buffer.concat([STREAM, Buffer.from(white), XY, REAL(0)])));
  for (const white of ['\n', '\r', '\r\n', '\n\n']) t.strictSame(between(white), ['stray-newline']);
  for (const white of [' ', '\n ', '\t']) t.strictSame(between(white), ['unknown-tag']);
  t.end();
});

t.test('mistakes that readers make most often are told in words that lead to them', (t) => {
  const first = (...parts: (Uint8Array | string)[]): string | undefined =>
    reportOf(Buffer.concat(parts.map((part) => Buffer.from(part)))).findings[0]?.message;
  t.match(first('Reading file\n', STREAM), /standard error.*; it begins with "Read"$/);
  t.match(first(STREAM, XY, REAL(0), 'xy', REAL(1)), /^"xy:0" is no packet tag; .* packet header 01 .* 12 bytes/);
  t.match(first(STREAM, XY, 'what'), /^"what" is no packet tag$/);
  const lengthened = (by: number): string =>
    STREAM.toString().replace(/^\[00\]\d{6}/, `[00]${String(STREAM.length - 10 + by).padStart(6, '0')}`);
  const malformed = (...parts: (Uint8Array | string)[]): string | undefined =>
    reportOf(Buffer.concat(parts.map((part) => Buffer.from(part)))).findings.find(
      ({ code }) => code === 'xml-malformed',
    )?.message;
  t.match(malformed(lengthened(3), XY), /not well-formed: .*; by its length of \d+ bytes .*: is the length right\?$/);
  t.match(malformed(lengthened(-3), XY), /is the length right\?$/);
  t.notMatch(malformed(headerPacket('00', '<stream version="2.2"></a>\n')), 'length');
  t.end();
});

t.test('findings of one rule are bounded, and counted', (t) => {
  const bad = headerPacket('xx', '<a/>\n');
  const report = reportOf(Buffer.concat([STREAM, ...Array.from({ length: 25 }, () => bad)]));
  t.equal(report.findings.length, 10);
  t.strictSame(report.more, { 'root-element': 15 });
  t.equal(report.violations, 25);
  t.end();
});

t.test('a compressed stream is looked into', (t) => {
  const header = headerPacket('00', '<stream version="2.2" compression="deflate"/>\n');
  const bad = headerPacket('xx', '<a/>\n');
  const bytes = Buffer.concat([header, deflateSync(Buffer.concat([XY, REAL(0), bad, REAL(1)]))]);
  const report = reportOf(bytes);
  const offset = header.length + XY.length + REAL(0).length;
  t.match(report.findings, [{ code: 'root-element', offset }]);
  t.strictSame(report.summary.records, { '01': 2 });
  const cutOff = reportOf(bytes.subarray(0, -9));
  t.ok(codesOf(cutOff).includes('deflate-broken'));
  t.end();
});

t.test('hostile text does not reach the report', (t) => {
  const name = `&#x9;\u202e${'x'.repeat(5000)}`;
  const report = reportOf(headerPacket('00', `<stream version="2.2"><properties Datum:a="${name}"/></stream>\n`));
  t.equal(report.violations, 1);
  t.ok(report.findings.every(({ message }) => message.length < 300 && !/[\u0000-\u001f\u202e]/.test(message)));
  t.end();
});

t.test('records of more than 16 MiB are stepped over', (t) => {
  const wide = '<yscan type="sun_real8" name="s" zUnits="V" nitems="3000000"/>';
  const header = packetHeader(1, `<x type="sun_real8" units="us2000"/>\n${wide}`);
  const validator = validateStream();
  validator.push(Buffer.concat([STREAM, header]));
  const zeros = new Uint8Array(1 << 20);
  validator.push(Buffer.from(':01:'));
  for (let left = 8 + 24_000_000; left > 0; left -= zeros.length)
    validator.push(zeros.subarray(0, Math.min(left, zeros.length)));
  validator.push(headerPacket('xx', '<comment type="a" source="b" value="c"/>\n'));
  const report = validator.end();
  t.strictSame(codesOf(report), ['packet-too-large']);
  t.strictSame(report.summary.records, { '01': 1 });
  t.ok(report.summary.complete);
  t.end();
});

// Random valid streams: the planes of some packet types, then records in any order, comments between.
const scalarType = fc.constantFrom(
  'sun_real8',
  'little_endian_real8',
  'sun_real4',
  'ascii14',
  'ascii24',
  'time24',
  'time30',
);
const xType = fc.constantFrom('sun_real8', 'little_endian_real8', 'ascii24', 'time27');
const plane = fc.record({ type: scalarType, items: fc.integer({ min: 0, max: 4 }) });
const packetType = fc.record({ x: xType, planes: fc.array(plane, { minLength: 1, maxLength: 4 }) });
const randomStream = fc
  .array(packetType, { minLength: 1, maxLength: 3 })
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      order: fc.array(fc.integer({ min: -1, max: types.length - 1 }), { maxLength: 30 }),
    }),
  )
  .map(({ types, order }) => {
    const parts: Buffer[] = [STREAM];
    const flat = types.map(({ x, planes }, index) => {
      const text = planes.map(({ type, items }, nth) => {
        const units = type.startsWith('time') ? 'UTC' : 'V';
        if (items === 0) return `<y type="${type}" name="p${nth}" units="${units}"/>`;
        return `<yscan type="${type}" name="p${nth}" zUnits="${units}" nitems="${items}"/>`;
      });
      const units = x.startsWith('time') ? 'UTC' : 'us2000';
      parts.push(packetHeader(index + 1, [`<x type="${x}" units="${units}" name="x${index}"/>`, ...text].join('\n')));
      return [x, ...planes.flatMap(({ type, items }) => Array.from({ length: Math.max(1, items) }, () => type))];
    });
    order.forEach((id, time) => {
      const fields = flat[id];
      if (fields === undefined)
        parts.push(headerPacket('xx', '<comment type="log:info" source="test" value="&lt;"/>\n'));
      else
        parts.push(
          record(
            id + 1,
            fields,
            fields.map((_, i) => (i === 0 ? time * 1e6 : 1.5)),
          ),
        );
    });
    return Buffer.concat(parts);
  });

t.test('random valid streams give no violation', (t) => {
  fc.assert(
    fc.property(
      randomStream,
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
      (bytes, sizes) => {
        const validator = validateStream({ strict: true });
        for (const piece of cut(bytes, sizes)) validator.push(piece);
        const { findings, summary } = validator.end();
        return (
          findings.filter(({ severity }) => severity === 'violation').length === 0 && summary.bytes === bytes.length
        );
      },
    ),
    { numRuns: 150 },
  );
  t.end();
});

t.test('damaged streams give a report, whatever the damage', (t) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(randomStream, damage, fc.nat(), (bytes, changes, end) => {
      const broken = Buffer.from(bytes);
      for (const [at, value] of changes) broken[at % broken.length] = value;
      const report = reportOf(broken.subarray(0, (end % broken.length) + 1));
      return report.findings.length <= 10 * RULE_CODES.length;
    }),
    { numRuns: 400 },
  );
  for (const code of RULE_CODES) {
    const bytes = CASES[code];
    for (let at = 0; at < bytes.length; at += 3) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] as number) ^ 0x15;
      reportOf(broken);
    }
  }
  t.pass('no crash');
  t.end();
});

t.test('long hostile texts are read in a time that grows with their length', (t) => {
  const SIZE = 200_000;
  const texts = [' ', '1', 'a', ' @ ', '] ', '1 to ', ':', 'e', '-'].map(
    (piece) => `1${piece.repeat(SIZE / piece.length)}x`,
  );
  const types = ['double', 'Datum', 'DatumRange', 'doubleArray', 'TimeRange', 'Time', 'int', 'boolean'];
  const qtypes = ['Double', 'enumerationUnit', 'rank0dataset', 'cacheTag', 'datumRange', 'numberArray', 'units'];
  for (const text of texts) {
    for (const type of types) {
      const header = headerPacket(
        '00',
        `<stream version="${text}"><properties ${type}:xTagWidth="${text}"/></stream>\n`,
      );
      reportOf(
        Buffer.concat([header, packetHeader(1, '<x type="time24" units="UTC"/><y type="ascii9" name="a" units="V"/>')]),
      );
    }
    for (const type of qtypes) {
      const header = headerPacket('00', '<stream dataset_id="a"/>\n');
      const property = `<property name="UNITS" type="${type}" value="${text}"/>`;
      const values = `<values encoding="double" length="${type === 'units' ? text : ''}"/>`;
      const packet = headerPacket(
        '01',
        `<packet><qdataset id="a"><properties>${property}</properties>${values}</qdataset></packet>\n`,
      );
      reportOf(Buffer.concat([header, packet]));
    }
    const tags = `yTags="${text}" yTagInterval="${text}" nitems="${text}"`;
    const plane = `<x type="${text.slice(0, SIZE / 2)}" units="${text.slice(0, SIZE / 2)}" base="2000-01-01"/><yscan type="ascii9" ${tags}/>`;
    reportOf(Buffer.concat([STREAM, packetHeader(1, plane)]));
  }
  t.pass('all were read');
  t.end();
});

t.test('packet types with more planes together than readers take are told, and not kept', (t) => {
  const types = [1, 2].map((id) => {
    const planes = Array.from({ length: 16_400 }, (_, n) => `<y type="sun_real4" name="p${id}${n}" units="V"/>`);
    return packetHeader(id, `<x type="sun_real8" units="us2000"/>${planes.join('')}`);
  });
  const report = reportOf(Buffer.concat([STREAM, ...types]));
  t.match(report.findings, [{ code: 'packet-too-large', packet: '02', message: /32802 planes together/ }]);
  t.equal(report.violations, 1);
  t.end();
});
