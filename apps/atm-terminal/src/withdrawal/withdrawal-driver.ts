import { Inject, Injectable } from '@nestjs/common';
import { FAULT_POINTS, type FaultPoints } from '#platform';
import { Dispenser, type DispenseCommand } from '../dispenser/dispenser.js';
import { AccountHost } from '../host/account-host.js';
import { isDriven } from './transitions.js';
import type { WithdrawalNews } from './withdrawal-batch.js';
import type { Withdrawal } from './withdrawal.js';
import { Withdrawals } from './withdrawals.js';

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

  /** For the request that wants the cash. `onDispense` is told that only the dispenser and its outcome are left. */
  async drive(withdrawal: Withdrawal, onDispense?: () => void): Promise<Withdrawal> {
    const findOut = (current: Withdrawal) => {
      if (current.state === 'authorising') return this.authorise(current);
      onDispense?.();
      return this.dispense(current);
    };
    return this.follow(withdrawal, findOut);
  }

  /**
   * For a withdrawal that nobody drives any more: nothing is dispensed. What the dispenser has done already counts; what it has not
   * done is called off.
   */
  async recover(withdrawal: Withdrawal): Promise<Withdrawal> {
    return this.follow(withdrawal, async (current) =>
      current.state === 'authorising'
        ? { kind: 'abandoned' }
        : { kind: 'dispenser-answered', outcome: await this.dispenser.void(commandOf(current)) },
    );
  }

  private async follow(
    withdrawal: Withdrawal,
    findOut: (current: Withdrawal) => Promise<WithdrawalNews>,
  ): Promise<Withdrawal> {
    let last = withdrawal;
    while (isDriven(last.state)) {
      last = await this.withdrawals.advance(last, await findOut(last));
      await this.faults.reach(last.state === 'dispensing' ? 'terminal.after-intent' : 'terminal.after-outcome');
    }
    return last;
  }

  private async authorise(withdrawal: Withdrawal): Promise<WithdrawalNews> {
    const { withdrawalId, accountId, cardToken, terminalId, amount, stan, rrn, createdAt, broker } = withdrawal;
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
    const { value, replica } = answer;
    return { kind: 'authorisation-answered', answer: value, ...(replica === undefined ? {} : { host: replica }) };
  }

  private async dispense(withdrawal: Withdrawal): Promise<WithdrawalNews> {
    const outcome = await this.dispenser.dispense(commandOf(withdrawal));
    await this.faults.reach('terminal.after-dispense');
    return { kind: 'dispenser-answered', outcome };
  }
}

function commandOf({ withdrawalId, terminalId, noteMix }: Withdrawal): DispenseCommand {
  return { withdrawalId, terminalId, notes: noteMix ?? [] };
}
