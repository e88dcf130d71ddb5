import { eventually } from '../../eventually.js';
import type { PlannedFault } from '../schedule/plan-faults.js';
import type { Target } from '../target/target.js';

export type WhoHangsUp = 'nobody' | 'some' | 'everybody';

/** The customers, as far as faults are about them. */
export interface Customers {
  /** Who leaves in the middle of a withdrawal from now on. */
  hangUp(who: WhoHangsUp): void;
  /** Whether somebody waits for notes who would ask again for them. */
  readonly someoneStays: boolean;
}

/** A fault that is in force. */
export interface Injection {
  /** Resolves where it has no more to do than wait for its time; armed points are over once they have fired. */
  readonly over: Promise<void>;
  /** Whether it never came to it: the replica did not pass the point at which it was to die. To be asked when all is healed. */
  readonly missed?: () => boolean;
  /** Undoes it and resolves when what was hurt is well again. */
  heal(): Promise<void>;
}

const NEVER = new Promise<void>(() => undefined);

/** A slow process gets a fifth of the time, in slices long enough to hurt, milliseconds. */
const STOPPED_MS = 80;
const RUNNING_MS = 20;

/** Does what the plan says. Rejects where it cannot be done: a replica that is not there, an operator's call that is refused. */
export async function inject({ deed, target }: PlannedFault, bank: Target, customers: Customers): Promise<Injection> {
  const name = target ?? '';
  switch (deed.do) {
    case 'kill':
      await bank.kill(name);
      return lasting(() => bank.start(name));
    case 'freeze':
      await bank.freeze(name);
      return lasting(() => bank.thaw(name));
    case 'slow':
      return slowDown(bank, name);
    case 'arm':
      return arm(bank, name, deed);
    case 'empty':
      await bank.empty(name);
      await bank.kill(name);
      return lasting(async () => {
        await bank.start(name);
        // What it wrote to its file before it died is lost as well.
        await bank.empty(name);
      });
    case 'half-open':
    case 'cut':
      return lasting(await bank.spoilLink(name, deed.do));
    case 'delay':
      return lasting(await bank.spoilLink(name, { delay: deed.milliseconds }));
    case 'hang-up':
      customers.hangUp('some');
      return lasting(async () => customers.hangUp('nobody'));
    case 'scale':
      return scale(bank);
    case 'rolling-restart':
      await bank.rollingRestart();
      return { over: Promise.resolve(), heal: async () => undefined };
    case 'host-down':
      return killAll(bank, bank.shape.accounts);
    case 'lose-primary':
      return killAll(bank, [await bank.primary()]);
    case 'power-cut':
      return cutPower(bank, customers);
  }
}

const lasting = (heal: () => Promise<void>): Injection => ({ over: NEVER, heal });

async function killAll(bank: Target, names: readonly string[]): Promise<Injection> {
  await Promise.all(names.map((name) => bank.kill(name)));
  return lasting(async () => void (await Promise.all(names.map((name) => bank.start(name)))));
}

/**
 * One replica is left for the terminals, and everybody leaves it alone with the notes out: nobody who could ask again, or send the call to
 * another replica, is there any more.
 */
async function cutPower(bank: Target, customers: Customers): Promise<Injection> {
  const { gateways, terminals } = bank.shape;
  const [last = '', ...others] = terminals;
  const killed = new Set<string>();
  const killAlso = async (names: readonly string[]) => {
    for (const name of names) killed.add(name);
    await Promise.all(names.map((name) => bank.kill(name)));
  };
  const heal = async () => {
    customers.hangUp('nobody');
    await Promise.all([...killed].map((name) => bank.start(name)));
  };
  try {
    customers.hangUp('everybody');
    await eventually('nobody stays who would ask again', () => !customers.someoneStays, STAYING_MS_MAX);
    await killAlso(others);
    const { over } = await arm(bank, last, { point: 'terminal.after-dispense', action: 'kill', times: 1 });
    await over;
    await killAlso([...gateways, last]);
  } catch (error) {
    await heal();
    throw error;
  }
  return lasting(heal);
}

async function scale(bank: Target): Promise<Injection> {
  const { gateways, terminals, accounts } = bank.shape;
  const brokers = new Set(accounts.map((name) => name.replace(/-\d+$/, ''))).size;
  const sizes = [
    ['account', accounts.length / brokers],
    ['atm-terminal', terminals.length],
    ['gateway', gateways.length],
  ] as const;
  for (const [app, count] of sizes) await bank.scale(app, count + 1);
  return lasting(async () => {
    for (const [app, count] of sizes) await bank.scale(app, count);
  });
}

/** Stopped and continued in quick turns. */
function slowDown(bank: Target, name: string): Injection {
  let slow = true;
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const turns = (async () => {
    while (slow) {
      await bank.freeze(name);
      await pause(STOPPED_MS);
      await bank.thaw(name);
      await pause(RUNNING_MS);
    }
  })();
  return lasting(async () => {
    slow = false;
    await turns;
  });
}

interface Arming {
  readonly point: string;
  readonly action: string;
  readonly times: number;
}

const ARM_MS_MAX = 15_000;

/** Longer than customers have patience, milliseconds. */
const STAYING_MS_MAX = 90_000;

/** Actions after which the process is gone. */
const DEADLY: readonly string[] = ['kill', 'exhaust'];

async function arm(bank: Target, replica: string, { point, action, times }: Arming): Promise<Injection> {
  await bank.untilUp(replica);
  const before = await bank.incarnation(replica);
  // A gateway that has just lost sight of the replica needs a moment to find it again.
  await eventually(
    `${replica} can be armed`,
    () =>
      bank.arm({ replica, point, action, times }).then(
        () => true,
        () => false,
      ),
    ARM_MS_MAX,
  );
  let healed = false;
  let hasDied = false;
  const died = async () => (hasDied ||= (await bank.incarnation(replica)) !== before) || healed;
  const deadly = DEADLY.includes(action);
  return {
    over: deadly ? eventually(`${replica} dies at ${point}`, died, 60_000).then(() => undefined) : NEVER,
    missed: () => deadly && !hasDied,
    heal: async () => {
      // Somebody who comes by later must not trip over it: a wait of no length takes its place.
      const harmless = { replica, point, action: 'delay:0', times: 1 };
      if (!deadly || !(await died())) await bank.arm(harmless).catch(() => undefined);
      healed = true;
      await bank.untilUp(replica);
    },
  };
}
