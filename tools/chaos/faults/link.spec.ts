import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../eventually.js';
import { Link } from './link.js';

/** Method: a server that echoes, and a client that reaches it through the link. */
describe('a link that can be spoiled', () => {
  let server: Server;
  let link: Link;
  const clients: Socket[] = [];

  beforeEach(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    link = await Link.to(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await link.close();
    server.close();
  });

  function client(): { socket: Socket; heard: () => string } {
    let heard = '';
    const socket = connect(Number(new URL(link.url).port), '127.0.0.1');
    socket.on('error', () => undefined).on('data', (data) => (heard += String(data)));
    clients.push(socket);
    return { socket, heard: () => heard };
  }

  it('passes everything on', async () => {
    const { socket, heard } = client();
    socket.write('hello');
    await eventually('the echo', () => heard() === 'hello');
  });

  it('half-open, keeps connections and says nothing, and says it all when healed', async () => {
    const old = client();
    old.socket.write('a');
    await eventually('the echo', () => old.heard() === 'a');
    link.halfOpen();
    const fresh = client();
    await once(fresh.socket, 'connect');
    old.socket.write('b');
    fresh.socket.write('c');
    await new Promise((resolve) => setImmediate(resolve));
    expect([old.heard(), fresh.heard(), old.socket.destroyed]).toEqual(['a', '', false]);
    link.heal();
    await eventually('both echoes', () => old.heard() === 'ab' && fresh.heard() === 'c');
  });

  it('cut, breaks connections and refuses new ones until healed', async () => {
    const old = client();
    await once(old.socket, 'connect');
    link.cut();
    await once(old.socket, 'close');
    await once(client().socket, 'close');
    link.heal();
    const again = client();
    again.socket.write('d');
    await eventually('the echo', () => again.heard() === 'd');
  });

  it('delays, and keeps the order when the delay ends', async () => {
    const { socket, heard } = client();
    await once(socket, 'connect');
    link.delay(100);
    const startedAt = performance.now();
    socket.write('1');
    // The first byte is on its way, slowly; the next one could overtake it.
    await eventually('it is on its way', () => socket.bytesWritten === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    link.heal();
    socket.write('2');
    await eventually('both', () => heard().length === 2);
    expect(heard()).toBe('12');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
  });
});
