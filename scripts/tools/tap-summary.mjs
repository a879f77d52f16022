/**
 * Turns the TAP text of a whole run into something to read: one line for each test file, and for a file with failures each
 * failed check with its diagnosis.
 *
 * Grammar (what `tap --reporter=tap` prints at the top level): lines of a file's own tests are indented by four spaces, and
 * the file ends with `ok N - FILE # time=…` or `not ok …` at the margin. The run ends with `# { total: …, pass: …, … }`,
 * which counts single checks.
 */
export class TapSummary {
  counts = undefined;
  failedFiles = [];
  skipped = [];
  #rest = '';
  #block = [];
  #print;

  /** @param print takes each finished piece of text */
  constructor(print) {
    this.#print = print;
  }

  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  end() {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    // A run that died in the middle of a file: what it said last is all there is to know.
    if (this.#block.length > 0) this.#print(this.#block.slice(-60).join('\n'));
  }

  #line(line) {
    const counts = /^# \{ (.*) \}$/.exec(line);
    if (counts) {
      const of = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(counts[1])?.[1] ?? 0);
      this.counts = { passed: of('pass'), failed: of('fail'), skipped: of('skip') + of('todo') };
      return;
    }
    const skip = /^\s*(?:not )?ok \d+ - (.*?) # SKIP ?(.*)$/i.exec(line);
    if (skip) this.skipped.push(`${skip[1]}${skip[2] ? `: ${skip[2]}` : ''}`);
    const end = /^(not ok|ok) \d+ - (.*?)(?: # time=([\d.]+)ms)?(?: # .*)?(?: \{)?$/.exec(line);
    if (end) {
      this.#file(end[1] === 'ok', end[2], Number(end[3] ?? 0));
    } else if (/^Bail out!/.test(line)) {
      this.#print(line);
    } else if (!/^(TAP version|1\.\.|# Subtest|# time|# No coverage|$)/.test(line)) {
      this.#block.push(line);
    }
  }

  #file(passed, name, milliseconds) {
    if (name === 'timeout!') {
      // tap's own word behind a file that it ended: the file has been reported already.
      this.#block = [];
      return;
    }
    const leaves = this.#block.filter((line) => /^\s+(not )?ok \d+/.test(line)).length;
    this.#print(`${passed ? 'ok    ' : 'FAILED'} ${name} (${leaves} checks, ${(milliseconds / 1000).toFixed(1)} s)`);
    if (!passed) {
      this.failedFiles.push(name);
      this.#print(failures(this.#block));
    }
    this.#block = [];
  }
}

/** The failed checks of one file with their diagnoses (at most 40 of them), innermost only. */
function failures(lines) {
  const found = [];
  for (let index = 0; index < lines.length && found.length < 40; index++) {
    if (!/^\s+not ok \d+/.test(lines[index])) continue;
    const piece = [lines[index]];
    const margin = lines[index].search(/\S/);
    while (index + 1 < lines.length) {
      const next = lines[index + 1];
      if (next.trim() !== '' && next.search(/\S/) <= margin) break;
      piece.push(next);
      index += 1;
    }
    found.push(piece.slice(0, 60).join('\n').trimEnd());
  }
  return found.length > 0 ? found.join('\n') : lines.slice(-60).join('\n');
}
