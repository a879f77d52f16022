/**
 * A site that notices: readers that write down exactly what they were given, files outside of the roots that nobody may open,
 * links that lead out, and a file that shell payloads try to make.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { layOutProtocolFixture, type ProtocolFixture } from '../tools/protocol-fixture.js';
import { MARK } from './hostile-parts.js';

/** In the content of every file that no answer may show. */
export const SENTINEL = 'sentinel-7f3a91-of-the-site';

/** Arguments, environment and shell text; all by NUL, since anything else may be part of them. */
const CANARY = `
SITE=\${0%/bin/*}
{
  printf 'args\\0'
  for word in "$@"; do printf '%s\\0' "$word"; done
  printf 'environment\\0'
  env -0
  printf 'parent\\0'
  cat "/proc/$PPID/cmdline"
} > "$SITE/log/canary/$$"
printf '[00]000025<stream version="2.2" />\\n'
`;

/** A table, so that HAPI can offer it. */
const TABLE = `
printf '[01]000089<packet><x type="time24" units="us2000"/><y name="v" type="ascii10" units="V"/></packet>\n'
printf ':01:2017-01-01T00:00:00.000    1.0e+00\n'
`;

const PLOT = `${CANARY}
for word in "$@"; do case $word in image=*) cp "$SITE/static/logo.png" "\${word#image=}";; esac; done
`;

export interface CanarySite extends ProtocolFixture {
  /** The file that shell payloads try to make. */
  readonly pwned: string;
  /** What is wrong with what the readers saw and what happened to the files; one line each. */
  findings(): string[];
  /** How often a reader ran. */
  runs(): number;
}

/** Lays the site out. Call `remove` when done with it. */
export function layOutCanarySite(): CanarySite {
  const canary = (more = ''): string => `description = 'Canary'\nreader = canary\ndas2Stream = 1\n${more}`;
  const site = layOutProtocolFixture({
    settings: {
      PNG_MAKER: 'plot',
      MAX_PIPELINES: '8',
      PIPELINE_WAIT: '100',
      MAX_RUN_TIME: '20',
      ENABLE_HAPI_SUBSYS: 'true',
    },
    sources: {
      Canary: canary(),
      CanaryShell: canary().replace('reader = canary', "reader = 'true && canary fixed'"),
      CanaryMacro: canary('dropParams = 1\n').replace(
        'reader = canary',
        `reader = 'canary "$(PARAMS,none)" $(FREE,none) ''$(FREE,none)'''`,
      ),
      CanaryInterval: canary('requiresInterval = 1\n'),
      CanaryTable: canary("hapi = 1\nvalidRange = '2017-01-01 to 2018-01-01'\n").replace(
        'reader = canary',
        'reader = canary-table',
      ),
      CanaryReduced: canary("reducer = 'canary'\n"),
      Secret: canary("readAccess = 'GROUP:g'\nsecurityRealm = 'The \"realm\"'\n"),
      Moved: "rename = 'Canary'\n",
      Foreign: "server = 'http://far.example.org/das/server'\ndescription = 'x'\n",
    },
  });
  site.writeProgram('canary', CANARY);
  site.writeProgram('canary-table', `${CANARY}${TABLE}`);
  site.writeProgram('plot', PLOT);
  site.writeProgram('evil', 'touch "$0.ran"\n');
  const at = (name: string): string => join(site.root, name);
  mkdirSync(at('log/canary'));
  chmodSync(at('log/canary'), 0o777);
  mkdirSync(at('outside'));
  writeFileSync(at('outside/Evil.dsdf'), `description = '${SENTINEL}'\nreader = evil\ndas2Stream = 1\n`);
  writeFileSync(at('outside/secret.txt'), `${SENTINEL}\n`);
  writeFileSync(at('static/.hidden'), `${SENTINEL}\n`);
  symlinkSync(at('outside'), at('datasets/linked'));
  symlinkSync(at('outside/Evil.dsdf'), at('datasets/linked-file.dsdf'));
  symlinkSync(at('outside/secret.txt'), at('static/linked-file'));
  symlinkSync(at('outside'), at('static/linked'));
  // Whoever owns both link and target may lead out of the tree, so somebody else must own these.
  const refusesLinks = process.getuid?.() === 0;
  const outside = ['outside/Evil.dsdf', 'outside/secret.txt'];
  if (refusesLinks) for (const name of [...outside, 'outside']) chownSync(at(name), 1, 1);
  const untouched = [...(refusesLinks ? outside : []), 'static/.hidden'].map(at);
  for (const file of untouched) utimesSync(file, 978_307_200, 1_000_000_000);
  const noticesReading = showsReading(at('outside/probe'));

  const records = (): string[] => readdirSync(at('log/canary')).map((name) => at(`log/canary/${name}`));
  return {
    ...site,
    pwned: at('pwned'),
    runs: () => records().length,
    findings() {
      const wrong = records().flatMap((file) => recordFindings(readFileSync(file, 'utf8').split('\0')));
      for (const name of ['pwned', 'bin/evil.ran']) if (existsSync(at(name))) wrong.push(`${name} was made`);
      if (noticesReading) {
        for (const file of untouched) if (statSync(file).atimeMs !== 978_307_200_000) wrong.push(`${file} was read`);
      }
      return wrong;
    },
  };
}

/** Whether the file system notes the time of reading here. */
function showsReading(file: string): boolean {
  writeFileSync(file, 'x');
  utimesSync(file, 978_307_200, 1_000_000_000);
  readFileSync(file);
  return statSync(file).atimeMs !== 978_307_200_000;
}

const NAMES = /^(?:PATH|LD_LIBRARY_PATH|HOME|LANG|TZ|PWD|OLDPWD|SHLVL|_|DAS2_ARG_\d+)$/;
const TIME = /^\d{4}-(?:\d\d(?:-\d\d)?|\d{3})(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?Z?$/;
const WORD = /^[A-Za-z0-9_.,:=+@%~/#()*^![\]{} -]{0,1024}$/;
const MACRO = /^[A-Za-z0-9_ .,:+=@%/-]*$/;
const PLOT_ARGUMENT =
  /^(?:server=http:\/\/das\.example\.org\/das\/server|dataset=\w+|(?:start|end)_time=[\dT:.-]+|image=\/[\w./-]+)$/;

/** What is wrong with one run of the canary. */
function recordFindings(words: readonly string[]): string[] {
  const environmentAt = words.indexOf('environment');
  const parentAt = words.lastIndexOf('parent');
  const args = words.slice(1, environmentAt);
  const wrong: string[] = [];
  const say = (what: string): void => void wrong.push(`${what}: ${JSON.stringify(args)}`);
  if (words[0] !== 'args' || environmentAt < 0 || parentAt < environmentAt) say('a record that is none');
  for (const entry of words.slice(environmentAt + 1, parentAt)) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    // The test runner hooks into every Node that runs below it, with variables of its own.
    if (/^_TAPJS_|^NODE_OPTIONS$/.test(name) && !entry.includes(MARK)) continue;
    if (!NAMES.test(name)) say(`variable ${name}`);
    else if (name.startsWith('DAS2_ARG_')) {
      if (!MACRO.test(entry.slice(equals + 1)) || entry.includes('..')) say(`value ${entry}`);
    } else if (entry.includes(MARK)) say(`request text in ${entry}`);
  }
  // `sh -c TEXT das2 ARG…`, where the shell is still there: the text holds nothing of the request.
  const parent = words.slice(parentAt + 1);
  if (parent[1] === '-c' && parent[2]?.includes(MARK)) say(`request text in a command: ${parent[2]}`);
  if (args.some((word) => word.startsWith('server='))) {
    for (const word of args) {
      if (!PLOT_ARGUMENT.test(word) && !(word.startsWith('params=') && /^[^;|><&$`\0-\x1f\x7f]*$/.test(word))) {
        say(`argument ${word}`);
      }
    }
  } else {
    for (const word of args) if (!WORD.test(word) || word.includes('../')) say(`argument ${JSON.stringify(word)}`);
    if (args.length > 1 && args.filter((word) => TIME.test(word)).length < 2) say('no times');
  }
  return wrong;
}
