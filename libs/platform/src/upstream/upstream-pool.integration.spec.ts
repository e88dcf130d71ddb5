import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseEndpoints } from './endpoints.js';
import { eventually, StubReplica } from './testing/stub-replica.js';
import { UpstreamPool, type UpstreamPoolOptions, type UpstreamRequest } from './upstream-pool.js';
import { UpstreamUnavailable } from './upstream-unavailable.js';

/** Goal: a call survives what happens to single replicas. Method: real HTTP servers on loopback that are killed, frozen and drained. */
describe('UpstreamPool', () => {
  let replicas: StubReplica[];
  const pools: UpstreamPool[] = [];

  beforeEach(async () => {
    replicas = await Promise.all(['one', 'two', 'three'].map((name) => StubReplica.start(name)));
  });

  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.kill()));
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  const replica = (index: number): StubReplica => replicas[index] as StubReplica;

  function poolOf(spec: string, options: Partial<UpstreamPoolOptions> = {}): UpstreamPool {
    const pool = new UpstreamPool({ name: 'stub', endpoints: parseEndpoints(spec), ...options });
    pools.push(pool);
    return pool;
  }

  const poolOfAll = (options?: Partial<UpstreamPoolOptions>) =>
    poolOf(replicas.map(({ url }) => url).join('|'), options);

  const get = (changes: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
    method: 'GET',
    path: '/thing',
    timeoutMs: 5_000,
    retry: 'other-replicas',
    ...changes,
  });

  const stateOf = (pool: UpstreamPool, url: string) => pool.members().find((member) => member.url === url)?.state;

  it('hands the request on and the answer back', async () => {
    replica(0).handler = (request, body, response) =>
      replica(0).answer(
        response,
        201,
        JSON.stringify({ url: request.url, body, key: request.headers['x-cluster-key'] }),
      );
    const pool = poolOf(replica(0).url, { clusterKey: 'secret' });
    const answer = await pool.request(get({ method: 'POST', path: '/a?b=c', body: '{"d":1}' }));
    expect(answer).toMatchObject({ status: 201, replica: 'one' });
    expect(JSON.parse(answer.body.toString())).toEqual({ url: '/a?b=c', body: '{"d":1}', key: 'secret' });
  });

  it('takes turns where all are equally busy', async () => {
    const pool = poolOfAll();
    for (let call = 0; call < 9; call++) await pool.request(get());
    expect(replicas.map(({ calls }) => calls)).toEqual([3, 3, 3]);
  });

  it('lets each of a lone caller’s alternating calls meet every replica', async () => {
    const pool = poolOf(`${replica(0).url}|${replica(1).url}`);
    const metByFirst = new Set<string>();
    for (let pair = 0; pair < 40; pair++) {
      metByFirst.add((await pool.request(get())).replica);
      await pool.request(get());
    }
    expect([...metByFirst].sort()).toEqual(['one', 'two']);
  });

  it('gives nothing more to a replica that is slower than the others', async () => {
    const held: (() => void)[] = [];
    replica(0).handler = (_request, _body, response) => held.push(() => replica(0).answer(response, 200, '{}'));
    const pool = poolOfAll();
    const calls = Array.from({ length: 3 }, () => pool.request(get()));
    await eventually(() => held.length === 1);
    for (let call = 0; call < 6; call++) await pool.request(get());
    expect(replica(0).calls).toBe(1);
    for (const release of held) release();
    await Promise.all(calls);
  });

  it('repeats on another replica what a dying one had taken, and ejects that one', async () => {
    replica(0).handler = () => void replica(0).kill();
    const pool = poolOfAll();
    const answers = await Promise.all([pool.request(get()), pool.request(get()), pool.request(get())]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(stateOf(pool, replica(0).url)).toBe('ejected');
    expect(pool.members()[0]?.ejectedUntil).toBeInstanceOf(Date);
  });

  it('tells what every replica says, and of a dead one what it was called', async () => {
    const pool = poolOfAll();
    const look = { method: 'GET', path: '/', timeoutMs: 2_000 } as const;
    const told = async () => (await pool.requestEach(look)).map(({ name, answer }) => `${name} ${answer?.status}`);
    expect(await told()).toEqual(['one 200', 'two 200', 'three 200']);
    await replica(0).kill();
    expect(await told()).toEqual(['one undefined', 'two 200', 'three 200']);
  });

  it('takes a replica back when it is there again', async () => {
    const pool = poolOfAll();
    await replica(0).kill();
    for (let call = 0; call < 3; call++) await pool.request(get());
    expect(stateOf(pool, replica(0).url)).toBe('ejected');
    await replica(0).start();
    await eventually(() => stateOf(pool, replica(0).url) === 'healthy');
    // Two times three calls have a whole round of turns among them.
    for (let call = 0; call < 6; call++) await pool.request(get());
    expect(replica(0).calls).toBeGreaterThan(0);
  });

  it('does not repeat on `never` what may have been received', async () => {
    for (const each of replicas) each.handler = (request) => request.socket.destroy();
    const lost = await poolOfAll()
      .request(get({ method: 'POST', body: '{}', retry: 'never' }))
      .catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(UpstreamUnavailable);
    expect(lost).toMatchObject({ reason: 'lost', maybeReceived: true });
    expect(replicas.reduce((sum, { calls }) => sum + calls, 0)).toBe(1);
  });

  it('goes on at the next replica on `never` where the connection was refused', async () => {
    await Promise.all([replica(0).kill(), replica(1).kill()]);
    const answer = await poolOfAll().request(get({ method: 'POST', body: '{}', retry: 'never' }));
    expect(answer.replica).toBe('three');
  });

  it('leaves a frozen replica after the time of one attempt', async () => {
    replica(0).handler = () => undefined;
    const pool = poolOf(`${replica(0).url}|${replica(1).url}`);
    const answers = await Promise.all([1, 2].map(() => pool.request(get({ attemptTimeoutMs: 200 }))));
    expect(answers.map((answer) => answer.replica)).toEqual(['two', 'two']);
    expect(stateOf(pool, replica(0).url)).toBe('ejected');
  });

  it('keeps the deadline where nobody answers', async () => {
    for (const each of replicas) each.handler = () => undefined;
    const begunAt = performance.now();
    const error = await poolOfAll()
      .request(get({ timeoutMs: 600, attemptTimeoutMs: 250 }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'timed-out', maybeReceived: true });
    expect(performance.now() - begunAt).toBeGreaterThan(550);
    expect(performance.now() - begunAt).toBeLessThan(1_500);
  });

  it('survives that all replicas are away for a moment', async () => {
    await Promise.all(replicas.map((each) => each.kill()));
    const call = poolOfAll().request(get());
    setTimeout(() => void replica(1).start(), 400);
    expect((await call).replica).toBe('two');
  });

  it('fails fast where asked to and every replica refuses', async () => {
    await Promise.all(replicas.map((each) => each.kill()));
    const begunAt = performance.now();
    const error = await poolOfAll()
      .request(get({ failFastMs: 300 }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'unreachable', maybeReceived: false });
    expect(performance.now() - begunAt).toBeGreaterThan(290);
    expect(performance.now() - begunAt).toBeLessThan(1_500);
  });

  it('gives no new calls to a replica that drains', async () => {
    const pool = poolOfAll();
    for (let call = 0; call < 3; call++) await pool.request(get());
    replica(0).ready = false;
    await eventually(() => stateOf(pool, replica(0).url) === 'draining');
    const before = replica(0).calls;
    for (let call = 0; call < 6; call++) await pool.request(get());
    expect(replica(0).calls).toBe(before);
    replica(0).ready = true;
    await eventually(() => stateOf(pool, replica(0).url) === 'healthy');
  });

  it.each([
    ['a closing server', { 'content-type': 'application/json' }],
    ['a mark', { 'content-type': 'application/problem+json', 'x-replica-unable': '1' }],
  ])('goes elsewhere on a 503 that speaks of the replica: %s', async (_how, headers) => {
    replica(0).handler = (_request, _body, response) => replica(0).answer(response, 503, '{}', headers);
    const pool = poolOfAll();
    const answers = await Promise.all([1, 2, 3].map(() => pool.request(get())));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(stateOf(pool, replica(0).url)).toBe('draining');
  });

  it('hands back a 503 that speaks of the request', async () => {
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '1' };
    for (const each of replicas)
      each.handler = (_request, _body, response) => each.answer(response, 503, '{}', headers);
    expect((await poolOfAll().request(get())).status).toBe(503);
    expect(replicas.reduce((sum, { calls }) => sum + calls, 0)).toBe(1);
  });

  it('refuses an answer that is too large instead of collecting it', async () => {
    replica(0).handler = (_request, _body, response) => replica(0).answer(response, 200, 'x'.repeat(100_000));
    const pool = poolOf(replica(0).url, { answerBytesMax: 50_000 });
    await expect(pool.request(get())).rejects.toBeInstanceOf(UpstreamUnavailable);
  });

  it('follows a file of endpoints', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
    try {
      const file = join(folder, 'endpoints.json');
      const write = async (urls: string[]) => {
        await writeFile(`${file}.new`, JSON.stringify({ stub: urls }));
        await rename(`${file}.new`, file);
      };
      await write([replica(0).url]);
      const pool = poolOf(`file://${file}#stub`);
      expect((await pool.request(get())).replica).toBe('one');
      await write([replica(1).url, replica(2).url]);
      await eventually(() => pool.members().length === 2);
      expect((await pool.request(get())).replica).not.toBe('one');
      await writeFile(file, 'half a fi');
      await pool.request(get());
      expect(pool.members()).toHaveLength(2);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('follows what is discovered, and finishes calls of a replica that is gone from the list', async () => {
    let release: () => void = () => undefined;
    replica(0).handler = (_request, _body, response) => (release = () => replica(0).answer(response, 200, '{}'));
    let urls = [replica(0).url];
    const pool = new UpstreamPool({
      name: 'stub',
      endpoints: { spec: 'test', refreshMs: 20, read: () => Promise.resolve(urls) },
    });
    pools.push(pool);
    const slow = pool.request(get());
    await eventually(() => replica(0).calls === 1);
    urls = [replica(1).url];
    await eventually(() => pool.members()[0]?.url === replica(1).url);
    expect((await pool.request(get())).replica).toBe('two');
    release();
    expect((await slow).replica).toBe('one');
  });
});
