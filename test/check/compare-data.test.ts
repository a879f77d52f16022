/** Two answers to one request: what is a difference, and of what kind. */
import t from 'tap';
import { compareData } from '../../lib/check/compare-data.js';
import { unitMeaning } from '../../lib/check/unit-meaning.js';

/** A stream of one record and one plane. */
function stream(units: string, value = 1.5): Buffer {
  const packet = (tag: string, body: string) => `${tag}${String(body.length).padStart(6, '0')}${body}`;
  return Buffer.from(
    packet('[00]', '<stream version="2.2" />\n') +
      packet('[01]', `<packet><x type="time24" units="UTC"/><y type="ascii8" name="e" units="${units}"/></packet>\n`) +
      `:01:2017-01-01T00:00:00.000 ${String(value).padStart(7)}\n`,
  );
}

t.test('units in another spelling are the same units, and the records are compared', async (t) => {
  for (const [one, other] of [
    ['V/m', 'V m**-1'],
    ['m/s**2', 's**-2 m'],
    ['W/m**2/Hz', 'W m^-2 Hz**-1'],
    ['seconds', 's'],
    ['Hz**-1', 's'],
  ] as const) {
    t.equal(unitMeaning(one), unitMeaning(other), `${one} and ${other}`);
    t.equal(compareData(stream(one), stream(other), false)?.kind, 'form', `${one} and ${other}`);
    t.match(compareData(stream(one), stream(other, 2), false), { kind: 'values', message: /^record 1 of 1 / });
  }
});

t.test('other units are other data', async (t) => {
  for (const [one, other] of [
    ['V/m', 'V m'],
    ['V/m', 'mV/m'],
    ['V m', 'V**2 m'],
    ['V**2 Hz**-1', 'V**2 s'],
    ['#/cc', 'cc'],
    ['R!DJ!N', 'R'],
    ['', 'nT'],
    ['(V/m)**2', 'V**2 m**-2'],
  ] as const) {
    t.not(unitMeaning(one), unitMeaning(other), `${one} and ${other}`);
    t.match(compareData(stream(one), stream(other), false), {
      kind: 'values',
      message: `planes x UTC, y e${one && ` ${one}`} instead of x UTC, y e${other && ` ${other}`}`,
    });
  }
});
