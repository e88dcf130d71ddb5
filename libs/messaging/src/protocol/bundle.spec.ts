import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BUNDLE_ENVELOPES_MAX, consignments, readBundle } from './bundle.js';
import type { Envelope } from './envelope.js';

const envelope = (overrides: Partial<Envelope> = {}): Envelope => ({
  messageId: randomUUID(),
  dialogId: randomUUID(),
  sequence: 1,
  grade: 'message',
  type: 'note',
  version: 1,
  fromService: 'source',
  fromBroker: 'source-a',
  toService: 'target',
  toBroker: 'target-a',
  replyTo: 'source-a.answers',
  sentAt: '2026-01-01T00:00:00.000Z',
  body: null,
  ...overrides,
});

describe('bundles', () => {
  it('keep what goes to one queue together and in order, in as few jobs as may be', () => {
    const envelopes = Array.from({ length: BUNDLE_ENVELOPES_MAX + 1 }, () => envelope());
    const postings = envelopes.flatMap((one) => [
      { queue: 'a', envelope: one },
      { queue: 'b', envelope: one },
    ]);
    const sent = consignments(postings);
    expect(sent.map(({ queue }) => queue)).toEqual(['a', 'b']);
    for (const { bundles } of sent) {
      expect(bundles.map((bundle) => bundle.envelopes.length)).toEqual([BUNDLE_ENVELOPES_MAX, 1]);
      expect(bundles.flatMap((bundle) => bundle.envelopes)).toEqual(envelopes);
    }
  });

  it('are read back whole', () => {
    const envelopes = [envelope(), envelope({ grade: 'answer', inReplyTo: randomUUID() })];
    const travelled: unknown = JSON.parse(JSON.stringify({ envelopes }));
    expect(readBundle(travelled)).toEqual({ envelopes, malformed: 0 });
  });

  it.each([
    { messageId: 'not-a-uuid' },
    { messageId: randomUUID().toUpperCase() },
    { dialogId: '' },
    { sequence: 0 },
    { sequence: 1.5 },
    { sequence: 2 ** 31 },
    { version: '1' },
    { grade: 'other' },
    { toBroker: undefined },
    { body: undefined },
  ])('lose what is no envelope (%j) and nothing beside it', (fault) => {
    const good = envelope();
    const bad = { ...envelope(), ...fault };
    expect(readBundle({ envelopes: [bad, good, null, 7] })).toEqual({ envelopes: [good], malformed: 3 });
  });

  it.each([null, undefined, 'text', {}, { envelopes: 'x' }])('count %j as one malformed thing', (data) => {
    expect(readBundle(data)).toEqual({ envelopes: [], malformed: 1 });
  });
});
