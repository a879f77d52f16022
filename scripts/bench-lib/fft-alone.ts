/**
 * The reference for das2_psd: `fft-alone LENGTH COUNT` does COUNT real transforms of LENGTH points with the FFT library, and nothing else.
 */
import FFT from 'fft.js';

const [length = 1024, count = 1] = process.argv.slice(2).map(Number);
const transform = new FFT(length);
const spectrum = transform.createComplexArray();
const wave = Array.from({ length }, (_, i) => Math.sin(i / 7) + Math.cos(i / 3));
for (let i = 0; i < count; i++) transform.realTransform(spectrum, wave);
process.exit(0);
