/**
 * Discrete Fourier transform of a power of two of complex numbers, in place: the textbook algorithm of Cooley and Tukey,
 * radix 2. Good enough to show how spectra are made; a real instrument's reader would take a tuned library.
 */

/** Replaces the numbers by their transform, sum over t of z[t] * exp(-2 pi i f t / n), unscaled. Both arrays have length n. */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  swapBitReversed(real, imaginary);
  const { cosines, sines } = circle(length);
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let block = 0; block < length; block += 2 * half) {
      for (let i = 0; i < half; i++) {
        const cosine = cosines[i * stride]!;
        const sine = sines[i * stride]!;
        const a = block + i;
        const b = a + half;
        const turnedReal = real[b]! * cosine + imaginary[b]! * sine;
        const turnedImaginary = imaginary[b]! * cosine - real[b]! * sine;
        real[b] = real[a]! - turnedReal;
        imaginary[b] = imaginary[a]! - turnedImaginary;
        real[a] = real[a]! + turnedReal;
        imaginary[a] = imaginary[a]! + turnedImaginary;
      }
    }
  }
}

function swapBitReversed(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  for (let i = 0, reversed = 0; i < length; i++) {
    if (i < reversed) {
      [real[i], real[reversed]] = [real[reversed]!, real[i]!];
      [imaginary[i], imaginary[reversed]] = [imaginary[reversed]!, imaginary[i]!];
    }
    let bit = length >> 1;
    for (; bit > 0 && reversed & bit; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
}

interface Circle {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

let lastCircle: Circle | undefined;

/** Cosines and sines of the first half of a circle in `length` steps; kept, as every spectrum needs the same ones. */
function circle(length: number): Circle {
  if (lastCircle?.cosines.length !== length / 2) {
    const at = (f: (radians: number) => number) =>
      Float64Array.from({ length: length / 2 }, (_, i) => f((2 * Math.PI * i) / length));
    lastCircle = { cosines: at(Math.cos), sines: at(Math.sin) };
  }
  return lastCircle;
}
