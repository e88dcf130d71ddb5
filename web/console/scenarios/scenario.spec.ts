import { describe, expect, it } from '@jest/globals';
import type {
  AuditBody,
  ClusterBody,
  ClusterMember,
  OperatorAccountBody,
  SessionBody,
  WithdrawalBody,
} from '#contracts';
import type { TakenCash } from '../api/bank.js';
import { runScenario, SCENARIOS, type ScenarioName, type Step } from './scenario.js';

/** A bank of one account and as many lies as the test wants. */
class FakeBank {
  ledger = 1_000_000;
  pid = 1;
  isLost = false;
  duplicates = 0;
  readonly armed: string[] = [];

  /** What each withdrawal really costs. */
  constructor(private readonly charge = 10_000) {}

  async play(name: ScenarioName): Promise<{ ok: boolean; failed: string[] }> {
    const steps: Step[] = [];
    const ok = await runScenario(name, {
      operator: {
        account: async () => ({ ledger: this.ledger, held: 0 }) as OperatorAccountBody,
        act: async (_member, action) => void (this.isLost = action === 'kill'),
        arm: async ({ replica, point }) => void this.armed.push(`${replica} ${point}`),
        audit: async (): Promise<AuditBody> => ({ balanced: true, inFlight: 0, checks: [] }),
        cluster: async () => this.cluster(),
      },
      customers: {
        takeCash: async () => this.takeCash(),
        read: async () => ({ state: 'settled' }) as WithdrawalBody,
        leave: async () => undefined,
      },
      duplicates: () => this.duplicates,
      format: String,
      tell: (step) => steps.push(step),
      pause: async () => undefined,
    });
    return { ok, failed: steps.filter((step) => !step.ok).map((step) => step.name) };
  }

  private takeCash(): TakenCash {
    this.ledger -= this.charge;
    this.duplicates += 1;
    this.pid += 1;
    const withdrawal = { dispensed: [{ denomination: 10_000, count: 1 }], state: 'dispensed' } as WithdrawalBody;
    return {
      withdrawal,
      session: {} as SessionBody,
      servedBy: 'atm-terminal-2',
      gateway: 'gateway-1',
      milliseconds: 1,
    };
  }

  private cluster(): ClusterBody {
    const member = (name: string, role: string, changes: Partial<ClusterMember> = {}): ClusterMember => ({
      ...{ name, kind: 'replica', role, state: 'up', pid: 1, version: '1', load: {} },
      ...changes,
    });
    const down = this.isLost ? ('down' as const) : ('up' as const);
    return {
      ...{ gateways: [], brokers: [], databases: [] },
      replicas: [
        { ...member('atm-terminal-1', 'atm-terminal', { pid: this.pid }), broker: 'terminal' },
        { ...member('account-a-1', 'account'), broker: 'account-a' },
      ],
      channels: [
        member('active', 'active', { kind: 'redis', state: down }),
        member('passive', 'passive', { kind: 'redis', load: { inUse: 1 } }),
      ],
    };
  }
}

describe('a scenario', () => {
  it.each(SCENARIOS)('%s ends well where the bank does', async (name) => {
    const bank = new FakeBank();
    expect(await bank.play(name)).toEqual({ ok: true, failed: [] });
    expect(bank.isLost).toBe(false);
  });

  it.each(SCENARIOS)('%s finds that the account was charged twice', async (name) => {
    expect(await new FakeBank(20_000).play(name)).toEqual({ ok: false, failed: ['ledger'] });
  });

  it('arms the point in one replica where that dies of it, and in all where any may have the message', async () => {
    const bank = new FakeBank();
    await bank.play('power-cut');
    await bank.play('dropped-answer');
    expect(bank.armed).toEqual(['atm-terminal-1 terminal.after-dispense', 'account-a-1 inbox.after-commit']);
  });
});
