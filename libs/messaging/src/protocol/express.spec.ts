import { describe, expect, it } from '@jest/globals';
import { PendingRequests, readExpressReply } from './express.js';

const LIMITS = { attemptTimeoutMs: 100, attemptsMax: 2 };

describe('pending express requests', () => {
  it('are sent again when an attempt is lost, and given up after the last', () => {
    const pending = new PendingRequests<string>();
    pending.open('id', 'copy', LIMITS, 0);
    expect(pending.expire(99)).toEqual({ again: [], givenUp: [] });
    expect(pending.expire(100).again).toMatchObject([{ copy: 'copy', attempts: 2 }]);
    expect(pending.expire(199)).toEqual({ again: [], givenUp: [] });
    expect(pending.expire(200).givenUp).toMatchObject([{ copy: 'copy', attempts: 2 }]);
    expect(pending.isEmpty).toBe(true);
  });

  it('are answered once; a late or repeated answer finds nothing', () => {
    const pending = new PendingRequests<string>();
    pending.open('id', 'copy', LIMITS, 0);
    expect(pending.close('id')).toMatchObject({ copy: 'copy', attempts: 1 });
    expect(pending.close('id')).toBeUndefined();
    expect(pending.expire(1_000)).toEqual({ again: [], givenUp: [] });
  });
});

describe('the body of an express answer', () => {
  it.each([
    [{ answer: null }, { answer: null }],
    [{ answer: { a: 1 } }, { answer: { a: 1 } }],
    [{ error: 'why' }, { error: 'why' }],
    [null, { error: 'unreadable answer' }],
    ['text', { error: 'unreadable answer' }],
  ])('reads %j', (body, reply) => {
    expect(readExpressReply(body)).toEqual(reply);
  });
});
