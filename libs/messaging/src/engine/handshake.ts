import { GroupCommit, type SqlTransaction, type TransactionRunner } from '#database';
import { type DialogEndpoints, keyText } from '../ports/dialog-store.js';
import type { Logger } from '../ports/logger.js';
import type { DueMessage, TransmissionQueue } from '../ports/store.js';
import type { Acknowledged, DialogProtocol, Endpoint } from '../protocol/dialog/index.js';
import type { Envelope } from '../protocol/envelope.js';
import type { Counters } from './counters.js';
import type { Outgoing } from './outgoing.js';

/** Most acknowledgements in one transaction. */
const ACKNOWLEDGEMENTS_MAX = 400;

export interface HandshakeOptions {
  readonly transactions: TransactionRunner;
  readonly endpoints: DialogEndpoints;
  readonly queue: TransmissionQueue;
  readonly outgoing: Outgoing;
  readonly protocol: DialogProtocol;
  readonly logger: Logger;
  readonly counters: Counters;
}

/**
 * Settles which broker a dialog is with where its initiator named none. The first acknowledgement locks it, and the first
 * unanswered message of the dialog is sent again at once as locked, which is the confirmation: with it the target applies
 * what it has parked. Brokers that acknowledge later are refused and forget the dialog. Nothing of this has to arrive: all of
 * it is repeated until it has.
 */
export class Handshake {
  private readonly commits: GroupCommit<Envelope, Acknowledged['kind']>;

  constructor(private readonly options: HandshakeOptions) {
    this.commits = new GroupCommit<Envelope, Acknowledged['kind']>({
      run: (envelopes) => options.transactions.transaction((tx) => this.lock(envelopes, tx)),
      itemsMax: ACKNOWLEDGEMENTS_MAX,
      inFlightMax: 1,
    });
  }

  /** An `acknowledgement` has arrived at the initiator. Never rejects. */
  async acknowledged(envelope: Envelope): Promise<Acknowledged['kind']> {
    const { logger, counters } = this.options;
    try {
      const kind = await this.commits.submit(envelope);
      if (kind === 'refuse') counters.strays++;
      return kind;
    } catch (error) {
      logger.error({ dialogId: envelope.dialogId, err: error }, 'acknowledgement failed and will come again');
      return 'known';
    }
  }

  /** A `refusal` has arrived at a target. Never rejects. */
  async refused({ dialogId, fromBroker }: Envelope): Promise<void> {
    const { transactions, endpoints, protocol, logger } = this.options;
    const key = { dialogId, side: 'target' } as const;
    try {
      await transactions.transaction(async (tx) => {
        const [endpoint = null] = await endpoints.lock(tx, [key]);
        if (protocol.isForgotten(endpoint, fromBroker)) await endpoints.remove(tx, [key]);
      });
    } catch (error) {
      logger.error({ dialogId, err: error }, 'refusal failed and will come again');
    }
  }

  private async lock(envelopes: readonly Envelope[], tx: SqlTransaction): Promise<Acknowledged['kind'][]> {
    const { endpoints, queue, outgoing, protocol } = this.options;
    const keys = [...new Set(envelopes.map(({ dialogId }) => dialogId))].map((dialogId) => ({
      dialogId,
      side: 'initiator' as const,
    }));
    const known = new Map((await endpoints.lock(tx, keys)).map((endpoint) => [keyText(endpoint), endpoint]));
    const locked: Endpoint[] = [];
    const kinds = envelopes.map(({ dialogId, fromBroker }) => {
      const key = keyText({ dialogId, side: 'initiator' });
      const result = protocol.acknowledged(known.get(key) ?? null, fromBroker);
      if (result.kind === 'lock') {
        known.set(key, result.endpoint);
        locked.push(result.endpoint);
      }
      return result.kind;
    });
    if (locked.length > 0) {
      await endpoints.saveLock(tx, locked);
      const at = outgoing.now();
      const due = await queue.settleBroker(tx, locked);
      tx.afterCommit(() => outgoing.resend(firstOfEach(due), at));
    }
    return kinds;
  }
}

/** Of each dialog the message with the lowest sequence. */
function firstOfEach(due: readonly DueMessage[]): DueMessage[] {
  const downwards = [...due].sort((one, other) => other.sequence - one.sequence);
  return [...new Map(downwards.map((message) => [message.dialogId, message])).values()];
}
