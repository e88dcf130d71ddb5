const BYTES = 16;

/** 128 random bits in hex: an idempotency key. `crypto.randomUUID` is missing where a page did not come over https or from this machine. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
