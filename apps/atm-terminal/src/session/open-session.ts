import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { OpenSession as OpenSessionBody, PinVerification, PinVerificationResult } from '#contracts';
import { FAULT_POINTS, Problem, type FaultPoints } from '#platform';
import type { Answer } from '../idempotency/answer.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { AccountHost } from '../host/account-host.js';
import { hostUnavailable } from '../host/host-unavailable.js';
import type { RequestKey } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { sessionBody } from './session.js';
import { sessionToken } from './session-token.js';
import { Sessions } from './sessions.js';
import { UnknownCards } from './unknown-cards.js';

/**
 * A card is inserted and its PIN entered. The host checks the PIN, once per session id, and the id follows from the request's key: a repeat
 * costs no further try. Neither PIN nor card number nor token is stored here.
 */
@Injectable()
export class OpenSession {
  constructor(
    private readonly sessions: Sessions,
    private readonly unknownCards: UnknownCards,
    private readonly host: AccountHost,
    private readonly idempotency: Idempotency,
    private readonly hash: KeyedHash,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {}

  /** Throws 403 `wrong-pin` or `card-blocked`, 422 `key-reused`, 503. */
  async open(
    terminalId: string,
    key: RequestKey | null,
    { cardNumber, pin }: OpenSessionBody,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const scope = `open-session ${terminalId}`;
    const attemptId = key === null ? randomUUID() : this.hash.id(scope, key.value);
    const fingerprint = this.hash.digest('fingerprint', cardNumber).toString('base64url');
    const { answer, replayed } = await this.idempotency.once({ scope, key, fingerprint }, () =>
      this.verify({ attemptId, cardNumber, pin, terminalId }),
    );
    return { answer: this.withToken(answer), replayed };
  }

  private async verify(verification: PinVerification): Promise<Answer> {
    const { broker, result } = await this.askHost(verification);
    switch (result.outcome) {
      case 'verified': {
        const { attemptId: sessionId, terminalId } = verification;
        const { cardToken, maskedNumber, balances } = result;
        const session = await this.sessions.open({ sessionId, terminalId, cardToken, maskedNumber, broker, balances });
        await this.faults.reach('terminal.session-opened');
        return { status: 201, body: sessionBody(session) };
      }
      case 'wrong-pin':
        throw wrongPin(result.triesLeft);
      case 'card-blocked':
        throw cardBlocked();
      case 'unknown-card': {
        const triesLeft = await this.unknownCards.attempt(verification.cardNumber);
        throw triesLeft === null ? cardBlocked() : wrongPin(triesLeft);
      }
    }
  }

  /** Asks the broker that has the card by its number; a number that no broker has is that of an unknown card. */
  private async askHost(verification: PinVerification): Promise<{ broker: string; result: PinVerificationResult }> {
    const broker = this.host.brokerOf(verification.cardNumber);
    if (broker === null) return { broker: '', result: { outcome: 'unknown-card' } };
    const answer = await this.host.verifyPin(broker, verification);
    if (!answer.reached) throw hostUnavailable('The PIN cannot be checked right now.');
    return { broker, result: answer.value };
  }

  private withToken(answer: Answer): Answer {
    if (answer.status !== 201) return answer;
    const body = answer.body as ReturnType<typeof sessionBody>;
    const { sessionId, ...rest } = body;
    return { status: 201, body: { sessionId, token: sessionToken(this.hash, sessionId), ...rest } };
  }
}

const cardBlocked = () => new Problem('card-blocked', 'This card is blocked; please contact your bank.');

function wrongPin(triesLeft: number): Problem {
  return new Problem('wrong-pin', `The PIN is wrong; tries left: ${triesLeft}.`, { triesLeft });
}
