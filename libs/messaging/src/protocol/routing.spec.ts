import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { route, type Route } from './routing.js';

const routesTo = (...brokers: (string | null)[]): Route[] =>
  brokers.map((broker) => ({ service: 'account', broker, channels: [] }));

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

const chosen = (routes: readonly Route[], key: string) => route(routes, { service: 'account', key });

describe('routing', () => {
  it('goes to the broker that is given, whatever the routes say', () => {
    const destination = { service: 'account', broker: 'account-z', key: 'k' };
    expect(route(routesTo('account-a'), destination)).toEqual({ kind: 'broker', broker: 'account-z' });
  });

  it('leaves the choice to the next hop where a route names no broker', () => {
    expect(chosen(routesTo('account-a', null), 'k')).toEqual({ kind: 'next-hop' });
  });

  it('says so where no route matches', () => {
    expect(route(routesTo('account-a'), { service: 'journal', key: 'k' })).toEqual({ kind: 'unknown-service' });
  });

  it('depends on nothing but the distinct brokers and the key', () => {
    fc.assert(
      fc.property(names, fc.string(), (brokers, key) => {
        const expected = chosen(routesTo(...brokers), key);
        expect(chosen(routesTo(...brokers.toReversed(), ...brokers), key)).toEqual(expected);
      }),
    );
  });

  it('moves a key to a new broker or leaves it where it is', () => {
    fc.assert(
      fc.property(names, fc.string(), (brokers, key) => {
        const before = chosen(routesTo(...brokers), key);
        const after = chosen(routesTo(...brokers, 'a new broker'), key);
        expect([before, { kind: 'broker', broker: 'a new broker' }]).toContainEqual(after);
      }),
    );
  });

  it('spreads keys evenly', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 20_000; index++) {
      const routing = chosen(routesTo('a', 'b', 'c', 'd'), `dialog ${index}`);
      if (routing.kind === 'broker') counts.set(routing.broker, (counts.get(routing.broker) ?? 0) + 1);
    }
    expect(counts.size).toBe(4);
    for (const count of counts.values()) expect(Math.abs(count - 5_000)).toBeLessThan(250);
  });
});
