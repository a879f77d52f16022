/**
 * Free ports of the loopback interface, for servers that cannot be told to choose one.
 *
 * They lie below those that the system gives to connections (from 32768 on Linux): one of these could be taken by any connection before the
 * server has it, or while it is away, even by a client that tries to reach just this server.
 */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const COUNT = 12_000;
const given = new Set<number>();

/** A port that nobody listens at, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.on('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
