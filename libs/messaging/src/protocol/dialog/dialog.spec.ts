import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Arrival,
  DIALOG_END,
  DIALOG_PROTOCOL,
  type Endpoint,
  headerOf,
  readEndAnswer,
  stateOf,
  type Verdict,
} from './index.js';

const { acknowledged, answerToEnd, begun, endAnswered, isForgotten, receive, send } = DIALOG_PROTOCOL;

const DIALOG = '018f0000-0000-7000-8000-000000000001';

const initiator = (toBroker: string | null) =>
  begun({ dialogId: DIALOG, service: 'source', farService: 'target', toBroker });

/** From the initiator at broker `a`. */
const arrival = (sequence: number, overrides: Partial<Arrival> = {}): Arrival => ({
  dialogId: DIALOG,
  side: 'initiator',
  fromService: 'source',
  fromBroker: 'a',
  toService: 'target',
  sequence,
  locked: true,
  type: 'note',
  ...overrides,
});

const fromTarget = (sequence: number, overrides: Partial<Arrival> = {}) =>
  arrival(sequence, { side: 'target', fromService: 'target', fromBroker: 'b', toService: 'source', ...overrides });

/** The endpoint after the arrivals, and what was decided. */
function after(endpoint: Endpoint | null, ...arrivals: Arrival[]): { endpoint: Endpoint; verdicts: Verdict['kind'][] } {
  let current = endpoint;
  const verdicts = arrivals.map((one) => {
    const received = receive(current, one);
    current = received.endpoint;
    return received.verdict.kind;
  });
  if (current === null) throw new Error('no endpoint');
  return { endpoint: current, verdicts };
}

function sent(endpoint: Endpoint, type = 'note'): Endpoint {
  const sending = send(endpoint, type);
  if (sending.outcome !== 'sent') throw new Error('not sent');
  return sending.endpoint;
}

describe('receiving in sequence', () => {
  it('applies the next, keeps later ones, answers earlier ones from the store', () => {
    const { verdicts, endpoint } = after(null, arrival(1), arrival(3), arrival(2), arrival(1), arrival(3));
    expect(verdicts).toEqual(['apply', 'park', 'apply', 'repeat', 'apply']);
    expect(endpoint.nextReceiveSequence).toBe(4);
  });

  it('applies each once and in order, whatever order and repeats the channels make', () => {
    const deliveries = fc
      .integer({ min: 1, max: 12 })
      .chain((count) =>
        fc.tuple(fc.constant(count), fc.array(fc.integer({ min: 1, max: count }), { minLength: 1, maxLength: 60 })),
      );
    fc.assert(
      fc.property(deliveries, ([count, arriving]) => {
        let endpoint: Endpoint | null = null;
        const parked = new Set<number>();
        const applied: number[] = [];
        const deliver = (sequence: number): void => {
          const received = receive(endpoint, arrival(sequence));
          endpoint = received.endpoint;
          if (received.verdict.kind === 'park') parked.add(sequence);
          if (received.verdict.kind !== 'apply') return;
          applied.push(sequence);
          if (parked.delete(sequence + 1)) deliver(sequence + 1);
        };
        for (const sequence of arriving) deliver(sequence);
        const complete = Array.from({ length: count }, (_, index) => index + 1);
        expect(applied).toEqual(complete.slice(0, applied.length));
        for (const sequence of complete) deliver(sequence);
        expect(applied).toEqual(complete);
      }),
    );
  });

  it('takes nothing from another broker, nor a reply on a dialog that was not begun here', () => {
    expect(receive(after(null, arrival(1)).endpoint, arrival(2, { fromBroker: 'c' })).verdict).toEqual({
      kind: 'drop',
      reason: 'other-broker',
    });
    expect(receive(initiator(null), fromTarget(1)).verdict).toEqual({ kind: 'drop', reason: 'other-broker' });
    expect(receive(null, fromTarget(1)).verdict).toEqual({ kind: 'drop', reason: 'unknown-dialog' });
  });
});

describe('the handshake', () => {
  it('lets a target do nothing before the initiator has confirmed it', () => {
    const open = { locked: false };
    const { endpoint, verdicts } = after(null, arrival(1, open), arrival(2, open));
    expect(verdicts).toEqual(['park', 'park']);
    expect(send(endpoint, 'note')).toEqual({ outcome: 'not-open' });
    const confirmed = after(endpoint, arrival(2), arrival(1, open));
    expect(confirmed.verdicts).toEqual(['park', 'apply']);
    expect(stateOf(confirmed.endpoint)).toBe('open');
  });

  it('locks the dialog to the first broker that acknowledges and refuses all others', () => {
    const first = acknowledged(initiator(null), 'b');
    if (first.kind !== 'lock') throw new Error(first.kind);
    expect(headerOf(initiator(null)).locked).toBe(false);
    expect(headerOf(first.endpoint).locked).toBe(true);
    expect(acknowledged(first.endpoint, 'b').kind).toBe('known');
    expect(acknowledged(first.endpoint, 'c').kind).toBe('refuse');
    expect(acknowledged(initiator('b'), 'c').kind).toBe('refuse');
    expect(acknowledged(null, 'b').kind).toBe('refuse');
  });

  it('makes a refused target forget the dialog, but never one that was confirmed', () => {
    expect(isForgotten(after(null, arrival(1, { locked: false })).endpoint, 'a')).toBe(true);
    expect(isForgotten(after(null, arrival(1, { locked: false })).endpoint, 'c')).toBe(false);
    expect(isForgotten(after(null, arrival(1)).endpoint, 'a')).toBe(false);
    expect(isForgotten(initiator(null), 'a')).toBe(false);
    expect(isForgotten(null, 'a')).toBe(false);
  });
});

describe('the end', () => {
  it('is the last that is sent, and comes after all else', () => {
    const ended = sent(sent(initiator('b')), DIALOG_END);
    expect(stateOf(ended)).toBe('ending');
    expect(send(ended, 'note')).toEqual({ outcome: 'not-open' });
    const { endpoint, verdicts } = after(null, arrival(2, { type: DIALOG_END }), arrival(1));
    expect([verdicts, stateOf(endpoint)]).toEqual([['park', 'apply'], 'open']);
    const over = after(endpoint, arrival(2, { type: DIALOG_END }), arrival(3)).endpoint;
    expect(stateOf(over)).toBe('ended');
    expect(receive(over, arrival(3)).verdict).toEqual({ kind: 'drop', reason: 'after-end' });
  });

  it('waits at the end that ended for what the other had sent before it knew', () => {
    const ending = sent(initiator('b'), DIALOG_END);
    const target = sent(sent(after(null, arrival(1)).endpoint));
    const told = endAnswered(ending, answerToEnd(target));
    expect(stateOf(told)).toBe('ending');
    const { endpoint, verdicts } = after(told, fromTarget(2), fromTarget(1), fromTarget(2));
    expect([verdicts, stateOf(endpoint)]).toEqual([['park', 'apply', 'apply'], 'ended']);
    const earlier = after(ending, fromTarget(1), fromTarget(2)).endpoint;
    expect(stateOf(earlier)).toBe('ending');
    expect(stateOf(endAnswered(earlier, answerToEnd(target)))).toBe('ended');
  });

  it('is over at both ends when both have ended at the same time', () => {
    const ending = sent(initiator('b'), DIALOG_END);
    const target = sent(after(null, arrival(1)).endpoint, DIALOG_END);
    expect(stateOf(after(ending, fromTarget(1, { type: DIALOG_END })).endpoint)).toBe('ended');
    const both = after(target, arrival(2, { type: DIALOG_END })).endpoint;
    expect(stateOf(both)).toBe('ended');
    expect(endAnswered(both, { sent: 7 })).toEqual(both);
  });

  it('reads an answer that is none as "nothing was sent"', () => {
    expect([null, 'x', { sent: -1 }, { sent: 3 }].map((body) => readEndAnswer(body).sent)).toEqual([0, 0, 0, 3]);
  });
});
