import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What stands for card numbers and PINs in tables (docs/adr/0002-pin-verifier.md). Both are keyed, as in a hardware
 * security module, and the keys are in no database: whoever reads the tables learns neither.
 */
export class CardKeys {
  constructor(
    private readonly cardKey: string,
    private readonly pinKey: string,
  ) {}

  tokenOf(cardNumber: string): string {
    return createHmac('sha256', this.cardKey).update(cardNumber).digest('base64url');
  }

  /** The same PIN has another verifier on another card. */
  verifierOf(cardToken: string, pin: string): Buffer {
    return createHmac('sha256', this.pinKey).update(cardToken).update(pin).digest();
  }

  /** Takes the same time for every PIN. */
  isPinOf(cardToken: string, pin: string, verifier: Buffer): boolean {
    return timingSafeEqual(this.verifierOf(cardToken, pin), verifier);
  }
}

/** First six and last four digits, as receipts may show (PCI DSS 3.4.1). Expects 16 digits. */
export function maskCardNumber(cardNumber: string): string {
  return `${cardNumber.slice(0, 6)}******${cardNumber.slice(-4)}`;
}
