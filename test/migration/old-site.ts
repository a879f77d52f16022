/**
 * A site as the older Python server has left it, in a fresh folder: test/migration/old-site with its place filled in, a shared part
 * behind a link, logs of years, and cache blocks without side files, written by the commands that its worker ran.
 *
 * The definitions use what sites use: quotes in all ways, `$` continuations, `_dirinfo_`, rename, server, hidden, das1, QStreams,
 * cache levels for several sets of parameters, old keys. Nothing of it is changed for us but DAS2_SERVER_CONF, as the manual says.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LOGO_PNG, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const TEMPLATE = resolve(import.meta.dirname, 'old-site');
/** Folder of the built programs. */
export const BIN = resolve(process.env.DAS2SRV_BIN || resolve(import.meta.dirname, '../../dist/bin'));

export interface OldSite extends ProtocolFixture {
  readonly cacheRoot: string;
  /** Calls of the reader of Voyager/1/PWS/Survey so far: its arguments, a line each. */
  calls(): string[];
  /** Runs a program of ours on this site. */
  run(program: string, ...args: string[]): { status: number; output: string };
}

/** Lays out the site; `t` removes it. */
export function layOutOldSite(
  t: { teardown(action: () => void): unknown },
  options: { readonly redisPort?: number; readonly settings?: readonly string[] } = {},
): OldSite {
  const root = temporaryFolder(t).path;
  chmodSync(root, 0o755);
  const at = (...parts: string[]): string => join(root, ...parts);
  cpSync(TEMPLATE, root, { recursive: true });
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(at(name)).isFile()) continue;
    const text = readFileSync(at(name), 'utf8');
    writeFileSync(
      at(name),
      text.replaceAll('@PREFIX@', root).replaceAll('@REDIS_PORT@', String(options.redisPort ?? 1)),
    );
  }
  for (const name of ['bin', 'lib', 'cache', 'log', 'state', 'archive', 'shared']) mkdirSync(at(name));
  for (const name of readdirSync(at('readers'))) chmodSync(at('readers', name), 0o755);
  chmodSync(at('etc/passwd'), 0o640);
  writeFileSync(at('static/logo.png'), LOGO_PNG);
  writeFileSync(at('log/das2.127.0.0.1_0.log'), 'no line of ours\n');

  // A folder of definitions that several servers share, and a file as an editor of another system saves it.
  writeFileSync(
    at('shared/Common.dsdf'),
    '\ufeffdescription = \'Shared by a link\'\r\n\r\nreader = field_rdr\r\ndas2Stream = 1\r\nexampleRange_00 = "2017-01-01 to 2017-01-02"\r\n',
  );
  symlinkSync(at('shared'), at('datasets/Shared'));

  const configurationFile = at('etc/das2server.conf');
  if (options.settings !== undefined) {
    writeFileSync(configurationFile, `${readFileSync(configurationFile, 'utf8')}${options.settings.join('\n')}\n`);
  }
  const write = (file: string, content: string, mode: number): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  return {
    root,
    configurationFile,
    cacheRoot: at('cache'),
    dsdfRoot: at('datasets'),
    binPath: at('bin'),
    resourcePath: at('static'),
    logPath: at('log'),
    stateRoot: at('state'),
    passwdFile: at('etc/passwd'),
    groupFile: at('etc/group'),
    writeSource: (id, content) => write(at('datasets', `${id}.dsdf`), content, 0o644),
    writeProgram: (name, script) => write(at('readers', name), `#!/bin/sh\n${script}`, 0o755),
    // The temporary folder takes care of itself.
    remove: () => {},
    calls() {
      try {
        return readFileSync(at('calls'), 'utf8').trimEnd().split('\n');
      } catch {
        return [];
      }
    },
    run(program, ...args) {
      try {
        const output = execFileSync(join(BIN, program), args, {
          env: { PATH: '/usr/bin:/bin', DAS2_SERVER_CONF: configurationFile },
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        return { status: 0, output };
      } catch (error) {
        const { status, stdout, stderr } = error as { status?: number; stdout?: string; stderr?: string };
        return { status: status ?? -1, output: `${stdout ?? ''}${stderr ?? ''}` };
      }
    },
  };
}

/** What a level of Voyager/1/PWS/Survey needs to be written as the old worker wrote it. */
interface OldBlock {
  /** Below `CACHE_ROOT/data/<source>`. */
  readonly file: string;
  readonly begin: string;
  readonly end: string;
  readonly params?: string;
  /** Seconds with six decimals; none for `intrinsic`. */
  readonly resolution?: string;
}

export const SURVEY = 'Voyager/1/PWS/Survey';

/** A day in three levels, and one level of another set of parameters. */
export const OLD_BLOCKS: readonly OldBlock[] = [
  ...Array.from({ length: 24 }, (_, hour): OldBlock => {
    const begin = new Date(Date.UTC(1979, 2, 1, hour)).toISOString().slice(0, 16);
    const end = new Date(Date.UTC(1979, 2, 1, hour + 1)).toISOString().slice(0, 16);
    return { file: `_noparam/intrinsic/1979/03/01/${begin.slice(0, 13)}_intrinsic.d2s`, begin, end };
  }),
  {
    file: '_noparam/bin-60s/1979/03/1979-03-01_bin-60s.d2s',
    begin: '1979-03-01',
    end: '1979-03-02',
    resolution: '60.000000',
  },
  {
    file: '_noparam/bin-3600s/1979/1979-03_bin-3600s.d2s',
    begin: '1979-03-01',
    end: '1979-04-01',
    resolution: '3600.000000',
  },
  {
    file: 'KEEP_SPIKES_high/bin-600s/1979/03/1979-03-01_bin-600s.d2s',
    begin: '1979-03-01',
    end: '1979-03-02',
    params: 'high KEEP-SPIKES',
    resolution: '600.000000',
  },
];

/**
 * Fills the cache. The readers' `FIELD_GAIN` is another one than in the definition of today, so that an answer tells where it comes
 * from: values of old blocks are 7 times, those of a run of today 2 times the seconds.
 */
export function fillOldCache(site: OldSite): void {
  const folder = join(site.cacheRoot, 'data', SURVEY);
  for (const { file, begin, end, params = '', resolution } of OLD_BLOCKS) {
    const target = join(folder, file);
    mkdirSync(dirname(target), { recursive: true, mode: 0o775 });
    const reducer = resolution === undefined ? '' : `| ${join(BIN, 'das2_bin_avgsec')} -b ${begin} ${resolution}`;
    execFileSync('/bin/sh', [
      '-c',
      `FIELD_GAIN=7 ${site.root}/readers/field_rdr ${begin} ${end} ${params} ${reducer} > ${target}.tmp && mv ${target}.tmp ${target}`,
    ]);
  }
}
