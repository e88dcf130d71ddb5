import { describe, expect, it } from '@jest/globals';
import { ClusterFeed } from './cluster-feed.js';

const ONE = 'http://bank:8080';
const TWO = 'http://bank:8081';

const eventText = (id: string) =>
  `id: ${id}\nevent: notice\ndata: {"at":"","what":"down","kind":"replica","member":"${id}","seconds":null}\n\n`;

/** Stands for the gateways: each answers with the texts it has, once, and ends. */
function gateways(answers: Readonly<Record<string, readonly string[] | number>>) {
  const asked: { origin: string; lastId: string | undefined }[] = [];
  const send = ((url: string, { headers }: { headers: Record<string, string> }) => {
    const origin = new URL(url).origin;
    asked.push({ origin, lastId: headers['last-event-id'] });
    const answer = answers[origin];
    if (answer === undefined) return Promise.reject(new TypeError('Failed to fetch'));
    if (typeof answer === 'number') return Promise.resolve(new Response('{}', { status: answer }));
    return Promise.resolve(new Response(answer.join('')));
  }) as unknown as typeof fetch;
  return { asked, send };
}

async function follow(answers: Parameters<typeof gateways>[0], until: (seen: string[], asked: number) => boolean) {
  const { asked, send } = gateways(answers);
  const seen: string[] = [];
  const states: string[] = [];
  const feed = new ClusterFeed({
    origins: [ONE, TWO],
    token: 'token',
    fetch: send,
    onEvent: (event) => {
      if (event.kind === 'notice') seen.push(event.data.member);
      if (until(seen, asked.length)) feed.close();
    },
    onState: (state, origin) => states.push(`${state} ${origin}`),
  });
  await feed.run();
  return { asked, seen, states };
}

describe('the feed of the cluster', () => {
  it('goes to the next gateway where its own is dead, and goes on where it broke off', async () => {
    const { asked, seen } = await follow({ [TWO]: [eventText('b-1'), eventText('b-2')] }, (_seen, count) => count >= 4);
    expect(asked.slice(0, 4)).toEqual([
      { origin: ONE, lastId: undefined },
      { origin: TWO, lastId: undefined },
      { origin: ONE, lastId: 'b-2' },
      { origin: TWO, lastId: 'b-2' },
    ]);
    expect(seen.slice(0, 2)).toEqual(['b-1', 'b-2']);
  });

  it('ends where its token is not accepted', async () => {
    const { states } = await follow({ [ONE]: 401 }, () => false);
    expect(states).toEqual([`connecting ${ONE}`, `refused ${ONE}`]);
  });
});
