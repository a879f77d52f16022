/**
 * Runs one command of a script's row of steps and says how it went in one line. Output of a step that succeeds is not
 * shown; that of a step that fails is shown whole.
 */
import { spawn } from 'node:child_process';
import { ROOT } from './repository.mjs';

/** A clean start for child programs: no settings of the caller's that change what Node, Bun or the server do. */
export function testEnvironment() {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (/^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|BUN_.*|DAS2_SERVER_CONF|GATEWAY_INTERFACE|TAP_.*)$/.test(name)) {
      delete environment[name];
    }
  }
  return environment;
}

/** Runs a program to its end with nothing on standard input; resolves to its exit status (128 for a signal) and output. */
export function run(command, args, { environment = testEnvironment(), seconds = 600, onOutput } = {}) {
  return new Promise((resolve) => {
    // A group of its own, so that everything it has started ends with it.
    const child = spawn(command, args, {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const parts = [];
    const take = (chunk) => {
      if (onOutput === undefined) parts.push(chunk);
      else onOutput(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', (chunk) => parts.push(chunk));
    const endGroup = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It is gone already.
      }
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup('SIGTERM');
      setTimeout(() => endGroup('SIGKILL'), 5000).unref();
    }, seconds * 1000);
    const interrupt = () => {
      endGroup('SIGTERM');
      process.exit(130);
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    const finish = (status, message) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (late) message = `ended after ${seconds} s`;
      resolve({
        status: late ? 124 : status,
        output: Buffer.concat(parts).toString() + (message ? `${message}\n` : ''),
      });
    };
    child.on('error', (error) => finish(127, `${command}: ${error.message}`));
    child.on('close', (status, signal) => finish(status ?? 128, signal ? `ended by ${signal}` : ''));
  });
}

/** Runs one step and reports it; true when it went well. */
export async function step(title, command, args, options = {}) {
  const begin = performance.now();
  const { status, output } = await run(command, args, options);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`);
  if (status !== 0) console.log(indent(output));
  return status === 0;
}

export function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ');
}
