/**
 * B57 with a real client: the Python package `drms` against das2_srv_httpd and das2_srv_arbiter, from the list of series to files on its disk. Skipped where
 * the package is not installed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { filesSite } from '../files/files-site.js';

const PYTHON = '/usr/bin/python3';
const isThere = spawnSync(PYTHON, ['-c', 'import drms'], { timeout: 120_000 }).status === 0;
const ABSENT = isThere
  ? false
  : 'absent python3-drms: the test with a client of a DRMS; to run it: apt-get install python3-drms';

const BEGIN = `
import json, sys, warnings
warnings.simplefilter('ignore')
import drms
base, folder, given = sys.argv[1:4]
names = dict(cgi_show_series='show_series', cgi_jsoc_info='jsoc_info', cgi_jsoc_fetch='jsoc_fetch', cgi_check_address='check_address')
drms.config.register_server(drms.config.ServerConfig(name='DAS2', cgi_baseurl=base + '/drms/', **names))
client = drms.Client('das2', email='somebody@example.org')
`;
const ASK = `${BEGIN}
query = client.query('cam.images[2020.06.01/2d]', key='T_REC,STATE,BYTES', rec_index=True)
quick = client.export('cam.images[#7457]{0001,0002}', method='url_quick')
print(json.dumps({
  'series': client.series('^cam'), 'primekeys': client.pkeys('cam.images'), 'note': client.info('cam.images').note,
  'index': list(query.index), 'states': list(query.STATE), 'bytes': [int(x) for x in query.BYTES.fillna(-1)],
  'quick': quick.status, 'downloads': len(quick.download(folder).download.dropna()),
  'id': client.export('cam.images[2020.06.01/2d]', method='url').id,
  'tar': client.export('cam.images[2020.06.01/1d]', method='url-tar').id,
}))
`;
const FETCH = `${BEGIN}
request, tar = [client.export_from_id(one) for one in given.split()]
print(json.dumps({
  'succeeded': request.has_succeeded(), 'records': list(request.data.record),
  'downloads': len(request.download(folder).download.dropna()), 'tar': len(tar.download(folder).download.dropna()),
}))
`;

t.test('a client of a DRMS', { skip: ABSENT, timeout: 580_000 }, async (t) => {
  const site = await filesSite(t);
  const { path } = temporaryFolder(t);
  const python = (script: string, given = '') => {
    const run = spawnSync(PYTHON, ['-c', script, site.url(''), path, given], { encoding: 'utf8' });
    t.equal(run.status, 0, run.stderr);
    return JSON.parse(run.stdout);
  };
  const asked = python(ASK);
  t.match(asked, {
    series: ['cam.closed', 'cam.images'],
    primekeys: ['T_REC'],
    note: 'Images images',
    index: ['cam.images[2020-06-01T00:00:00Z]', 'cam.images[2020-06-02T00:00:00Z]'],
    states: ['assumed', 'offline'],
    bytes: [-1, 600],
    quick: 0,
    downloads: 2,
  });
  site.work();
  const fetched = python(FETCH, `${asked.id} ${asked.tar}`);
  t.match(fetched, { succeeded: true, downloads: 7, tar: 1 }, 'four images, and three that were brought back');
  t.match(fetched.records[0], 'cam.images[2020-06-01T00:00:00Z]{img_20200601T1159_0000.fits}');
  const names = readdirSync(path);
  t.ok(names.includes('frame_0002.fits'));
  t.equal(readFileSync(join(path, 'frame_0002.fits'), 'utf8'), 'back 2\n');
  const archive = join(path, `${asked.tar}.tar.gz`);
  t.match(spawnSync('tar', ['-tzf', archive], { encoding: 'utf8' }).stdout, 'data/cam/lev1/images/');
  t.notOk(names.some((name) => name.endsWith('.part')));
});
