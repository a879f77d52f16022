/** The example sources as HAPI datasets, checked as the public verifier checks them (server-internals 6.7, case 56). */
import t from 'tap';
import { startExampleSite } from '../../tools/example-site.js';
import { verifyHapi } from '../../tools/hapi-verifier.js';
import { coverageFile, keptCoverage } from '../../tools/kept-coverage.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const cache = temporaryFolder(t);
for (const [dataset, begin] of [
  ['Examples/Auth', '2020-01-01'],
  ['Examples/Ephemeris', '2026-01-01'],
  ['Examples/OrbitField', '2026-01-01'],
] as const) {
  const counts = Array.from({ length: 400 }, (_, day) => (day % 50 === 3 ? undefined : day * 12.5));
  cache.write(coverageFile(dataset), keptCoverage(dataset, begin, counts));
}
const site = await startExampleSite(t, {}, [
  'ENABLE_HAPI_SUBSYS = true',
  'CONTACT_EMAIL = "me&#64;example.org"',
  `CACHE_ROOT = "${cache.path}"`,
]);

t.test('every dataset of the examples', async (t) => {
  const { findings, datasets, requests } = await verifyHapi(`${site}/hapi`);
  t.comment(`${requests} requests`);
  t.strictSame(findings, []);
  t.strictSame(datasets, [
    'Examples/Auth',
    'Examples/Auth:coverage',
    'Examples/Ephemeris:coverage',
    'Examples/Ephemeris:daily',
    'Examples/Ephemeris:hourly',
    'Examples/OrbitField',
    'Examples/OrbitField:coverage',
    'Examples/Params:all',
    'Examples/Params:hour',
    'Examples/Params:xy',
    'Examples/Random',
    'Examples/Spectra',
    'Examples/Waveform',
  ]);
});
