import type { Route } from '#messaging';
import type { Demo } from './demo.js';
import type { DemoBank } from './stage/demo-bank.js';
import { DemoBroker, type DemoBrokerOptions } from './stage/demo-broker.js';
import { type Heard, heardBy, ListeningService, prepareToListen } from './stage/listening-service.js';
import { switchOffHandshake } from './stage/switch-off-handshake.js';
import { eventually } from '../eventually.js';
import type { Story } from './story.js';

const DIALOGS = 60;
const WORDS = ['one', 'two', 'three'];

export const ROUTING: Demo = {
  name: 'routing',
  title: 'Routing · Two targets for one service, and the trap of multiple target endpoints',
  plot:
    'Broker instance database-a talks to the service target-service, which database-b and database-c both have. Routes decide which of them gets a ' +
    'dialog. Then the routes change between the first message and its acknowledgement, so that both get the same first message.',
  moral:
    'A dialog has one target: by its hash as long as the routes stay, by the first acknowledgement when they do not, and nothing is done ' +
    'for a dialog before its initiator has confirmed the target.',
  cluster: { gateways: 1, terminals: 1, accounts: 1 },
  async tell(story, bank) {
    await withNetwork(bank, 'hashed', {}, async (network) => {
      const before = await balance(story, network);
      await double(story, network, before);
    });
    story.chapter('The routes change under the first message; targets act on it at once (handshake switched off)');
    await withNetwork(bank, 'trap', { sabotage: switchOffHandshake }, (network) => changeRoutes(story, network, false));
    story.chapter('The same, with the three-way handshake');
    await withNetwork(bank, 'handshake', {}, (network) => changeRoutes(story, network, true));
  },
};

interface Network {
  readonly initiator: DemoBroker;
  readonly b: DemoBroker;
  readonly c: DemoBroker;
  readonly nameOf: (letter: 'b' | 'c') => string;
  /** Lets go of what database-b has to say to the first message; until then it is on its way. */
  readonly letSpeak: () => void;
}

/** Three broker instances with a database each; `act` gives them names of their own, since all acts share the channels. */
async function withNetwork(
  bank: DemoBank,
  act: string,
  weakness: Pick<DemoBrokerOptions, 'sabotage'>,
  tell: (network: Network) => Promise<void>,
): Promise<void> {
  const channels = await bank.channels();
  const open = async (letter: string, more: Partial<DemoBrokerOptions>) =>
    DemoBroker.open({
      broker: `${act}-${letter}`,
      channels,
      databaseUrl: await bank.ownDatabase(`${act}_${letter}`),
      ...more,
    });
  let letSpeak = (): void => undefined;
  const mayAnswer = act === 'hashed' ? Promise.resolve() : new Promise<void>((resolve) => (letSpeak = resolve));
  const slow = (point: string) => (point === 'inbox.after-commit' ? mayAnswer : undefined);
  const [b, c, initiator] = await Promise.all([
    open('b', { endpoint: ListeningService, reach: slow, ...weakness }),
    open('c', { endpoint: ListeningService, ...weakness }),
    open('a', {}),
  ]);
  try {
    for (const target of [b, c]) await prepareToListen(target.database);
    await tell({ initiator, b, c, nameOf: (letter) => `${act}-${letter}`, letSpeak: () => letSpeak() });
  } finally {
    letSpeak();
    await Promise.all([initiator.close(), b.close(), c.close()]);
  }
}

const routesTo = (...brokers: string[]): Route[] =>
  brokers.map((broker) => ({ service: 'target-service', broker, channels: [] }));

/** Begins a dialog for the conversation group and says the words, in one transaction. */
function converse({ initiator }: Network, conversationGroup: string, words: readonly string[]): Promise<string> {
  return initiator.database.transaction(async (tx) => {
    const fromService = 'initiator-service';
    const dialogId = await initiator.dialogs.begin(tx, { fromService, toService: 'target-service', conversationGroup });
    await initiator.dialogs.send(tx, dialogId, words.map(asMessage));
    return dialogId;
  });
}

const asMessage = (word: string) => ({ type: 'word', version: 1, body: { word } });

/** One dialog for each of the same groups; answers which target each of them was heard at. */
async function converseWithAll(story: Story, network: Network): Promise<('b' | 'c' | 'both' | 'wrong')[]> {
  const groups = Array.from({ length: DIALOGS }, (_, index) => `customer-${index + 1}`);
  const dialogIds = await Promise.all(groups.map((group) => converse(network, group, WORDS)));
  await eventually(
    'every message is answered',
    async () => (await network.initiator.messaging.stored()).unanswered === 0,
  );
  const [atB, atC] = [await heardBy(network.b.database), await heardBy(network.c.database)];
  const found = dialogIds.map((dialogId) => whereHeard(wordsOf(atB, dialogId), wordsOf(atC, dialogId)));
  const share = found.filter((where) => where === 'b').length;
  story.note(`${share} of the ${DIALOGS} dialogs are with database-b, ${DIALOGS - share} with database-c`);
  return found;
}

const wordsOf = (heard: readonly Heard[], dialogId: string) =>
  heard
    .filter((one) => one.dialogId === dialogId)
    .map(({ word }) => word)
    .join(' ');

function whereHeard(atB: string, atC: string): 'b' | 'c' | 'both' | 'wrong' {
  if (atB !== '' && atC !== '') return 'both';
  if (atB + atC !== WORDS.join(' ')) return 'wrong';
  return atB === '' ? 'c' : 'b';
}

type Where = Awaited<ReturnType<typeof converseWithAll>>;

async function balance(story: Story, network: Network): Promise<Where> {
  story.chapter(`A route to database-b, a route to database-c: ${DIALOGS} dialogs of three messages begin`);
  await network.initiator.routes.put(routesTo(network.nameOf('b'), network.nameOf('c')));
  const found = await converseWithAll(story, network);
  const share = found.filter((where) => where === 'b').length;
  story.expectThat(
    'dialogs with database-b',
    'about half',
    String(share),
    share > DIALOGS / 4 && share < (DIALOGS * 3) / 4,
  );
  story.expect('dialogs heard by both', '0', String(found.filter((where) => where === 'both').length));
  story.expect('dialogs not heard whole and in order', '0', String(found.filter((where) => where === 'wrong').length));
  return found;
}

async function double(story: Story, network: Network, before: Where): Promise<void> {
  story.chapter('The route to database-b is listed twice; a new dialog for each of the same conversation groups');
  const b = network.nameOf('b');
  await network.initiator.routes.put(routesTo(b, b, network.nameOf('c')));
  const found = await converseWithAll(story, network);
  const moved = found.filter((where, index) => where !== before[index]).length;
  story.expect('groups that reach another target', '0', String(moved));
}

async function changeRoutes(story: Story, network: Network, handshake: boolean): Promise<void> {
  const { initiator, b, c, nameOf } = network;
  await initiator.routes.put(routesTo(nameOf('b')));
  const dialogId = await converse(network, 'customer-1', ['pay out 200.00']);
  await eventually('database-b has the first message', async () => (await endpoints(b)) === 1);
  await initiator.routes.put(routesTo(nameOf('c')));
  story.note('database-b has the first message; before its acknowledgement is back, the route names database-c');
  await eventually('database-c has the first message', async () => (await endpoints(c)) === 1);
  const times = async () => (await heardBy(b.database)).length + (await heardBy(c.database)).length;
  await eventually('the first message is answered', async () => (await initiator.messaging.stored()).unanswered === 0);
  story.note('the message was sent again, to database-c, which acknowledged it');
  story.expect('times that 200.00 were paid out', handshake ? '1' : '2', String(await times()));
  if (!handshake) return;

  story.expect('the dialog is locked to', 'database-c', await lockedTo(network));
  network.letSpeak();
  await eventually('database-b has forgotten', async () => (await endpoints(b)) === 0);
  story.note('only now the acknowledgement of database-b arrives; it is refused');
  story.expect('dialogs that database-b still knows of', '0', String(await endpoints(b)));
  await initiator.routes.put(routesTo(nameOf('b')));
  await initiator.database.transaction((tx) => initiator.dialogs.send(tx, dialogId, asMessage('thank you')));
  await eventually('the second message is answered', async () => (await initiator.messaging.stored()).unanswered === 0);
  story.note('the route names database-b again, and a second message is sent on the dialog');
  story.expect('heard by database-c', 'pay out 200.00, thank you', inWords(await heardBy(c.database)));
  story.expect('heard by database-b', 'nothing', inWords(await heardBy(b.database)));
}

async function endpoints(broker: DemoBroker): Promise<number> {
  const [row] = await broker.rows<{ count: number }>('SELECT count(*)::integer FROM messaging.dialog_endpoint');
  return row?.count ?? 0;
}

async function lockedTo({ initiator }: Network): Promise<string> {
  const [row] = await initiator.rows<{ far_broker: string | null }>('SELECT far_broker FROM messaging.dialog_endpoint');
  return `database-${row?.far_broker?.slice(-1) ?? '?'}`;
}

const inWords = (heard: readonly Heard[]) => heard.map(({ word }) => word).join(', ') || 'nothing';
