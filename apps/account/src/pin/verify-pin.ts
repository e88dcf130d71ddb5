import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { PinVerification, PinVerificationResult } from '#contracts';
import { Problem } from '#platform';
import { BalanceReader } from '../balance/balance-reader.js';
import { CardKeys } from './card-keys.js';
import { OneAtATime } from './one-at-a-time.js';
import { PinAttempts, type Attempt, type CardRecord } from './pin-attempts.js';

/** How long a call waits for attempts of other replicas on the same card, and between looks, milliseconds. */
const WAIT_MS_MAX = 3_000;
const LOOK_AGAIN_MS = 20;

/**
 * Checks PINs. The try is consumed and committed before the PIN is looked at. Attempts on one card run one after another
 * inside a replica, so that honest parallel ones do not use up each other's tries.
 */
@Injectable()
export class VerifyPin {
  private readonly perCard = new OneAtATime();

  constructor(
    private readonly attempts: PinAttempts,
    private readonly keys: CardKeys,
    private readonly balances: BalanceReader,
  ) {}

  /**
   * Throws `key-reused` where the attempt's id belongs to another card, and `unavailable` where other attempts on the
   * card stay undecided.
   */
  verify({ attemptId, cardNumber, pin, terminalId }: PinVerification): Promise<PinVerificationResult> {
    const deadline = performance.now() + WAIT_MS_MAX;
    const attempt = { attemptId, cardToken: this.keys.tokenOf(cardNumber), terminalId };
    return this.perCard.run(attempt.cardToken, () => this.attempt(attempt, pin, deadline));
  }

  private async attempt(attempt: Attempt, pin: string, deadline: number): Promise<PinVerificationResult> {
    for (;;) {
      const { decision, card } = await this.attempts.open(attempt);
      switch (decision.next) {
        case 'refuse':
          return refuse(decision.reason);
        case 'answer':
          return this.answer(attempt, card, decision.outcome, decision.triesLeft);
        case 'evaluate':
          return this.answer(attempt, card, await this.evaluate(attempt, pin, card), decision.triesLeft);
        case 'wait':
          if (performance.now() > deadline)
            throw new Problem('unavailable', 'Other attempts on this card are still being checked.', {}, 1);
          await delay(LOOK_AGAIN_MS);
      }
    }
  }

  private evaluate({ attemptId, cardToken }: Attempt, pin: string, card: CardRecord | null) {
    const right = card !== null && this.keys.isPinOf(cardToken, pin, card.pinVerifier);
    return this.attempts.decide({ attemptId, outcome: right ? 'verified' : 'wrong-pin' });
  }

  private async answer(
    { cardToken }: Attempt,
    card: CardRecord | null,
    outcome: 'verified' | 'wrong-pin',
    triesLeft: number,
  ): Promise<PinVerificationResult> {
    if (outcome === 'wrong-pin' || card === null) return { outcome: 'wrong-pin', triesLeft };
    const balances = await this.balances.read(card.accountId);
    return { outcome, cardToken, maskedNumber: card.maskedNumber, balances };
  }
}

function refuse(reason: 'card-blocked' | 'unknown-card' | 'other-card'): PinVerificationResult {
  if (reason === 'other-card') throw new Problem('key-reused', 'This attempt was made with another card.');
  return { outcome: reason };
}
