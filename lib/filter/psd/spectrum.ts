/**
 * Power spectral density of one window of points (stream-format 13.6).
 *
 *     w[i] = 0.5 (1 - cos(2 pi i / (N - 1)))          W = N * sum w^2
 *     P[0] = |X0|^2 / W     P[k] = (|Xk|^2 + |X(N-k)|^2) / W     P[N/2] = |X(N/2)|^2 / W
 *     density = P * N * dt
 *
 * Contract: arithmetic in 8-byte reals; P sums up to the mean square of the windowed points, referred to the mean square of the window.
 */
import { SquaredTransform } from './transform.js';

export class Spectrum {
  /** Density at the frequencies 0, 1/(N dt) ... 1/(2 dt), of the window taken last. */
  readonly density: Float64Array;
  private readonly window: Float64Array;
  /** Sum of w^2, which is W / N. */
  private readonly weight: number;
  private readonly transform: SquaredTransform;

  /** `length` is even and at least 16; with `keepMean` the mean is not subtracted (`-d`). */
  constructor(
    readonly length: number,
    private readonly keepMean: boolean,
  ) {
    this.density = new Float64Array(length / 2 + 1);
    this.window = hannWindow(length);
    this.weight = this.window.reduce((sum, w) => sum + w * w, 0);
    this.transform = new SquaredTransform(length);
  }

  /** Takes N values from `first` on, `interval` seconds apart. */
  take(values: Float64Array, first: number, interval: number): void {
    const { density, window, length, transform } = this;
    const { input } = transform;
    let mean = 0;
    if (!this.keepMean) {
      for (let i = 0; i < length; i++) mean += values[first + i] as number;
      mean /= length;
    }
    for (let i = 0; i < length; i++) input[i] = ((values[first + i] as number) - mean) * (window[i] as number);
    transform.run(density);
    // 1/W times N dt; the transform of real points has the same power at N-k as at k.
    const scale = interval / this.weight;
    const last = length / 2;
    density[0] = (density[0] as number) * scale;
    density[last] = (density[last] as number) * scale;
    for (let k = 1; k < last; k++) density[k] = (density[k] as number) * 2 * scale;
  }
}

/** The Hann window of N points, zero at both ends. */
export function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 * (1 - Math.cos((2 * Math.PI * i) / (length - 1))));
}
