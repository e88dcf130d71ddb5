import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newTraceparent, TRACE_CONTEXT } from '#tracing';
import type { Handler } from '../src/engine/handlers.js';
import { Network } from './network.js';
import { ANY_BODY, eventually, note, TestBroker } from './test-broker.js';

/** Goal: what is sent on behalf of something belongs to its trace, on the whole way and back. */
describe('trace context', () => {
  let network: Network;
  let source: TestBroker;
  let target: TestBroker;
  /** What ran, and in which trace. */
  let seen: [what: string, traceparent: string | undefined][];

  beforeEach(async () => {
    network = new Network();
    seen = [];
    [source, target] = await Promise.all([TestBroker.create('source'), TestBroker.create('target')]);
  });

  afterEach(() => Promise.all([source.close(), target.close()]));

  const saw = (what: string) => void seen.push([what, TRACE_CONTEXT.current()]);
  const common = { version: 1, schema: ANY_BODY };

  const answers = (service: string, type: string): Handler => ({
    ...common,
    kind: 'answers',
    service,
    type,
    handle: async (all) => all.forEach(({ inReplyTo }) => saw(`answer to ${type} ${inReplyTo}`)),
  });

  it('goes from the sender through a lost copy to the handler, to what that sends, and back with the answers', async () => {
    const traceparent = newTraceparent();
    let lost = 0;
    network.fate = ({ type, grade }) => ({
      copies: type === 'note' && grade === 'message' ? lost++ : 1,
      delayMs: () => 0,
    });
    const handlers: Handler[] = [
      {
        ...common,
        kind: 'messages',
        service: 'target',
        type: 'note',
        async handle(messages, tx) {
          saw('note');
          await there.engine.send(tx, [
            note(source.name, 'back', { type: 'echo', toService: 'source', fromService: 'target' }),
          ]);
          return messages.map(() => null);
        },
      },
      answers('target', 'echo'),
    ];
    const there = await target.replica({ channels: [network.channel()], handlers });
    const here = await source.replica({
      channels: [network.channel()],
      handlers: [
        answers('source', 'note'),
        {
          ...common,
          kind: 'messages',
          service: 'source',
          type: 'echo',
          async handle(messages) {
            saw('echo');
            return messages.map(() => null);
          },
        },
      ],
    });
    await TRACE_CONTEXT.run(traceparent, () => source.send(here, [note(target.name, 'hello')]));
    await eventually(() => seen.length === 4, 20_000);
    expect(seen.map(([, trace]) => trace)).toEqual(Array(4).fill(traceparent));
    expect(network.carried.filter(({ envelope }) => envelope.again !== undefined).length).toBeGreaterThan(0);
    expect(new Set(network.carried.map(({ envelope }) => envelope.traceparent))).toEqual(new Set([traceparent]));
    expect(there.logged.map(({ context }) => context)).toContainEqual(
      expect.objectContaining({ type: 'note', traceId: traceparent.slice(3, 35) }),
    );
  });

  it('is that of each message alone, and of none while several are handled together', async () => {
    const calls: { readonly traces: (string | undefined)[]; readonly current: string | undefined }[] = [];
    const handler: Handler = {
      ...common,
      kind: 'messages',
      service: 'target',
      type: 'note',
      async handle(messages) {
        calls.push({ traces: messages.map(({ traceparent }) => traceparent), current: TRACE_CONTEXT.current() });
        return messages.map(() => null);
      },
    };
    await target.replica({ channels: [network.channel()], handlers: [handler] });
    const here = await source.replica({ channels: [network.channel()] });
    const given = [...Array.from({ length: 9 }, newTraceparent), 'not a trace'];
    network.fate = () => ({ copies: 0, delayMs: () => 0 });
    await source.send(
      here,
      given.map((traceparent) => note(target.name, 'hello', { traceparent })),
    );
    const sent = () => network.carried.filter(({ envelope }) => envelope.grade === 'message').slice(0, given.length);
    await eventually(() => sent().length === given.length);
    await network.deliverTogether(
      sent()[0]?.queue ?? '',
      sent().map(({ envelope }) => envelope),
    );
    expect(new Set(calls.flatMap(({ traces }) => traces))).toEqual(new Set([...given.slice(0, -1), undefined]));
    // The first transactions are begun before the others have arrived; the rest shares one.
    expect(calls.some(({ traces }) => traces.length > 1)).toBe(true);
    for (const { traces, current } of calls) expect(current).toBe(traces.length > 1 ? undefined : traces[0]);
  });

  it('comes along with an express request', async () => {
    const traceparent = newTraceparent();
    const handler: Handler = {
      ...common,
      kind: 'express',
      service: 'target',
      type: 'ask',
      handle: async () => {
        saw('ask');
        return null;
      },
    };
    await target.replica({ channels: [network.channel()], handlers: [handler] });
    const here = await source.replica({ channels: [network.channel()] });
    const address = { fromService: 'source', toService: 'target', toBroker: target.name, type: 'ask', version: 1 };
    const request = { ...address, body: null, attemptTimeoutMs: 2_000, attemptsMax: 3 };
    const outcome = await TRACE_CONTEXT.run(traceparent, () => here.engine.request(request));
    expect(outcome).toMatchObject({ outcome: 'answered' });
    expect(seen).toEqual([['ask', traceparent]]);
  });
});
