import { createHmac, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA-256 under the cluster's token key. Every use names its purpose, so that no value of one passes for another's. */
export class KeyedHash {
  constructor(private readonly key: string) {}

  digest(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.key).update(`${purpose}|${text}`).digest();
  }

  /** A UUID (version 8, RFC 9562) that the same purpose and text always give again, in every replica. */
  id(purpose: string, text: string): string {
    return asUuid(this.digest(purpose, text));
  }

  /**
   * The same, beginning with a time as UUIDv7 does (48 bits of milliseconds), which every replica must know alike. What is kept for good is keyed
   * by such ids: those of one day lie beside each other in every index ([ADR 75](../../../../docs/adr/0075-ids-that-lie-beside-each-other.md)).
   */
  idSince(time: Date, purpose: string, text: string): string {
    const bytes = this.digest(purpose, text);
    bytes.writeUIntBE(time.getTime(), 0, 6);
    return asUuid(bytes);
  }

  /** Whether `signature` (base64url) is that of `text`; takes as long whatever it is. */
  verifies(purpose: string, text: string, signature: string): boolean {
    const expected = this.digest(purpose, text);
    const given = Buffer.from(signature, 'base64url');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

function asUuid(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
