/** The figures of scripts/bench as text: one table a part, names to the left, numbers to the right. */

export function printSpectra(rows) {
  console.log('\nSpectra (beside the transforms of the FFT library alone)\n');
  const cells = rows.map(({ name, megabytes, ours, library, ofLibrary, memory }) => [
    name,
    ...[megabytes, ours, library].map((value) => number(value, 0)),
    number(ofLibrary, 2),
    number(memory, 0),
  ]);
  console.log(formatTable(['', 'MB', 'MB/s', 'library MB/s', 'time / library', 'peak MB'], cells));
}

/** Rows of cells as text in columns; the first column to the left, numbers to the right. */
function formatTable(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0])));
  return [line(head), widths.map((width) => '-'.repeat(width)), ...rows.map(line)]
    .map((row) => row.join('  '))
    .join('\n');
}

const number = (value, digits) => (value === undefined ? '' : value.toFixed(digits));

export function printTimes(title, rows) {
  console.log(`\n${title}\n`);
  const cells = rows.map(({ name, median, p10, p90, min, ratio, memory }) => [
    name,
    ...[median, p10, p90, min].map((value) => number(value, 2)),
    number(ratio, 2),
    number(memory, 0),
  ]);
  console.log(formatTable(['', 'median ms', 'p10', 'p90', 'min', '/ empty', 'MB'], cells));
}

export function printStreams(rows) {
  console.log('\nStreams (MB/s of input through a pipe)\n');
  const cells = rows.map((row) => [
    row.name,
    number(row.megabytes, 0),
    number(row.ours, 0),
    number(row.cat, 0),
    number(row.ofCat, 2),
    number(row.das2c, 0),
    number(row.ofDas2c, 1),
    number(row.memory, 0),
  ]);
  console.log(formatTable(['', 'MB', 'MB/s', 'cat|cat', '/ cat', 'das2C', '/ das2C', 'peak MB'], cells));
}
