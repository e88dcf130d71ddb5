import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANY_SERVICE, merged, route, type Route } from './routing.js';

const DIALOGS = 100_000;

/** A hundred thousand dialogs take a second or two, or more on a busy machine. */
const HASHING_MS_MAX = 60_000;

/** The same on every run, so that a bound that holds goes on holding. */
const keys = Array.from({ length: DIALOGS }, (_, index) =>
  createHash('md5')
    .update(String(index))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
);

const to = (broker: string | null, overrides: Partial<Route> = {}): Route => ({
  service: 'target',
  broker,
  channels: [],
  ...overrides,
});

const brokers = (count: number) => Array.from({ length: count }, (_, index) => `broker-${index + 1}`);

function brokerOf(routes: readonly Route[], key: string): string {
  const routing = route(routes, { service: 'target', key });
  if (routing.kind !== 'broker') throw new Error(routing.kind);
  return routing.broker;
}

const choices = new Map<number, readonly string[]>();

/** The broker of each dialog among so many. */
function chosen(count: number): readonly string[] {
  const routes = brokers(count).map((name) => to(name));
  const known = choices.get(count) ?? keys.map((key) => brokerOf(routes, key));
  choices.set(count, known);
  return known;
}

describe('choosing among brokers', () => {
  it.each([2, 3, 5])(
    'gives each of %d its share of 100,000 dialogs within 2 %%',
    (count) => {
      const all = chosen(count);
      for (const broker of brokers(count)) {
        const share = (all.filter((choice) => choice === broker).length * count) / DIALOGS;
        expect(Math.abs(share - 1)).toBeLessThan(0.02);
      }
    },
    HASHING_MS_MAX,
  );

  it.each([2, 3, 5])(
    'moves to a %dth broker its share within 10 %%, and nothing between the others',
    (count) => {
      const before = chosen(count - 1);
      const after = chosen(count);
      const moved = after.filter((broker, index) => broker !== before[index]);
      expect(Math.abs((moved.length * count) / DIALOGS - 1)).toBeLessThan(0.1);
      expect(new Set(moved)).toEqual(new Set([`broker-${count}`]));
    },
    HASHING_MS_MAX,
  );

  it('depends neither on the order of the routes nor on how often one is listed', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, fc.uuid(), fc.infiniteStream(fc.nat()), (some, key, random) => {
        const more = [...some, ...some.filter(() => Number(random.next().value) % 2 === 0)];
        const shuffled = more
          .map((name) => ({ name, at: Number(random.next().value) }))
          .sort((one, other) => one.at - other.at)
          .map(({ name }, index) => to(name, { channels: [`channel-${index}`] }));
        const routes = some.map((name) => to(name));
        expect(brokerOf(shuffled, key)).toBe(brokerOf(routes, key));
      }),
    );
  });
});

describe('matching routes', () => {
  const byHash = (routes: readonly Route[]) => route(routes, { service: 'target', key: 'k' });
  const given = (routes: readonly Route[]) => route(routes, { service: 'target', broker: 'b', key: 'k' });

  it('lets a route without a broker win over hashing', () => {
    const routes = [to('a'), to(null, { channels: ['one'] }), to('b')];
    expect(byHash(routes)).toEqual({ kind: 'next-hop', channels: ['one'] });
  });

  it('uses the default only where a service has no route of its own', () => {
    const fallback = to('z', { service: ANY_SERVICE });
    expect(byHash([fallback])).toEqual({ kind: 'broker', broker: 'z', channels: [] });
    expect(byHash([fallback, to('a')])).toEqual({ kind: 'broker', broker: 'a', channels: [] });
    expect(byHash([to('a', { service: 'other' })])).toEqual({ kind: 'unknown-service' });
  });

  it('takes a given broker as it is, by the channels of service and broker, then service, then default', () => {
    const routes = [
      to(null, { service: ANY_SERVICE, channels: ['default'] }),
      to(null, { channels: ['service'] }),
      to('b', { channels: ['both', 'second'] }),
      to('b', { channels: ['third'] }),
    ];
    const channels = (some: readonly Route[]) => given(some);
    const broker = { kind: 'broker', broker: 'b' };
    expect(channels(routes)).toEqual({ ...broker, channels: ['both', 'second', 'third'] });
    expect(channels(routes.slice(0, 2))).toEqual({ ...broker, channels: ['service'] });
    expect(channels(routes.slice(0, 1))).toEqual({ ...broker, channels: ['default'] });
    expect(channels([])).toEqual({ ...broker, channels: [] });
  });

  it('uses the channels of all routes to the chosen broker, and every channel where one of them names none', () => {
    const two = [to('a', { channels: ['one'] }), to('a', { channels: ['two', 'one'] })];
    expect(byHash(two)).toMatchObject({ channels: ['one', 'two'] });
    expect(byHash([...two, to('a')])).toMatchObject({ channels: [] });
  });
});

describe('routes for the same service and broker', () => {
  it('become one with the channels of all, in their order', () => {
    const routes = [to('a', { channels: ['one'] }), to('b'), to('a', { channels: ['two', 'one'] }), to(null)];
    expect(merged(routes)).toEqual([to('a', { channels: ['one', 'two'] }), to('b'), to(null)]);
  });

  it('lead over every channel where one of them does', () => {
    expect(merged([to('a', { channels: ['one'] }), to('a')])).toEqual([to('a')]);
  });
});
