/** What of our own environment readers and filters get. */
import t from 'tap';
import { stageEnvironment } from '../../../lib/pipeline/stage/environment.js';

t.test('environment', async (t) => {
  t.same(stageEnvironment({ binPath: [], libPath: [], passNames: [], inherited: {} }), {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  });
  const full = stageEnvironment({
    binPath: ['/opt/das2/bin', '/bin', '/opt/das2/bin'],
    libPath: ['/opt/lib'],
    passNames: ['IDL_DIR', 'REMOTE_ADDR', 'HTTP_COOKIE', 'QUERY_STRING', 'Http_Authorization', 'BUN_OPTIONS', 'ABSENT'],
    inherited: {
      PATH: '/usr/bin:/bin',
      LD_LIBRARY_PATH: '/usr/lib/x',
      HOME: '/home/das',
      LANG: 'de_DE.UTF-8',
      TZ: 'Europe/Berlin',
      IDL_DIR: '/idl',
      SECRET: 's',
      HTTP_COOKIE: 'c',
      QUERY_STRING: 'q',
      Http_Authorization: 'a',
      BUN_OPTIONS: 'b',
    },
    requestFacts: { REMOTE_ADDR: '192.0.2.7', SERVER_NAME: 'h' },
  });
  t.same(full, {
    IDL_DIR: '/idl',
    REMOTE_ADDR: '192.0.2.7',
    PATH: '/opt/das2/bin:/usr/bin:/bin',
    LD_LIBRARY_PATH: '/opt/lib:/usr/lib/x',
    HOME: '/home/das',
    LANG: 'de_DE.UTF-8',
    TZ: 'UTC',
  });
});
