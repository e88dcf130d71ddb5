import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { v5 as derivedUuid } from 'uuid';
import {
  MESSAGE,
  SERVICE,
  type Balances,
  type HostTransfer,
  type HostTransferResult,
  type TransferCredit,
} from '#contracts';
import { Database, GroupCommit, type SqlTransaction } from '#database';
import { sendTransfer, transfer, type Ledger, type MoveAway, type TransferResult } from '#ledger';
import { Messaging, type OutgoingMessage } from '#messaging';
import { Problem } from '#platform';
import { TRACE_CONTEXT } from '#tracing';
import { ACCOUNT_CONFIG, type AccountConfig } from '../config.js';
import { againIfTaken } from '../persistence/again-if-taken.js';
import { LedgerStore } from '../persistence/ledger-store.js';
import { positiveAmount } from '../http/positive-amount.js';

/** Transfers in one transaction, and such transactions at once. */
const BATCH_MAX = 64;
const IN_FLIGHT_MAX = 1;

/** `traceparent`: of the request; the transaction is shared with others. */
type Requested = MoveAway & { readonly traceparent: string | undefined };

type Answer = { readonly result: TransferResult; readonly balances: Balances | null };

/**
 * Moves money between customers. Idempotent by transfer id: a repeat gets the same response code, with the balances of now. Where another
 * broker has the target account, the debit and the message that has it credited there commit together.
 */
@Injectable()
export class TransferMoney {
  private readonly batches: GroupCommit<Requested, Answer>;

  constructor(
    database: Database,
    private readonly store: LedgerStore,
    private readonly messaging: Messaging,
    @Inject(ACCOUNT_CONFIG) private readonly config: Pick<AccountConfig, 'BROKER'>,
  ) {
    this.batches = new GroupCommit({
      itemsMax: BATCH_MAX,
      inFlightMax: IN_FLIGHT_MAX,
      run: (commands) => database.transaction((tx) => this.run(commands, tx)),
    });
  }

  /** Throws `invalid-amount` where the amount is not positive, `not-found` where one of the accounts does not exist. */
  async transfer(request: HostTransfer): Promise<HostTransferResult> {
    const command: Requested = {
      ...request,
      amount: positiveAmount(request.amount),
      requestedAt: new Date(request.requestedAt).toISOString(),
      entryId: randomUUIDv7(),
      traceparent: TRACE_CONTEXT.current(),
    };
    const { result, balances } = await againIfTaken(() => this.batches.submit(command));
    if (result.outcome === 'unknown-account' || balances === null)
      throw new Problem('not-found', 'There is no such account.');
    return { posted: result.responseCode === '00', responseCode: result.responseCode, balances };
  }

  private async run(commands: readonly Requested[], tx: SqlTransaction): Promise<Answer[]> {
    const { ledger, balances } = await this.store.load(tx, {
      accountIds: commands.flatMap((command) =>
        this.isHere(command) ? [command.fromAccountId, command.toAccountId] : [command.fromAccountId],
      ),
      transferIds: commands.map(({ transferId }) => transferId),
    });
    const answers = commands.map((command): Answer => {
      const result = this.isHere(command) ? ledger.run(transfer, command) : ledger.run(sendTransfer, command);
      const known = ledger.accounts.has(command.fromAccountId);
      return { result, balances: known ? balances(command.fromAccountId) : null };
    });
    this.store.store(tx, ledger.changes());
    const traces = new Map(commands.map(({ transferId, traceparent }) => [transferId, traceparent]));
    await this.messaging.send(tx, creditsOf(ledger, traces));
    return answers;
  }

  private isHere({ toBroker }: MoveAway): boolean {
    return toBroker === this.config.BROKER;
  }
}

/** For each debit for another broker the message to it. Its id follows from the transfer's, so there can be no second one. */
function creditsOf(ledger: Ledger, traces: ReadonlyMap<string, string | undefined>): OutgoingMessage[] {
  return ledger.changes().transfers.flatMap((debited): OutgoingMessage[] => {
    const { transferId, fromAccountId, toAccountId, toBroker, rrn, requestedAt, amount, entryId } = debited;
    if (toBroker === null || entryId === null) return [];
    const currency = ledger.accounts.get(fromAccountId)?.currency ?? '';
    const head = { transferId, fromAccountId, toAccountId, rrn, requestedAt };
    return [
      {
        messageId: derivedUuid(MESSAGE.transferCredit, transferId),
        dialogId: transferId,
        sequence: 1,
        fromService: SERVICE.account,
        toService: SERVICE.account,
        toBroker,
        type: MESSAGE.transferCredit,
        version: 1,
        traceparent: traces.get(transferId),
        body: { ...head, amount: amount.toString(), currency } satisfies TransferCredit,
      },
    ];
  });
}
