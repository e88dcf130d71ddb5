import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { GatewaysBody } from '#contracts';
import { GatewayClient } from '../shared/api/gateway-client.js';
import { PageHeader } from '../shared/ui/page-header.js';
import { DemoCustomers } from './api/bank.js';
import { Operator } from './api/operator.js';
import { ClusterFeed } from './feed/cluster-feed.js';
import { feed, takeEvent } from './feed/live.js';
import { LoadGenerator } from './load/load-generator.js';
import { Overview } from './overview.js';
import { SignIn } from './sign-in.js';
import './console.css';

/** Everything that the panels act through. */
export interface Desk {
  readonly isDemo: boolean;
  readonly operator: Operator;
  readonly customers: DemoCustomers;
  readonly load: LoadGenerator;
}

/** The sign-in, then the cluster for as long as its token is accepted. The token is kept in memory only. */
export function ConsolePage({ profile, gateways }: GatewaysBody) {
  const session = useSignal<{ readonly token: string; readonly desk: Desk } | null>(null);
  const isRefused = useSignal(false);
  const isDemo = profile === 'demo';

  const signIn = (token: string) => {
    const client = new GatewayClient({ origins: gateways });
    const customers = new DemoCustomers(client);
    const crowd = gateways.map((_first, at) => new DemoCustomers(clientFrom(gateways, at)));
    const desk = { isDemo, operator: new Operator(client, token), customers, load: new LoadGenerator(crowd) };
    isRefused.value = false;
    session.value = { token, desk };
  };
  const token = session.value?.token;
  useEffect(() => {
    if (token === undefined) return undefined;
    const listening = new ClusterFeed({
      origins: gateways,
      token,
      onEvent: takeEvent,
      onState: (state, origin) => {
        if (feed.value.state !== state || feed.value.origin !== origin) feed.value = { state, origin };
        isRefused.value = state === 'refused';
        if (state === 'refused') session.value = null;
      },
    });
    void listening.run();
    return () => listening.close();
  }, [token]);

  return (
    <>
      <PageHeader page="console" />
      <main id="content" class="console">
        {session.value === null ? (
          <SignIn isDemo={isDemo} isRefused={isRefused.value} onToken={signIn} />
        ) : (
          <Overview desk={session.value.desk} />
        )}
      </main>
    </>
  );
}

/** Begins with another gateway than the others do. */
const clientFrom = (origins: readonly string[], first: number) =>
  new GatewayClient({ origins: [...origins.slice(first), ...origins.slice(0, first)] });
