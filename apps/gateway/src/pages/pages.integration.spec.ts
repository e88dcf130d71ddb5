import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { gatewaysSchema } from '#contracts';
import { readGatewayConfig } from '../config.js';
import { createGateway } from '../gateway.js';

const OTHER = 'https://other.example';

/** Goal: what a browser gets of a gateway and may do with it. Method: a whole gateway over sockets, with pages of a few bytes. */
describe('pages', () => {
  const pages = mkdtempSync(join(tmpdir(), 'cashpoint-pages-'));
  let app: NestFastifyApplication;
  let address: string;

  beforeAll(async () => {
    for (const page of ['atm', 'console']) {
      mkdirSync(join(pages, page));
      writeFileSync(join(pages, page, 'index.html'), `<title>${page}</title>`);
    }
    mkdirSync(join(pages, 'assets'));
    writeFileSync(join(pages, 'assets', 'atm-1a2b.js'), 'plain');
    writeFileSync(join(pages, 'assets', 'atm-1a2b.js.gz'), gzipSync('packed'));
    const config = readGatewayConfig({
      CASHPOINT_PROFILE: 'demo',
      REPLICA_NAME: 'gateway-1',
      ATM_TERMINAL_ENDPOINTS: 'http://127.0.0.1:9',
      ACCOUNT_ENDPOINTS: 'account-a=http://127.0.0.1:9',
      PUBLIC_GATEWAYS: `http://localhost:8081|${OTHER}`,
      PAGES: pages,
    });
    app = await createGateway(config, pino({ level: 'silent' }));
    await app.listen(0, '127.0.0.1');
    address = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    rmSync(pages, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${address}${path}`, { method, headers, redirect: 'manual' });

  it.each(['atm', 'console'])('serves /%s to everybody, with nothing in it allowed but the gateways', async (page) => {
    const answer = await get(`/${page}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(`<title>${page}</title>`);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' http://127.0.0.1:8081 ${OTHER};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const etag = answer.headers.get('etag') ?? '';
    // As a browser asks; without it fetch says no-cache.
    const again = await get(`/${page}`, { 'if-none-match': etag, 'cache-control': 'max-age=0' });
    expect(again.status).toBe(304);
  });

  it('leads from / to the ATM, and to nothing outside the pages', async () => {
    const answer = await get('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/atm']);
    expect((await get('/atm/index.html')).status).toBe(404);
    expect((await get('/assets/../atm/index.html')).status).toBe(404);
    expect((await get('/assets/%2e%2e/atm/index.html')).status).not.toBe(200);
    expect((await get('/assets/no-such.js')).status).toBe(404);
  });

  it('serves what a page is made of for good, packed where the browser takes it', async () => {
    const answer = await get('/assets/atm-1a2b.js', { 'accept-encoding': 'gzip' });
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-type')).toContain('javascript');
    expect(await answer.text()).toBe('packed');
    expect(await (await get('/assets/atm-1a2b.js', { 'accept-encoding': 'identity' })).text()).toBe('plain');
  });

  it('names all gateways, the answering one first, without a key', async () => {
    const answer = await get('/v1/gateways');
    expect(gatewaysSchema.parse(await answer.json())).toEqual({
      profile: 'demo',
      gateways: [address, 'http://127.0.0.1:8081', OTHER],
    });
  });

  it('lets the pages of the other gateways call, and no other page', async () => {
    const ask = (origin: string) =>
      get(
        '/v1/sessions',
        { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-terminal-key' },
        'OPTIONS',
      );
    const friend = await ask(OTHER);
    expect(friend.status).toBe(204);
    expect(friend.headers.get('access-control-allow-origin')).toBe(OTHER);
    expect(friend.headers.get('access-control-allow-headers')).toContain('x-terminal-key');
    for (const stranger of ['https://evil.example', 'null', `${OTHER}.evil.example`]) {
      expect((await ask(stranger)).headers.get('access-control-allow-origin')).toBeNull();
    }
    const refusal = await get('/v1/operator/cluster', { origin: OTHER });
    expect(refusal.status).toBe(401);
    expect(refusal.headers.get('access-control-allow-origin')).toBe(OTHER);
    expect(refusal.headers.get('access-control-expose-headers')).toContain('x-served-by');
    expect((await get('/health/live', { origin: OTHER })).headers.get('access-control-allow-origin')).toBeNull();
  });
});
