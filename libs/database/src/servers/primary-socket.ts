import { Socket } from 'node:net';
import type { Primary } from './primary.js';

/** For a TCP connection to be made, milliseconds: a host that is gone does not even refuse. */
const CONNECT_MS_MAX = 1_000;

/**
 * A socket for node-postgres (its option `stream`) that connects to the primary, whatever address it is told: it waits until there is
 * one, and breaks as soon as that server is not the primary any more.
 */
export class PrimarySocket extends Socket {
  constructor(private readonly primary: Primary) {
    super();
  }

  override connect(): this {
    this.primary.follow(this, ({ host, port }) => {
      if (this.destroyed) return;
      const late = setTimeout(() => {
        this.destroy(Object.assign(new Error(`${host}:${port} does not answer`), { code: 'ETIMEDOUT' }));
      }, CONNECT_MS_MAX);
      this.once('connect', () => clearTimeout(late)).once('close', () => clearTimeout(late));
      super.connect(port, host);
    });
    return this;
  }
}
