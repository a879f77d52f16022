/** The example sources as HAPI datasets, checked as the public verifier checks them (server-internals 6.7, case 56). */
import t from 'tap';
import { startExampleSite } from '../tools/example-site.js';
import { verifyHapi } from '../tools/hapi-verifier.js';

const site = await startExampleSite(t, {}, ['ENABLE_HAPI_SUBSYS = true', 'CONTACT_EMAIL = "me&#64;example.org"']);

t.test('every dataset of the examples', async (t) => {
  const { findings, datasets, requests } = await verifyHapi(`${site}/hapi`);
  t.comment(`${requests} requests`);
  t.strictSame(findings, []);
  t.strictSame(datasets, [
    'Examples/Auth',
    'Examples/Ephemeris:daily',
    'Examples/Ephemeris:hourly',
    'Examples/OrbitField',
    'Examples/Params:all',
    'Examples/Params:hour',
    'Examples/Params:xy',
    'Examples/Random',
    'Examples/Spectra',
    'Examples/Waveform',
  ]);
});
