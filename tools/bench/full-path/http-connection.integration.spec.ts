import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpConnection } from './http-connection.js';

describe('the load’s HTTP connection', () => {
  let server: Server | undefined;
  let connection: HttpConnection | undefined;
  let connections = 0;

  const connect = async (answer: RequestListener): Promise<HttpConnection> => {
    connections = 0;
    server = createServer(answer).on('connection', () => connections++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    connection = new HttpConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return connection;
  };

  afterEach(async () => {
    connection?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
    server = undefined;
  });

  it('sends what it is given and takes answers that come in pieces, on one connection', async () => {
    const client = await connect((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const text = `${request.method} ${request.url} ${String(request.headers['x-key'])} ${body} ü`;
        response.writeHead(201, { 'content-length': Buffer.byteLength(text) });
        response.write(text.slice(0, 5));
        setImmediate(() => response.end(text.slice(5)));
      });
    });
    expect(await client.post('/one', 'x-key: a\r\n', '{"ö":1}')).toEqual({
      status: 201,
      body: 'POST /one a {"ö":1} ü',
    });
    expect(await client.post('/two', 'x-key: b\r\n', '')).toEqual({ status: 201, body: 'POST /two b  ü' });
    expect(connections).toBe(1);
  });

  it('rejects where the gateway hangs up, and opens another connection for the next request', async () => {
    const client = await connect((request, response) => {
      if (request.url === '/dies') return void request.socket.destroy();
      response.writeHead(200, { 'content-length': 2 }).end('ok');
    });
    await expect(client.post('/dies', '', '')).rejects.toThrow();
    expect(await client.post('/lives', '', '')).toEqual({ status: 200, body: 'ok' });
    expect(connections).toBe(2);
  });

  it('rejects an answer that does not say its length', async () => {
    const client = await connect((_request, response) => {
      response.write('some');
      response.end('thing');
    });
    await expect(client.post('/', '', '')).rejects.toThrow('cannot be read');
  });
});
