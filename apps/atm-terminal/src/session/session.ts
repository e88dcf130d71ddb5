import type { SessionBody } from '#contracts';

/** A card in a terminal, its PIN verified. */
export interface Session {
  readonly sessionId: string;
  readonly terminalId: string;
  /** Stands for the card number, which is not kept. */
  readonly cardToken: string;
  readonly maskedNumber: string;
  readonly accountId: string;
  /** Broker instance of the account. */
  readonly broker: string;
  readonly currency: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  /** Derived id of the request that ended it, so that its repeat is known. */
  readonly endedBy: string | null;
  /** By the clock of the database. */
  readonly expired: boolean;
}

/** As the HTTP contract shows it, less the token, which is never stored. */
export function sessionBody(session: Session): Omit<SessionBody, 'token'> {
  const { sessionId, expiresAt, maskedNumber, accountId, currency } = session;
  return {
    sessionId,
    expiresAt: expiresAt.toISOString(),
    card: { maskedNumber },
    account: { accountId, currency },
  };
}
