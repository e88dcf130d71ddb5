import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems draw the ports of outgoing connections, so that a port stays ours while its process restarts. */
const PORT_MIN = 15_000;
const PORT_MAX = 31_999;

const ATTEMPTS_MAX = 200;

/** Ports that this process has handed out already; whoever got one may not be listening yet. */
const handedOut = new Set<number>();

/** A loopback port on which nothing listens, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = randomInt(PORT_MIN, PORT_MAX + 1);
    if (handedOut.has(port) || !(await isPortFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`found no free port between ${PORT_MIN} and ${PORT_MAX}`);
}

/** Whether a server could listen on the loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
