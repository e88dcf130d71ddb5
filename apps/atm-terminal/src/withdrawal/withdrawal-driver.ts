import { Inject, Injectable } from '@nestjs/common';
import { FAULT_POINTS, type FaultPoints } from '#platform';
import { Dispenser, type DispenseCommand } from '../dispenser/dispenser.js';
import { AccountHost } from '../host/account-host.js';
import { isDriven } from './transitions.js';
import type { Approval, WithdrawalNews } from './withdrawal-batch.js';
import type { Withdrawal } from './withdrawal.js';
import { Withdrawals } from './withdrawals.js';

type FindOut = (current: Withdrawal) => Promise<WithdrawalNews>;

/**
 * Drives a withdrawal on from whatever was last committed, until its end or until only the host's answer is missing. Any number of drivers may
 * work on the same one, in any replicas: host and dispenser give all of them the same answers, and each step is committed once.
 */
@Injectable()
export class WithdrawalDriver {
  constructor(
    private readonly withdrawals: Withdrawals,
    private readonly host: AccountHost,
    private readonly dispenser: Dispenser,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  /** For the request that wants the cash. */
  async drive(withdrawal: Withdrawal): Promise<Withdrawal> {
    return this.follow(withdrawal, async (current) =>
      current.state === 'authorising' ? this.authorise(current) : this.dispense(current, null),
    );
  }

  /**
   * For a withdrawal that nobody drives any more: nothing is dispensed. What the dispenser has done already counts; what it has not
   * done is called off.
   */
  async recover(withdrawal: Withdrawal): Promise<Withdrawal> {
    return this.follow(withdrawal, (current) => this.callOff(current, 'abandoned'));
  }

  private async follow(withdrawal: Withdrawal, findOut: FindOut): Promise<Withdrawal> {
    let last = withdrawal;
    while (isDriven(last.state)) {
      const news = await findOut(last);
      last = await this.withdrawals.advance(last, news);
      if (news.kind === 'host-unreachable' && last.state === 'authorising') {
        last = await this.withdrawals.advance(last, await this.callOff(last, 'host-unavailable'));
      }
      if (!isDriven(last.state)) await this.faults.reach('terminal.after-outcome');
    }
    return last;
  }

  /** The dispenser is commanded with the host's approval in memory only: if this replica dies, its own record says that it was. */
  private async authorise(withdrawal: Withdrawal): Promise<WithdrawalNews> {
    const { withdrawalId, accountId, cardToken, terminalId, amount, stan, rrn, createdAt, broker } = withdrawal;
    await this.faults.reach('terminal.after-intent');
    await this.faults.reach('terminal.before-hold');
    const answer = await this.host.authorise(broker, {
      withdrawalId,
      accountId,
      cardToken,
      terminalId,
      amount: String(amount),
      stan,
      rrn,
      requestedAt: createdAt.toISOString(),
    });
    await this.faults.reach('terminal.after-hold');
    if (!answer.reached) return { kind: 'host-unreachable' };
    const { value, replica: host } = answer;
    if (!value.approved) return { kind: 'declined', answer: value, host };
    return this.dispense(withdrawal, { answer: value, host, at: new Date() });
  }

  private async dispense(withdrawal: Withdrawal, approval: Approval | null): Promise<WithdrawalNews> {
    const outcome = await this.dispenser.dispense(commandOf(withdrawal));
    await this.faults.reach('terminal.after-dispense');
    return { kind: 'dispenser-answered', outcome, approval };
  }

  /** Whoever else drives it may have its approval already: only the dispenser can say that nothing is given any more. */
  private async callOff(withdrawal: Withdrawal, because: 'abandoned' | 'host-unavailable'): Promise<WithdrawalNews> {
    return { kind: 'called-off', outcome: await this.dispenser.void(commandOf(withdrawal)), because };
  }
}

function commandOf({ withdrawalId, terminalId, noteMix }: Withdrawal): DispenseCommand {
  return { withdrawalId, terminalId, notes: noteMix ?? [] };
}
