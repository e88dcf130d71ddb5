import type { Desk } from './console-page.js';
import { feed } from './feed/live.js';
import { TryIt } from './load/try-it.js';
import { Cassettes } from './panels/cassettes.js';
import { Charts } from './panels/charts.js';
import { Messages } from './panels/messages.js';
import { MoneyStrip } from './panels/money-strip.js';
import { Notices } from './panels/notices.js';
import { Queues } from './panels/queues.js';
import { Routes } from './panels/routes.js';
import { Withdrawals } from './panels/withdrawals.js';
import { Scenarios } from './scenarios/scenarios.js';
import { Topology } from './topology/topology.js';
import { consoleWords } from './words/words.js';

/** The whole desk: what runs and what to do to it first, the details below. */
export function Overview({ desk }: { readonly desk: Desk }) {
  const words = consoleWords.value;
  const { state, origin } = feed.value;
  const gateway = origin.replace(/^https?:\/\//, '');
  return (
    <>
      <div class="console__title">
        <h1>{words.title}</h1>
        <p class={`feed feed--${state}`}>{state === 'live' ? words.feed.live(gateway) : words.feed.connecting}</p>
      </div>
      {desk.isDemo && <TryIt desk={desk} />}
      <MoneyStrip />
      <div class="console__stage">
        <Topology desk={desk} />
        <div class="console__aside">
          <Charts />
          <Notices isDemo={desk.isDemo} />
        </div>
      </div>
      {desk.isDemo && <Scenarios desk={desk} />}
      <div class="console__details">
        <Withdrawals operator={desk.operator} />
        <Queues />
        <Messages operator={desk.operator} />
        <Cassettes operator={desk.operator} />
        <Routes operator={desk.operator} />
      </div>
    </>
  );
}
