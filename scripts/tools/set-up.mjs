/**
 * What a fresh clone needs before anything can be built or tested: the npm packages of package-lock.json, and for the tests
 * against real servers and in a real browser Apache, nginx, Redis and Chromium from the system's packages, and the readers of the example
 * files for systemd and logrotate.
 *
 * Each part looks first and acts only where something is missing. The system's packages need root and apt-get; without
 * them the tests that use them skip and say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './repository.mjs';
import { run, step } from './step.mjs';

const OLDEST_NODE = '20.19';

/** Packages of the system: what they are for, a program by which their presence is known, their Debian name. */
const SYSTEM_PACKAGES = [
  { name: 'apache2', program: 'apache2', use: 'tests through a real web server' },
  { name: 'nginx-light', program: 'nginx', use: 'tests through nginx' },
  { name: 'systemd', program: 'systemd-analyze', use: 'tests of the systemd units' },
  { name: 'logrotate', program: 'logrotate', use: 'the test of log rotation' },
  { name: 'redis-server', program: 'redis-server', use: 'tests of the work queue' },
  { name: 'faketime', program: 'faketime', use: 'faults of clocks' },
  { name: 'iproute2', program: 'ip', use: 'the test with several machines' },
  { name: 'chromium', program: 'chromium', use: 'tests of the pages in a browser' },
];

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    throw new Error(`Node ${process.versions.node} is too old: ${OLDEST_NODE} or later is needed`);
}

/** Lock entries that npm wrote down as installed, against those that should be. */
export function packagesAreCurrent() {
  const read = (file) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  if (!existsSync(path.join(ROOT, 'node_modules/.package-lock.json'))) return false;
  const installed = read('node_modules/.package-lock.json');
  return Object.entries(read('package-lock.json')).every(
    ([name, { version, optional, peer }]) => name === '' || optional || peer || installed[name]?.version === version,
  );
}

/** Runs `npm ci` where node_modules is absent or differs from the lock file; true when the packages are there. */
export async function installPackages() {
  if (packagesAreCurrent()) return true;
  const npm = (title) =>
    step(title, 'npm', ['ci', '--no-audit', '--no-fund'], { environment: process.env, seconds: 900 });
  // A registry that hiccups once is no reason to give up.
  return (await npm('npm ci')) || (await npm('npm ci, once more'));
}

/** For the other scripts: sees to it that the packages are there, or ends the process with status 1; what failed has been told by then. */
export async function needPackages() {
  if (!(await installPackages())) process.exit(1);
}

/** Ends the process with status 1 where `folder` does not hold the built programs. */
export function needPrograms(name, folder) {
  if (existsSync(path.join(folder, 'das2srv'))) return;
  process.stderr.write(`${name}: there are no programs in ${folder}: run scripts/build first\n`);
  process.exit(1);
}

export function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(path.join(folder, name)));
}

/** Installs missing system packages where that is possible, and says what will be skipped where it is not. */
export async function installSystemPackages() {
  const missing = SYSTEM_PACKAGES.filter(({ program }) => !hasProgram(program));
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && hasProgram('apt-get')) {
    // RUNLEVEL=1 keeps the packages from starting services of their own.
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const names = missing.map(({ name }) => name);
    await run('apt-get', ['update', '-q'], { environment });
    const args = ['install', '-y', '-q', '--no-install-recommends', ...names];
    if (await step(`apt-get install ${names.join(' ')}`, 'apt-get', args, { environment })) return;
  }
  for (const { name, use } of missing) {
    console.log(`absent ${name}: ${use} are skipped; to run them: apt-get install ${name} (as root)`);
  }
}
