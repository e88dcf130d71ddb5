import { Inject, Injectable } from '@nestjs/common';
import type { Authorisation, AuthorisationResult, Balances } from '#contracts';
import { Database, GroupCommit, REQUEST_GROUPS } from '#database';
import { authorise, type Authorise, type ResponseCode } from '#ledger';
import { FAULT_POINTS, Problem, type FaultPoints } from '#platform';
import { againIfTaken } from '../persistence/again-if-taken.js';
import { LedgerStore } from '../persistence/ledger-store.js';
import { positiveAmount } from '../http/positive-amount.js';

type Answer =
  | { readonly outcome: 'answered'; readonly responseCode: ResponseCode; readonly balances: Balances }
  | { readonly outcome: 'unknown-account' };

/**
 * Places holds. Idempotent by withdrawal id: a repeat gets the same response code, with the balances of now. Calls that
 * arrive together share a transaction.
 */
@Injectable()
export class AuthoriseWithdrawals {
  private readonly batches: GroupCommit<Authorise, Answer>;

  constructor(
    database: Database,
    store: LedgerStore,
    @Inject(FAULT_POINTS) private readonly faultPoints: FaultPoints,
  ) {
    this.batches = new GroupCommit({
      ...REQUEST_GROUPS,
      run: (commands) =>
        database.transaction(async (tx) => {
          const { ledger, balances } = await store.load(tx, {
            accountIds: commands.map(({ accountId }) => accountId),
            withdrawals: commands,
          });
          const answers = commands.map((command): Answer => {
            const result = ledger.run(authorise, command);
            return result.outcome === 'answered' && ledger.accounts.has(command.accountId)
              ? { ...result, balances: balances(command.accountId) }
              : { outcome: 'unknown-account' };
          });
          store.store(tx, ledger.changes());
          return answers;
        }),
    });
  }

  /** Throws `invalid-amount` where the amount is not positive, `not-found` where there is no such account. */
  async authorise(request: Authorisation): Promise<AuthorisationResult> {
    const command: Authorise = {
      ...request,
      amount: positiveAmount(request.amount),
      requestedAt: new Date(request.requestedAt).toISOString(),
    };
    await this.faultPoints.reach('account.before-hold');
    const answer = await againIfTaken(() => this.batches.submit(command));
    await this.faultPoints.reach('account.after-hold');
    if (answer.outcome === 'unknown-account') throw new Problem('not-found', 'There is no such account.');
    const { responseCode, balances } = answer;
    return { approved: responseCode === '00', responseCode, balances };
  }
}
