import { type ComponentChild, render } from 'preact';
import type { GatewaysBody } from '#contracts';
import { readGateways } from './api/gateway-client.js';
import { applyPreferences } from './preferences.js';
import { Announcer } from './ui/announcer.js';
import './styles/base.css';

/** Draws a page once it knows its gateways; where its own does not even say that, it goes on with that one alone, outside the demo profile. */
export async function startPage(page: (cluster: GatewaysBody) => ComponentChild): Promise<void> {
  applyPreferences();
  const cluster = await readGateways(location.origin).catch((): GatewaysBody => ({
    profile: 'production',
    gateways: [location.origin],
  }));
  const root = document.getElementById('page');
  if (root === null) throw new Error('the page has no #page');
  render(
    <>
      {page(cluster)}
      <Announcer />
    </>,
    root,
  );
}
