/**
 * Apache as the manual of the older server sets it up: a folder of links as ScriptAlias, a rewrite rule that hands on credentials in every
 * request. Only the targets of the links are ours, as docs/admin/moving-from-python.md has it.
 */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { apacheMissing, loadModules, placePrograms, startApacheWith } from '../tools/apache.js';
import { header } from '../tools/protocol-driver.js';
import { sendHttp } from '../tools/raw-http.js';
import { layOutOldSite } from './old-site.js';

const missing = apacheMissing();
const hasRewrite = loadModules('rewrite').length > 0;

await t.test(
  'the old Apache configuration',
  missing === undefined && hasRewrite ? {} : { skip: missing ?? 'no mod_rewrite' },
  async (t) => {
    const site = layOutOldSite(t, { settings: ['WORK_QUEUE_BROKER = none', 'TEST_FROM ='] });
    for (const folder of [site.logPath, site.stateRoot]) chmodSync(folder, 0o777);
    // On a real site these belong to the account of Apache.
    chmodSync(site.passwdFile, 0o644);
    chmodSync(join(site.logPath, 'das2.127.0.0.1_0.log'), 0o666);
    placePrograms(site.binPath);
    const links = join(site.root, 'cgi-das');
    mkdirSync(links);
    symlinkSync(join(site.binPath, 'das2_srvcgi_main'), join(links, 'server'));
    symlinkSync(join(site.binPath, 'das2_srvcgi_logrdr'), join(links, 'log'));
    const server = await startApacheWith(site, {
      modules: ['rewrite'],
      lines: () => [
        `ScriptAlias /das/ "${links}/"`,
        `<Directory "${links}">`,
        '  Options ExecCGI FollowSymLinks',
        '  RewriteRule ^ - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]',
        '  RewriteEngine on',
        '  AllowOverride None',
        '  Require all granted',
        '</Directory>',
      ],
    });
    t.teardown(() => server.stop());
    const ask = (query: string, headers: Record<string, string> = {}) => sendHttp(server, { query, headers });

    const list = await ask('server=list');
    t.equal(list.status, 200, server.errors());
    t.match(list.body.toString(), 'Voyager/1/PWS/Survey|Electric field (survey)\r\n');
    t.equal(header(list, 'Access-Control-Allow-Origin'), '*', 'the empty variable of the rule is no credential');
    const survey = 'server=dataset&dataset=Voyager/1/PWS/Quirks&start_time=1979-03-01&end_time=1979-03-01T01:00';
    t.equal((await ask(survey)).status, 200);

    const closed = 'server=dataset&dataset=Juno/Waves/Closed&start_time=2017-01-01&end_time=2017-01-01T01:00';
    const denied = await ask(closed);
    t.equal(denied.status, 401);
    t.equal(header(denied, 'WWW-Authenticate'), 'Basic realm="/das/server/Juno/Waves/Closed"');
    const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    t.equal((await ask(closed, basic('bill:correct horse'))).status, 200, 'the rule hands credentials on');
    t.equal((await ask(closed, basic('bill:wrong'))).status, 401);

    const viewer = await sendHttp({ ...server, hostName: 'localhost', mountPath: '/das/log' }, {});
    t.equal(viewer.status, 200);
    t.match(viewer.body.toString(), 'Routing to server=list');
    const moved = await ask('server=dsdf&dataset=Voyager/1/PWS/Lowrate');
    t.match(header(moved, 'Location'), /\/das\/server\?server=dsdf&dataset=Voyager\/1\/PWS\/Survey$/);
  },
);
