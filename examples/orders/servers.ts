import { startThrowawayServers } from '../../tools/servers/throwaway-servers.js';

export interface Servers {
  readonly shop: string;
  readonly depot: string;
  readonly channels: string;
  readonly stop: () => Promise<void>;
}

/** Those that the environment names (SHOP_DATABASE_URL, DEPOT_DATABASE_URL, CHANNELS), else ones of our own, which are gone afterwards. */
export async function openServers(): Promise<Servers> {
  const { SHOP_DATABASE_URL: shop, DEPOT_DATABASE_URL: depot, CHANNELS: channels } = process.env;
  if (shop !== undefined && depot !== undefined && channels !== undefined) {
    return { shop, depot, channels, stop: () => Promise.resolve() };
  }
  const servers = await startThrowawayServers('orders-example', ['shop', 'depot']);
  return {
    shop: servers.databaseUrl('shop'),
    depot: servers.databaseUrl('depot'),
    channels: servers.channels,
    stop: () => servers.stop(),
  };
}
