import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { buildConnector } from 'undici';
import { connectWithin } from './connect-within.js';

const LISTENS = `
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 });
  server.on('listening', () => console.log(server.address().port));`;

/** Goal: who does not answer is left at once. Method: a frozen process whose full backlog makes its system drop what else comes. */
describe('connecting', () => {
  const children: ChildProcess[] = [];
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function listener(): Promise<{ child: ChildProcess; port: string }> {
    const child = spawn(process.execPath, ['-e', LISTENS], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, port: said.toString().trim() };
  }

  function connected(port: string, timeoutMs: number): Promise<Socket> {
    const to: buildConnector.Options = { protocol: 'http:', hostname: '127.0.0.1', port };
    return new Promise((resolve, reject) => {
      connectWithin(timeoutMs)(to, (error, socket) => {
        if (socket === null) return reject(error);
        sockets.push(socket);
        resolve(socket);
      });
    });
  }

  it('gives the connection', async () => {
    const { port } = await listener();
    expect((await connected(port, 60_000)).writable).toBe(true);
  });

  it('says who refuses', async () => {
    const { child, port } = await listener();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(connected(port, 60_000)).rejects.toThrow('ECONNREFUSED');
  });

  it('gives up where nobody answers', async () => {
    const { child, port } = await listener();
    child.kill('SIGSTOP');
    for (let waiting = 0; waiting < 8; waiting++) sockets.push(connect(Number(port), '127.0.0.1'));
    await expect(connected(port, 200)).rejects.toThrow(`no connection to 127.0.0.1:${port} within 200 ms`);
  });
});
