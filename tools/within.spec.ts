import { describe, expect, it } from '@jest/globals';
import { within } from './within.js';

const NEVER = new Promise<never>(() => undefined);

describe('what is waited for only so long', () => {
  it('settles as it does by itself', async () => {
    await expect(within('an answer', 60_000, Promise.resolve(42))).resolves.toBe(42);
    await expect(within('an answer', 60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('is named when it does not come', async () => {
    await expect(within('an answer', 10, NEVER)).rejects.toThrow('waited 0.01 s in vain: an answer');
  });
});
