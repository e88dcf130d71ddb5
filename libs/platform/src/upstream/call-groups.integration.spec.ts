import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { HEADER } from '#contracts';
import { TRACE_CONTEXT, traceIdOf } from '#tracing';
import { Problem } from '../http/problem.js';
import { serveGroups, type CallInGroup } from '../http/serve-groups.js';
import { parseEndpoints } from './endpoints.js';
import { eventually, StubReplica } from './testing/stub-replica.js';
import { UpstreamPool, type UpstreamAnswer, type UpstreamRequest } from './upstream-pool.js';

const GROUP_PATH = '/internal/things';

/** Goal: calls that share a request are answered as if each had its own. Method: real HTTP servers on loopback, which die, fall silent, or know no groups. */
describe('calls in groups', () => {
  const closing: (() => Promise<unknown>)[] = [];
  /** What came to the server in groups, and how many requests that were. */
  let taken: CallInGroup[];
  let requests: number;
  let lines: string[];
  let server: FastifyInstance;
  let serverUrl: string;
  let answer: (call: CallInGroup) => Promise<{ status: number; body: unknown }>;

  beforeEach(async () => {
    taken = [];
    requests = 0;
    lines = [];
    answer = async ({ body }) => ({ status: 201, body: { took: body } });
    server = fastify();
    server.addHook('onRequest', async (_request, reply) => {
      requests += 1;
      reply.header(HEADER.servedBy, 'the-server');
    });
    serveGroups(server, {
      path: GROUP_PATH,
      logger: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
      answer: async (call) => {
        taken.push(call);
        const { status, body } = await answer(call);
        return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      },
    });
    server.post('/v1/things', async (request) => ({ alone: request.body }));
    await server.listen({ port: 0, host: '127.0.0.1' });
    serverUrl = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
    closing.push(() => server.close());
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function poolOf(...urls: string[]): UpstreamPool {
    const endpoints = parseEndpoints(urls.join('|'));
    const pool = new UpstreamPool({ name: 'stub', endpoints, clusterKey: 'secret', answerBytesMax: 200_000 });
    closing.push(() => pool.close());
    return pool;
  }

  async function stub(name: string): Promise<StubReplica> {
    const replica = await StubReplica.start(name);
    closing.push(() => replica.kill());
    return replica;
  }

  const thing = (body: string, changes: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
    method: 'POST',
    path: '/v1/things',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
    timeoutMs: 5_000,
    retry: 'other-replicas',
    groupPath: GROUP_PATH,
    ...changes,
  });

  const bodyOf = ({ body }: UpstreamAnswer) => JSON.parse(body.toString()) as unknown;

  it('share a request where they are made at the same moment, and get their own answers', async () => {
    const pool = poolOf(serverUrl);
    const answers = await Promise.all([1, 2, 3].map((n) => pool.request(thing(`{"n":${n},"text":"é\\n"}`))));
    expect(answers.map(bodyOf)).toEqual([1, 2, 3].map((n) => ({ took: { n, text: 'é\n' } })));
    expect(answers[0]).toMatchObject({
      status: 201,
      replica: 'the-server',
      headers: { 'content-type': 'application/json' },
    });
    expect(requests).toBe(1);
    expect(taken.map(({ path }) => path)).toEqual(Array(3).fill('/v1/things'));
    expect(taken[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(taken[0]?.headers[HEADER.clusterKey]).toBeUndefined();
  });

  it('go as they are where they are alone', async () => {
    expect(bodyOf(await poolOf(serverUrl).request(thing('{"n":1}')))).toEqual({ alone: { n: 1 } });
    expect(taken).toEqual([]);
  });

  it('are not held up by one that takes long, nor harmed by one that fails or is no JSON', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    answer = async ({ body }) => {
      const { n } = body as { n: number };
      if (n === 1) await held;
      if (n === 2) throw new Problem('conflict', 'not this one');
      return { status: 201, body: { n } };
    };
    const pool = poolOf(serverUrl);
    const slow = pool.request(thing('{"n":1}'));
    const others = await Promise.all(
      ['{"n":2}', '{"n":', '{"__proto__":{}}', '{"n":3}'].map((body) => pool.request(thing(body))),
    );
    expect(others.map(({ status }) => status)).toEqual([409, 400, 400, 201]);
    expect(others[0]?.headers['content-type']).toBe('application/problem+json');
    release();
    expect(bodyOf(await slow)).toEqual({ n: 1 });
  });

  it('belong to the traces that they came with', async () => {
    const traces = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${'a'.repeat(16)}-01`);
    answer = async () => ({ status: 200, body: traceIdOf(TRACE_CONTEXT.current() ?? '') });
    const pool = poolOf(serverUrl);
    const answers = await Promise.all(traces.map((trace) => TRACE_CONTEXT.run(trace, () => pool.request(thing('{}')))));
    expect(answers.map(bodyOf)).toEqual(['1'.repeat(32), '2'.repeat(32)]);
  });

  it('go by themselves to a replica that takes no groups', async () => {
    const old = await stub('old');
    old.handler = (request, body, response) =>
      request.url === GROUP_PATH ? old.answer(response, 404, '{}') : old.answer(response, 200, body);
    const pool = poolOf(old.url);
    const answers = await Promise.all(['{"n":1}', '{"n":2}'].map((body) => pool.request(thing(body))));
    expect(answers.map(bodyOf)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('keep what was answered before the replica died, and go on at another one with the rest', async () => {
    const dying = await stub('dying');
    dying.handler = (_request, _body, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson', [HEADER.servedBy]: 'dying' });
      response.write(`${JSON.stringify([1, 200, {}, '{"from":"dying"}'])}\n[0,2`, () => void dying.kill());
    };
    const pool = poolOf(dying.url, serverUrl);
    // Both are asked in turn: some group meets the one that dies.
    const met = async () => {
      const answers = await Promise.all([1, 2, 3, 4].map((n) => pool.request(thing(`{"n":${n}}`))));
      return answers.map(({ replica, status }) => `${replica} ${status}`).sort();
    };
    const answers = await met();
    expect(answers.filter((text) => text === 'dying 200')).toHaveLength(1);
    expect(answers.filter((text) => text.startsWith('the-server 20'))).toHaveLength(3);
  });

  it('give up each by itself, and leave a replica that says nothing', async () => {
    const silent = await stub('silent');
    let broken = 0;
    silent.handler = (request) => void request.socket.once('close', () => (broken += 1));
    const pool = poolOf(silent.url);
    const asked = [300, 600].map((timeoutMs) =>
      pool.request(thing('{}', { timeoutMs, attemptTimeoutMs: timeoutMs, retry: 'never' })),
    );
    const first = await Promise.race(asked.map((call, index) => call.catch(() => index)));
    expect(first).toBe(0);
    await expect(asked[1]).rejects.toMatchObject({ reason: 'timed-out', maybeReceived: true });
    await eventually(() => broken === 1);
  });

  it('are refused an answer that is too large, each by itself', async () => {
    answer = async ({ body }) => ({ status: 200, body: 'x'.repeat((body as { size: number }).size) });
    const pool = poolOf(serverUrl);
    const ask = (size: number) => pool.request(thing(JSON.stringify({ size }), { retry: 'never' }));
    const answers = await Promise.allSettled([300_000, 10].map(ask));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(answers[0]).toMatchObject({ reason: { maybeReceived: true } });
  });

  it('do not collect what never ends', async () => {
    const endless = await stub('endless');
    let broken = false;
    endless.handler = (request, _body, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson', [HEADER.servedBy]: 'endless' });
      const more = () => response.write('x'.repeat(200_000));
      response.on('drain', more);
      request.socket.once('close', () => (broken = true));
      more();
    };
    const pool = poolOf(endless.url);
    const asked = ['{}', '{}'].map((body) => pool.request(thing(body, { retry: 'never' })));
    for (const call of asked) await expect(call).rejects.toMatchObject({ reason: 'lost' });
    await eventually(() => broken);
  });

  it('have a line each in the log of calls', async () => {
    const pool = poolOf(serverUrl);
    const headers = (id: string) => ({ 'content-type': 'application/json', [HEADER.requestId]: id });
    await Promise.all(['a', 'b'].map((id) => pool.request(thing('{}', { headers: headers(id) }))));
    await eventually(() => lines.length === 2);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      ['a', 'b'].map((requestId) => expect.objectContaining({ requestId, status: 201, route: GROUP_PATH })),
    );
  });

  it('that are large together form several groups', async () => {
    const pool = poolOf(serverUrl);
    requests = 0;
    const text = JSON.stringify({ text: 'x'.repeat(100_000) });
    const answers = await Promise.all(Array.from({ length: 6 }, () => pool.request(thing(text))));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    expect(requests).toBe(3);
  });

  it('are refused as a whole where they are no group', async () => {
    const refused = await server.inject({ method: 'POST', url: GROUP_PATH, payload: [['v1', {}, '']] });
    expect(refused.statusCode).toBeGreaterThanOrEqual(400);
    const empty = await server.inject({ method: 'POST', url: GROUP_PATH, payload: [] });
    expect([empty.statusCode, empty.body]).toEqual([200, '']);
  });
});
