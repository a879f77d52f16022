/**
 * Squared amplitudes of the discrete Fourier transform of real points, for every even length.
 *
 * Contract: N real points are packed into N/2 complex ones, transformed, and untangled, which is faster than the library's own transform
 * of real points. Powers of two go to the library (fft.js, MIT) directly; other lengths through Bluestein's chirp on top of it, with the
 * angles of the chirp reduced by whole turns first, so that long transforms stay exact. Only this file knows the library.
 */
import FFT from 'fft.js';

export class SquaredTransform {
  private readonly half: number;
  /** The N/2 complex points, in pairs, and their transform. */
  private readonly points: Float64Array;
  private readonly result: Float64Array;
  private readonly transform: (output: Float64Array, input: Float64Array) => void;
  /** cos and -sin of the angles that untangle, in pairs, for the first quarter. */
  private readonly twist: Float64Array;

  /** `length` is even and at least 16. */
  constructor(readonly length: number) {
    this.half = length / 2;
    this.points = new Float64Array(length);
    this.result = new Float64Array(length);
    this.transform = complexTransform(this.half);
    const quarter = Math.floor(this.half / 2) + 1;
    this.twist = new Float64Array(2 * quarter);
    for (let k = 0; k < quarter; k++) {
      this.twist[2 * k] = Math.cos((2 * Math.PI * k) / length);
      this.twist[2 * k + 1] = -Math.sin((2 * Math.PI * k) / length);
    }
  }

  /** The points are written here before `run`. */
  get input(): Float64Array {
    return this.points;
  }

  /** Writes |X0|^2 ... |X(N/2)|^2 into `squares`. */
  run(squares: Float64Array): void {
    const { half, result, twist } = this;
    this.transform(result, this.points);
    const realZero = result[0] as number;
    const imaginaryZero = result[1] as number;
    squares[0] = (realZero + imaginaryZero) ** 2;
    squares[half] = (realZero - imaginaryZero) ** 2;
    for (let k = 1, other = half - 1; k <= other; k++, other--) {
      const aReal = result[2 * k] as number;
      const aImaginary = result[2 * k + 1] as number;
      const bReal = result[2 * other] as number;
      const bImaginary = result[2 * other + 1] as number;
      // Transforms of the points at even and at odd places.
      const evenReal = (aReal + bReal) / 2;
      const evenImaginary = (aImaginary - bImaginary) / 2;
      const oddReal = (aImaginary + bImaginary) / 2;
      const oddImaginary = (bReal - aReal) / 2;
      const cosine = twist[2 * k] as number;
      const sine = twist[2 * k + 1] as number;
      const turnedReal = oddReal * cosine - oddImaginary * sine;
      const turnedImaginary = oddReal * sine + oddImaginary * cosine;
      const sumReal = evenReal + turnedReal;
      const sumImaginary = evenImaginary + turnedImaginary;
      const restReal = evenReal - turnedReal;
      const restImaginary = evenImaginary - turnedImaginary;
      squares[k] = sumReal * sumReal + sumImaginary * sumImaginary;
      squares[other] = restReal * restReal + restImaginary * restImaginary;
    }
  }
}

/** A transform of `length` complex points. */
function complexTransform(length: number): (output: Float64Array, input: Float64Array) => void {
  if ((length & (length - 1)) === 0) {
    const fft = new FFT(length);
    return (output, input) => fft.transform(output, input);
  }
  return bluestein(length);
}

/** A transform of any length as a convolution with a chirp, whose length is a power of two. */
function bluestein(length: number): (output: Float64Array, input: Float64Array) => void {
  let size = 1;
  while (size < 2 * length - 1) size *= 2;
  const fft = new FFT(size);
  // exp(-i pi k^2 / length); k^2 modulo 2 length is exact in integers.
  const chirp = new Float64Array(2 * length);
  for (let k = 0; k < length; k++) {
    const angle = (Math.PI * ((k * k) % (2 * length))) / length;
    chirp[2 * k] = Math.cos(angle);
    chirp[2 * k + 1] = -Math.sin(angle);
  }
  const kernel = new Float64Array(2 * size);
  const conjugate = new Float64Array(2 * size);
  for (let k = 0; k < length; k++) {
    for (const at of k === 0 ? [0] : [k, size - k]) {
      conjugate[2 * at] = chirp[2 * k] as number;
      conjugate[2 * at + 1] = -(chirp[2 * k + 1] as number);
    }
  }
  fft.transform(kernel, conjugate);
  const work = conjugate.fill(0);
  const spectrum = new Float64Array(2 * size);
  return (output, input) => {
    multiply(work, input, chirp, length);
    work.fill(0, 2 * length);
    fft.transform(spectrum, work);
    // The inverse transform is the conjugate of the transform of the conjugate, so take conjugates on both sides.
    multiply(spectrum, spectrum, kernel, size);
    for (let i = 1; i < spectrum.length; i += 2) spectrum[i] = -(spectrum[i] as number);
    fft.transform(work, spectrum);
    for (let i = 0; i < 2 * length; i += 2) {
      const real = (work[i] as number) / size;
      const imaginary = -(work[i + 1] as number) / size;
      const cosine = chirp[i] as number;
      const sine = chirp[i + 1] as number;
      output[i] = real * cosine - imaginary * sine;
      output[i + 1] = real * sine + imaginary * cosine;
    }
  };
}

/** Products of `count` complex numbers. */
function multiply(output: Float64Array, a: Float64Array, b: Float64Array, count: number): void {
  for (let i = 0; i < 2 * count; i += 2) {
    const real = a[i] as number;
    const imaginary = a[i + 1] as number;
    const cosine = b[i] as number;
    const sine = b[i + 1] as number;
    output[i] = real * cosine - imaginary * sine;
    output[i + 1] = real * sine + imaginary * cosine;
  }
}
