import { connect } from 'node:net';
import type { buildConnector } from 'undici';

/** As undici sets it, milliseconds. */
const KEEP_ALIVE_MS = 60_000;
const HTTP_PORT = 80;

/**
 * How undici is to connect, without TLS. Its own limit on connecting is looked at every half second only, so that one of 300 ms lasts up
 * to a second: as long as a whole failover may take.
 */
export function connectWithin(timeoutMs: number): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const socket = connect({
      ...{ host: hostname, port: port === '' ? HTTP_PORT : Number(port) },
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    });
    const giveUp = () => {
      if (socket.connecting) socket.destroy(new Error(`no connection to ${hostname}:${port} within ${timeoutMs} ms`));
    };
    // After a busy moment what has arrived meanwhile comes first.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    const failed = (error: Error) => {
      clearTimeout(timer);
      callback(error, null);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      callback(null, socket);
    });
  };
}
