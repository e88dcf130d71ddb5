import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from '../refusal.js';

/** What the supervisor can be asked to do by other processes of this machine. */
export type ControlRequest =
  | { readonly do: 'kill'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'start'; readonly name: string }
  | { readonly do: 'restart'; readonly name: string | null }
  | { readonly do: 'scale'; readonly what: string; readonly count: number }
  | { readonly do: 'down' };

const BODY_BYTES_MAX = 4 * 1024;

/** Listens on a loopback port of its own; only who can read the cluster's record knows the token. */
export async function serveControl(
  token: string,
  handle: (request: ControlRequest) => Promise<void>,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    answer(request, token, handle).then(
      () => send(response, 200, {}),
      (error: unknown) => send(response, error instanceof Refusal ? 409 : 500, { error: messageOf(error) }),
    );
  });
  // Starting and draining take their time.
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Asks a supervisor; throws `Refusal` with its words where it does not do it. */
export async function askSupervisor(control: { url: string; token: string }, request: ControlRequest): Promise<void> {
  const response = await fetch(control.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.token}` },
    body: JSON.stringify(request),
  });
  const body = (await response.json()) as { error?: string };
  if (!response.ok) throw new Refusal(body.error ?? `the supervisor answers ${response.status}`);
}

async function answer(
  request: IncomingMessage,
  token: string,
  handle: (request: ControlRequest) => Promise<void>,
): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Refusal('the token is wrong');
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > BODY_BYTES_MAX) throw new Refusal('the request is too large');
  }
  await handle(JSON.parse(body) as ControlRequest);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
