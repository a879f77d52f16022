/**
 * The whole suite on any machine: set-up, build, checks, all tests, and a summary that ends in one line
 * `N passed, N failed, N skipped`. Exit status 0 only if everything passed.
 *
 * Each step before the tests counts as one check. A test file that hangs is ended by tap (.taprc); the whole run is ended
 * by this script after less than an hour and a half.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from './command-line.mjs';
import { ROOT } from './repository.mjs';
import { checkNode, installPackages, installSystemPackages } from './set-up.mjs';
import { run, step } from './step.mjs';
import { TapSummary } from './tap-summary.mjs';

const HELP = `usage: scripts/test [--quick] [FILE]...

Does all the set-up, builds, checks and runs the tests. The last line is \`N passed, N failed\`; exit status 0 when none failed.

  --quick  unit tests only (test/<folder of lib>): no system packages, no build, no checks
  FILE     only these test files (after set-up and build)
  --help   this text

Needs Node ${process.versions.node.split('.')[0]} or later. Everything else is installed when it is missing: npm packages always; Apache, nginx, Redis and others when
run as root where apt-get is.

Examples:
  scripts/test
  scripts/test test/filter/ascii.test.ts
`;

/** Unit tests are those that mirror a folder of lib. */
function unitTestFolders() {
  return readdirSync(path.join(ROOT, 'lib'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(ROOT, 'test', entry.name)))
    .map((entry) => `test/${entry.name}/**/*.test.ts`);
}

/** More failed files than this are no accident of a busy machine. */
const MOST_REPEATED = 6;
/** All tests together may take so long; they take a quarter of an hour on two processors with nothing else to do. */
const MOST_SECONDS = 5000;

/**
 * Runs all files; the few that failed are run once more, one at a time, since processes and clocks of many tests at once disturb each other
 * on a small machine. What passes then is named and counts as passed.
 */
async function runTests(files) {
  const { counts, failedFiles } = await runFiles(files, []);
  if (failedFiles.length === 0 || failedFiles.length > MOST_REPEATED) return counts;
  console.log('\nAgain, one at a time:');
  const again = await runFiles(failedFiles, ['--jobs=1']);
  if (again.counts.failed > 0) return counts;
  console.log(`\nPassed only when run alone: ${failedFiles.join(', ')}`);
  return { ...counts, failed: 0 };
}

async function runFiles(files, options) {
  const summary = new TapSummary((text) => console.log(text));
  const tap = path.join(ROOT, 'node_modules/tap/dist/esm/run.mjs');
  const { status, output } = await run(process.execPath, [tap, '--reporter=tap', ...options, ...files], {
    seconds: Math.max(1, MOST_SECONDS - process.uptime()),
    onOutput: (chunk) => summary.push(chunk.toString()),
  });
  summary.end();
  const counts = summary.counts ?? { passed: 0, failed: 0, skipped: 0 };
  // tap knows of faults that are no checks: a file that died, a plan not kept, no test at all.
  if (status !== 0 && counts.failed === 0) {
    console.log(`FAILED tap ended with status ${status}\n${output.trim().slice(-4000)}`);
    counts.failed = 1;
  }
  if (summary.skipped.length > 0) {
    console.log('\nSkipped:');
    for (const [text, times] of tally(summary.skipped)) console.log(`  ${text}${times > 1 ? ` (${times} times)` : ''}`);
  }
  if (summary.failedFiles.length > 0) {
    console.log('\nFailed:');
    for (const file of summary.failedFiles) console.log(`  ${file}`);
  }
  return { counts, failedFiles: summary.failedFiles };
}

function tally(texts) {
  const counts = new Map();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

async function main() {
  const { values, positionals } = readCommandLine('scripts/test', HELP, {
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false } },
  });
  const begin = performance.now();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const count = (passed) => {
    if (passed) total.passed += 1;
    else total.failed += 1;
  };
  const scripts = path.join(ROOT, 'scripts');
  checkNode();
  const ready = await installPackages();
  if (!ready) {
    count(false);
  } else {
    if (!values.quick) {
      await installSystemPackages();
      count(await step('build', path.join(scripts, 'build'), []));
      if (positionals.length === 0) {
        count(await step('build --runtime node', path.join(scripts, 'build'), ['--runtime', 'node']));
        const { status, output } = await run(path.join(scripts, 'check'), ['--no-rules']);
        console.log(output.trimEnd());
        count(status === 0);
      }
    }
    const files = positionals.length > 0 ? positionals : values.quick ? unitTestFolders() : [];
    const counts = await runTests(files);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  console.log(`\nTime: ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
  return total.failed === 0 && total.passed > 0;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`scripts/test: ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
