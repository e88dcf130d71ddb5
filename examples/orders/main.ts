import { openBroker } from './open-broker.js';
import { openServers } from './servers.js';
import { Shop, SHOP_TABLES } from './shop.js';
import { Warehouse, WAREHOUSE_TABLES } from './warehouse.js';

const WAIT_MS_MAX = 20_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Resolves when the order is in one of the states. */
async function untilIs(shop: Shop, orderId: string, ...states: string[]) {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const order = await shop.find(orderId);
    if (order !== undefined && states.includes(order.state)) return order;
    if (Date.now() > deadline) throw new Error(`order ${orderId} is ${order?.state}, not ${states.join(' or ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function buyFurniture(shop: Shop): Promise<void> {
  say(`express      pieces of "lamp" in the warehouse: ${await shop.piecesOf('lamp')}`);
  await shop.place('order-1', 'lamp', 2);
  await shop.place('order-2', 'table', 3);
  for (const orderId of ['order-1', 'order-2']) {
    say(`recoverable  ${orderId}: ${(await untilIs(shop, orderId, 'reserved', 'refused')).state}`);
  }
  say(`express      pieces of "lamp" in the warehouse: ${await shop.piecesOf('lamp')}`);
  await shop.pack('order-1', ['lamp', 'bulb', 'another bulb', 'manual']);
  const { contents } = await untilIs(shop, 'order-1', 'sent');
  say(`dialog       order-1: sent, with ${contents?.join(', ')}`);
}

const servers = await openServers();
try {
  const { channels } = servers;
  const [depot, shop] = await Promise.all([
    openBroker('depot', { databaseUrl: servers.depot, channels }, WAREHOUSE_TABLES, Warehouse),
    openBroker('shop', { databaseUrl: servers.shop, channels }, SHOP_TABLES, Shop),
  ]);
  await buyFurniture(shop.get(Shop)).finally(() => Promise.all([shop.close(), depot.close()]));
} finally {
  await servers.stop();
}
