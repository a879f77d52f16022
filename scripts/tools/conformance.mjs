/**
 * The conformance cases of the protocol (test/conformance/cases.ts) as a table: a row for each case, a column for each front, and one line
 * for each front's share of the hostile requests (test/security).
 *
 * Contract: runs the tests themselves and reads their TAP, so the table cannot say anything that they do not. Exit status 0 only if no case
 * fails; a case that a front skips is shown with its reason.
 */
import path from 'node:path';
import { readCommandLine } from './command-line.mjs';
import { ROOT } from './repository.mjs';
import { needPackages, needPrograms } from './set-up.mjs';
import { run } from './step.mjs';

const HELP = `usage: scripts/conformance [--hostile] [--full] [--bin DIR]

Sends the requests of the protocol's test cases to the programs behind each kind of web server, and prints a table of what came back.

  --hostile  also send the hostile requests; prints one line for each front
  --full     send all of them to every front, not only to das2_srv_httpd (minutes)
  --bin DIR  the built programs; default dist/bin (scripts/build)
  --help     this text

Columns: CGI the program with CGI variables, Apache the same behind mod_cgid, httpd das2_srv_httpd, nginx and SCGI the same behind
nginx, which hands requests on by HTTP and by SCGI. Exit status 0 when no case fails.

Example:
  scripts/conformance --hostile
`;

/** Name of a front, its test file, and the subtest that has its cases where the file has several fronts. */
const FRONTS = [
  ['CGI', 'cgi'],
  ['Apache', 'apache'],
  ['httpd', 'httpd'],
  ['nginx', 'nginx', 'by HTTP'],
  ['SCGI', 'nginx', 'by SCGI'],
];
/** Those that get the hostile requests. */
const HOSTILE_FRONTS = FRONTS.slice(0, 3);

/** Runs a test file; resolves to its TAP lines. */
async function tapOf(file, environment) {
  const tap = path.join(ROOT, 'node_modules/tap/dist/esm/run.mjs');
  const lines = [];
  let rest = '';
  const { status, output } = await run(process.execPath, [tap, '--disable-coverage', '--reporter=tap', file], {
    environment,
    seconds: 1800,
    onOutput: (chunk) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    },
  });
  return { status, lines, output };
}

/** The lines of one subtest, moved to the left as if they were those of a file. */
function linesWithin(lines, subtest) {
  const begin = lines.indexOf(`    # Subtest: ${subtest}`);
  if (begin < 0) return [];
  const length = lines.slice(begin).findIndex((line) => /^ {4}(?:not )?ok /.test(line));
  return lines.slice(begin + 1, length < 0 ? lines.length : begin + length).map((line) => line.slice(4));
}

/** Case number -> what became of it: of several requests of a row the worst counts. */
function casesOf(lines) {
  const cases = new Map();
  for (const line of lines) {
    const match = /^ {4}(not )?ok \d+ - (\d+): (.*?)(?: # (?:SKIP (.*)|time=.*))?$/.exec(line);
    if (match === null) continue;
    const [, failed, number, title, skipped] = match;
    const row = cases.get(Number(number)) ?? { title, requests: 0, failed: 0, skipped: undefined };
    row.requests++;
    if (failed !== undefined) row.failed++;
    row.skipped ??= skipped;
    cases.set(Number(number), row);
  }
  return cases;
}

/** Written as in the specification, so that a line shows what is special about its request. */
const USUAL_RANGE = 'start_time=2017-01-01&end_time=2017-01-02';

function cell(row) {
  if (row === undefined) return '-';
  if (row.failed > 0) return 'FAIL';
  return row.skipped === undefined ? 'pass' : 'skip';
}

function printTable(results) {
  const numbers = [...new Set(results.flatMap(({ cases }) => [...cases.keys()]))].sort((a, b) => a - b);
  const notes = [];
  console.log(`${'case'.padEnd(5)}${results.map(({ name }) => name.padEnd(8)).join('')}request (T1: ${USUAL_RANGE})`);
  for (const number of numbers) {
    const rows = results.map(({ cases }) => cases.get(number));
    const { title, requests } = rows.find((row) => row !== undefined);
    const more = requests > 1 ? `  (and ${requests - 1} more)` : '';
    const short = title.replace(USUAL_RANGE, 'T1');
    const shown = short.length > 100 ? `${short.slice(0, 97)}...` : short;
    console.log(`${String(number).padEnd(5)}${rows.map((row) => cell(row).padEnd(8)).join('')}${shown}${more}`);
    for (const [i, row] of rows.entries()) {
      if (row?.skipped !== undefined) notes.push(`${number}, ${results[i].name}: ${row.skipped}`);
    }
  }
  console.log();
  for (const { name, cases } of results) {
    const cells = numbers.map((number) => cell(cases.get(number)));
    const count = (what) => cells.filter((one) => one === what).length;
    const absent = count('-') > 0 ? `, ${count('-')} not run` : '';
    console.log(
      `${name.padEnd(8)}${count('pass')} of ${numbers.length} cases pass, ${count('FAIL')} fail, ${count('skip')} skipped${absent}`,
    );
  }
  for (const note of notes) console.log(`  ${note}`);
}

async function hostile(environment) {
  console.log();
  let good = true;
  for (const [name, file] of HOSTILE_FRONTS) {
    const { status, lines, output } = await tapOf(`test/security/${file}.test.ts`, environment);
    const summary = lines.map((line) => /^\s*# (.*: \d+ requests in .*)$/.exec(line)?.[1]).find(Boolean);
    const reason = lines.map((line) => /# SKIP (.*)/.exec(line)?.[1]).find(Boolean);
    console.log(`hostile requests, ${summary ?? `${name}: ${reason ?? 'no summary'}`}${status === 0 ? '' : '  FAIL'}`);
    if (status !== 0) console.log(output);
    good &&= status === 0;
  }
  return good;
}

const { values } = readCommandLine('scripts/conformance', HELP, {
  options: {
    hostile: { type: 'boolean' },
    full: { type: 'boolean' },
    bin: { type: 'string', default: path.join(ROOT, 'dist/bin') },
  },
});
await needPackages();
needPrograms('scripts/conformance', path.resolve(values.bin));
const environment = {
  ...process.env,
  DAS2SRV_BIN: path.resolve(values.bin),
  ...(values.full ? { DAS2SRV_HOSTILE: 'full' } : {}),
};
const results = [];
const runs = new Map();
for (const [name, file, subtest] of FRONTS) {
  const run = runs.get(file) ?? (await tapOf(`test/conformance/${file}.test.ts`, environment));
  const { status, lines, output } = run;
  const cases = casesOf(subtest === undefined ? lines : linesWithin(lines, subtest));
  results.push({ name, status, cases });
  if (status !== 0 && !runs.has(file)) {
    console.log(`${name}: ${lines.filter((line) => /^\s*not ok/.test(line)).join('\n')}\n${output}`);
  }
  runs.set(file, run);
}
printTable(results);
let good = results.every(({ status }) => status === 0);
if (values.hostile || values.full) good = (await hostile(environment)) && good;
process.exitCode = good ? 0 : 1;
