import { describe, expect, it } from '@jest/globals';
import { Handlers, upcastBody, type Handler } from './handlers.js';

const PASSES = { '~standard': { validate: (value: unknown) => ({ value }) } };

const handlerOf = (version: number, upcasts?: Handler['upcasts']): Handler => ({
  kind: 'messages',
  service: 'warehouse',
  type: 'reserve',
  version,
  schema: PASSES,
  ...(upcasts === undefined ? {} : { upcasts }),
  handle: () => Promise.resolve([]),
});

const add = (key: string) => (body: unknown) => ({ ...(body as object), [key]: true });

describe('handlers of several versions', () => {
  const third = handlerOf(3, { 1: add('second'), 2: add('third') });

  it('are found for all versions that lead up to theirs, and no other', () => {
    const handlers = new Handlers([third]);
    const found = [0, 1, 2, 3, 4].map((version) => handlers.find('messages', 'warehouse', 'reserve', version));
    expect(found).toEqual([undefined, third, third, third, undefined]);
  });

  it('get bodies as of their own version', async () => {
    expect(await upcastBody(third, 1, { first: true })).toEqual({ first: true, second: true, third: true });
    expect(await upcastBody(third, 2, {})).toEqual({ third: true });
    expect(await upcastBody(third, 3, {})).toEqual({});
  });

  it.each([
    ['a version is left out', { 1: add('second') }],
    ['a version is its own', { 3: add('fourth') }],
    ['a version is not positive', { 0: add('first'), 1: add('second'), 2: add('third') }],
  ])('are refused where %s', (_, upcasts) => {
    expect(() => new Handlers([handlerOf(3, upcasts)])).toThrow(/upcasts of reserve/);
  });

  it('are refused where another handler claims one of the versions', () => {
    expect(() => new Handlers([third, handlerOf(2)])).toThrow(/two handlers/);
  });
});
