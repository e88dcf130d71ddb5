import { afterEach, expect, it, jest } from '@jest/globals';
import { PostgresDialogEndpoints } from '../src/postgres/dialog-endpoints.js';
import { serviceQueue } from '../src/protocol/queue-names.js';
import { Network } from './network.js';
import { eventually, recording, TestBroker } from './test-broker.js';

jest.setTimeout(60_000);

/** As where another replica has made the end just before, and forgets it before it can be locked. */
class ForgottenOnce extends PostgresDialogEndpoints {
  private inserts = 0;

  override async insert(...args: Parameters<PostgresDialogEndpoints['insert']>): Promise<void> {
    if (this.inserts++ > 0) await super.insert(...args);
  }
}

const brokers: TestBroker[] = [];

async function broker(name: string): Promise<TestBroker> {
  const one = await TestBroker.create(name);
  brokers.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(brokers.splice(0).map((one) => one.close()));
});

/** Goal: nothing waits for a confirmation that could find nothing to confirm or to forget. */
it('a message is not parked without its end of the dialog, also where that is forgotten while it is looked for', async () => {
  const [source, target] = [await broker('source'), await broker('target')];
  const [there, here] = [new Network(), new Network()];
  const routes = [{ service: 'target', broker: null, channels: [] }];
  const { engine } = await source.replica({ channels: [there.channel()], routes });
  await target.replica({ channels: [here.channel()], handlers: [recording()], endpoints: new ForgottenOnce() });
  await source.database.transaction(async (tx) => {
    const id = await engine.dialogs.begin(tx, { fromService: 'source', toService: 'target' });
    await engine.dialogs.send(tx, id, { type: 'note', version: 1, body: { note: 'one' } });
  });
  const sent = () => there.carried.map(({ envelope }) => envelope).filter(({ grade }) => grade === 'message');
  await eventually(() => sent().length > 0);
  await here.deliverTogether(serviceQueue('target'), sent().slice(0, 1));
  expect(await target.count('messaging.parked_message')).toBe(1);
  expect(await target.count('messaging.dialog_endpoint')).toBe(1);
});
