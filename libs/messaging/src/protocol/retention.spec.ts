import { describe, expect, it } from '@jest/globals';
import { readBundle } from './bundle.js';
import {
  forgetAfterMs,
  isStale,
  readKept,
  retentionAnswer,
  retentionQuestion,
  type RetentionPolicy,
} from './retention.js';

const POLICY: RetentionPolicy = { channelLifetimeMs: 600_000, clockSkewMsMax: 60_000 };
const SENT_AT = '2026-01-01T00:00:00.000Z';
const NOW = Date.parse(SENT_AT);
const ID = '018f0000-0000-7000-8000-000000000001';

describe('a copy of a message', () => {
  it('is stale when it was put on a channel longer ago than a channel may hold it', () => {
    expect(isStale({ sentAt: SENT_AT }, NOW + 600_000, POLICY)).toBe(false);
    expect(isStale({ sentAt: SENT_AT }, NOW + 600_001, POLICY)).toBe(true);
  });

  it('is as old as its own attempt, however old the message is', () => {
    const again = { attempt: 9, at: '2026-01-01T01:00:00.000Z' };
    expect(isStale({ sentAt: SENT_AT, again }, NOW + 3_600_000, POLICY)).toBe(false);
  });

  it('is stale where nobody can tell when it was sent', () => {
    expect(isStale({ sentAt: 'yesterday' }, NOW, POLICY)).toBe(true);
  });

  it('is dropped for long enough before its message is forgotten, whatever the clocks differ by', () => {
    const { channelLifetimeMs, clockSkewMsMax } = POLICY;
    for (const skewMs of [-clockSkewMsMax, 0, clockSkewMsMax]) {
      // Sent by the source's clock at the last moment before it said that the message is gone.
      const copy = { sentAt: new Date(NOW + skewMs).toISOString() };
      expect(isStale(copy, NOW + forgetAfterMs(POLICY) + 1, POLICY)).toBe(true);
      expect(forgetAfterMs(POLICY)).toBeGreaterThan(channelLifetimeMs);
    }
  });
});

describe('a question about what is kept, and its answer', () => {
  const question = retentionQuestion({ messageId: ID, fromBroker: 'target', toBroker: 'source', sentAt: SENT_AT });
  const between = { messageId: ID, fromBroker: 'source', toBroker: 'target', sentAt: SENT_AT };

  it('are envelopes that any replica of the other broker reads', () => {
    const answer = retentionAnswer(question.envelope, between, [ID]);
    expect([question.queue, answer.queue]).toEqual(['source.answers', 'target.answers']);
    const envelopes = [question.envelope, answer.envelope];
    expect(readBundle(JSON.parse(JSON.stringify({ envelopes })))).toEqual({ envelopes, malformed: 0 });
    expect(answer.envelope.inReplyTo).toBe(question.envelope.messageId);
  });

  it('tell nothing where the source keeps too much, or the answer is unreadable', () => {
    expect(readKept(retentionAnswer(question.envelope, between, [ID]).envelope.body)).toEqual([ID]);
    expect(readKept(retentionAnswer(question.envelope, between, null).envelope.body)).toBeNull();
    expect(readKept({ kept: ['everything'] })).toBeNull();
    expect(readKept(null)).toBeNull();
  });
});
