/**
 * Machines of a small network on this one: each has its own network, host name, process ids, and an address on a common bridge. They share
 * the file system. Linux with iproute2 and util-linux, as root; `namespacesMissing` tells.
 */
import { spawnSync } from 'node:child_process';

export interface Machine {
  readonly name: string;
  readonly address: string;
  /** The words in front of a command that runs there. */
  readonly prefix: readonly string[];
}

export interface Network {
  /** Has the bridge. */
  readonly hub: Machine;
  readonly machines: readonly Machine[];
  remove(): void;
}

/** Why there can be no such network here; undefined if there can. */
export function namespacesMissing(): string | undefined {
  const name = `das2-${process.pid}-try`;
  try {
    run('ip', 'netns', 'add', name);
    try {
      run(...prefixOf(name, 'try'), 'true');
    } finally {
      run('ip', 'netns', 'delete', name);
    }
    return undefined;
  } catch (error) {
    return `network namespaces cannot be used here: ${(error as Error).message}`;
  }
}

/** Makes a hub and machines with these names. */
export function makeNetwork(names: readonly string[]): Network {
  const made: string[] = [];
  const remove = (): void => {
    for (const name of made) spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  };
  const add = (name: string, number: number): Machine => {
    const space = `das2-${process.pid}-${name}`;
    run('ip', 'netns', 'add', space);
    made.push(space);
    run('ip', '-n', space, 'link', 'set', 'lo', 'up');
    return { name, address: `10.99.0.${number}`, prefix: prefixOf(space, name) };
  };
  try {
    const hub = add('hub', 1);
    const inHub = made[0] as string;
    run('ip', '-n', inHub, 'link', 'add', 'bridge', 'type', 'bridge');
    run('ip', '-n', inHub, 'address', 'add', `${hub.address}/24`, 'dev', 'bridge');
    run('ip', '-n', inHub, 'link', 'set', 'bridge', 'up');
    const machines = names.map((name, i) => {
      const machine = add(name, i + 2);
      const space = made.at(-1) as string;
      // Both ends of the cable are made where they belong, so that names cannot clash with those of other networks.
      run('ip', '-n', space, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', `port${i}`, 'netns', inHub);
      run('ip', '-n', inHub, 'link', 'set', `port${i}`, 'master', 'bridge', 'up');
      run('ip', '-n', space, 'address', 'add', `${machine.address}/24`, 'dev', 'cable');
      run('ip', '-n', space, 'link', 'set', 'cable', 'up');
      return machine;
    });
    return { hub, machines, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function prefixOf(space: string, name: string): string[] {
  const own = ['unshare', '--uts', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  return ['ip', 'netns', 'exec', space, ...own, 'sh', '-c', `hostname ${name} && exec "$@"`, 'sh'];
}

function run(...words: string[]): void {
  const [command = '', ...args] = words;
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr.trim() || `${command} ended with ${status}`);
}
