import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Balances, HostTransfer, HostTransferResult } from '#contracts';
import { Database, GroupCommit } from '#database';
import { transfer, type MoveBetween, type TransferResult } from '#ledger';
import { Problem } from '#platform';
import { againIfTaken } from '../persistence/again-if-taken.js';
import { LedgerStore } from '../persistence/ledger-store.js';
import { positiveAmount } from '../http/positive-amount.js';

/** Transfers in one transaction, and such transactions at once. */
const BATCH_MAX = 64;
const IN_FLIGHT_MAX = 1;

type Answer = { readonly result: TransferResult; readonly balances: Balances | null };

/** Moves money between customers. Idempotent by transfer id: a repeat gets the same response code, with the balances of now. */
@Injectable()
export class TransferMoney {
  private readonly batches: GroupCommit<MoveBetween, Answer>;

  constructor(database: Database, store: LedgerStore) {
    this.batches = new GroupCommit({
      itemsMax: BATCH_MAX,
      inFlightMax: IN_FLIGHT_MAX,
      run: (commands) =>
        database.transaction(async (tx) => {
          const { ledger, balances } = await store.load(tx, {
            accountIds: commands.flatMap(({ fromAccountId, toAccountId }) => [fromAccountId, toAccountId]),
            transferIds: commands.map(({ transferId }) => transferId),
          });
          const answers = commands.map((command): Answer => {
            const result = ledger.run(transfer, command);
            const known = ledger.accounts.has(command.fromAccountId);
            return { result, balances: known ? balances(command.fromAccountId) : null };
          });
          await store.store(tx, ledger.changes());
          return answers;
        }),
    });
  }

  /** Throws `invalid-amount` where the amount is not positive, `not-found` where one of the accounts does not exist. */
  async transfer(request: HostTransfer): Promise<HostTransferResult> {
    const command: MoveBetween = {
      ...request,
      amount: positiveAmount(request.amount),
      requestedAt: new Date(request.requestedAt).toISOString(),
      entryId: uuid(),
    };
    const { result, balances } = await againIfTaken(() => this.batches.submit(command));
    if (result.outcome === 'unknown-account' || balances === null)
      throw new Problem('not-found', 'There is no such account.');
    return { posted: result.responseCode === '00', responseCode: result.responseCode, balances };
  }
}
