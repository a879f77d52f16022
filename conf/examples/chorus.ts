/**
 * A model of whistler-mode chorus as a wideband receiver sees it, shared by `waveform` and `spectra`.
 *
 * Chorus is a row of short tones that rise, between about a quarter and three quarters of the electron cyclotron frequency.
 * The receiver takes 20480 samples a second and tells only 16 levels apart, like the 4-bit receivers of the Voyagers: strong
 * tones are clipped, weak ones drown in the steps. Samples come in captures of 1024, which follow on one another without a
 * gap: capture n begins 50 ms * n after 2000-01-01.
 *
 * Nothing is random: tones and noise are drawn from numbers made from the time, so a capture is the same in every request.
 */
export const SAMPLES_PER_CAPTURE = 1024;
export const CAPTURES_PER_SECOND = 20;
export const SAMPLE_RATE = SAMPLES_PER_CAPTURE * CAPTURES_PER_SECOND;
/** Electric field from one level to the next, V/m. The levels are -7.5, -6.5, ... 7.5 steps. */
export const LEVEL_STEP = 2e-4;

const TONE_SPACING = 0.25; // one tone may start in each quarter of a second
const LONGEST_TONE = 0.5;
const TONE_CHANCE = 0.7;
const STRONGEST_TONE = 14 * LEVEL_STEP;
const NOISE = 1.6 * LEVEL_STEP;

/** Samples of capture number `capture` in V/m, into `samples` (length `SAMPLES_PER_CAPTURE`). */
export function fillCapture(capture: number, samples: Float32Array): void {
  addNoise(capture, samples);
  const begin = capture / CAPTURES_PER_SECOND;
  const end = begin + 1 / CAPTURES_PER_SECOND;
  const lastTone = Math.floor(end / TONE_SPACING);
  for (let tone = Math.floor((begin - LONGEST_TONE) / TONE_SPACING); tone <= lastTone; tone++) {
    addTone(tone, begin, samples);
  }
  for (let i = 0; i < SAMPLES_PER_CAPTURE; i++) {
    const level = Math.floor(samples[i]! / LEVEL_STEP);
    samples[i] = (Math.min(Math.max(level, -8), 7) + 0.5) * LEVEL_STEP;
  }
}

function addNoise(capture: number, samples: Float32Array): void {
  // Marsaglia's xorshift; two halves of one number together give a triangular distribution.
  let state = (uniform(capture, 0) * 0xffffffff) | 1;
  for (let i = 0; i < SAMPLES_PER_CAPTURE; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    samples[i] = (((state & 0xffff) + (state >>> 16)) / 0xffff - 1) * NOISE;
  }
}

function addTone(tone: number, begin: number, samples: Float32Array): void {
  if (uniform(tone, 1) > TONE_CHANCE * activity(tone * TONE_SPACING)) return;
  const start = (tone + uniform(tone, 2)) * TONE_SPACING;
  const duration = LONGEST_TONE * (0.3 + 0.7 * uniform(tone, 3));
  const from = Math.max(0, Math.ceil((start - begin) * SAMPLE_RATE));
  const to = Math.min(SAMPLES_PER_CAPTURE, Math.floor((start + duration - begin) * SAMPLE_RATE));
  if (from >= to) return;

  const cyclotron = cyclotronFrequency(start);
  const frequency = cyclotron * (0.22 + 0.13 * uniform(tone, 4));
  const sweep = (cyclotron * (0.1 + 0.25 * uniform(tone, 5))) / duration;
  const amplitude = STRONGEST_TONE * uniform(tone, 6) ** 2;
  const step = 1 / SAMPLE_RATE;
  const time = begin + from * step - start;
  const turn = 2 * Math.PI;

  // The phase is a quadratic in time: the oscillator turns by `rotation` a sample, and that turns by `growth`.
  const oscillator = angle(turn * (frequency * time + (sweep / 2) * time * time));
  const rotation = angle(turn * step * (frequency + sweep * (time + step / 2)));
  const growth = angle(turn * step * step * sweep);
  const envelope = angle((Math.PI * time) / duration);
  const fading = angle((Math.PI * step) / duration);
  for (let i = from; i < to; i++) {
    samples[i] = samples[i]! + amplitude * envelope.sine * oscillator.sine;
    turnBy(oscillator, rotation);
    turnBy(rotation, growth);
    turnBy(envelope, fading);
  }
}

interface Angle {
  cosine: number;
  sine: number;
}

function angle(radians: number): Angle {
  return { cosine: Math.cos(radians), sine: Math.sin(radians) };
}

function turnBy(angle: Angle, by: Angle): void {
  const cosine = angle.cosine * by.cosine - angle.sine * by.sine;
  angle.sine = angle.sine * by.cosine + angle.cosine * by.sine;
  angle.cosine = cosine;
}

/** The satellite goes through weaker and stronger field: 10 to 14 kHz, and back in nine hours. */
function cyclotronFrequency(second: number): number {
  return 12000 + 2000 * Math.sin((2 * Math.PI * second) / 32400);
}

/** How much is going on, 0 to 1: pulsations of about four minutes, and active spells of hours. */
function activity(second: number): number {
  const pulsation = 0.5 + 0.5 * Math.sin((2 * Math.PI * second) / 230);
  const spell = 0.6 + 0.4 * Math.sin((2 * Math.PI * second) / 7400);
  return pulsation * spell;
}

/** A number from 0 to 1 that depends on `number` and `purpose` and on nothing else (hash of the splitmix family). */
function uniform(number: number, purpose: number): number {
  let hash = Math.imul(number | 0, 0x9e3779b1) ^ Math.imul(Math.floor(number / 2 ** 32) + 1 + purpose, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
