import { describe, expect, it } from '@jest/globals';
import { enterAmountSchema, openSessionSchema } from '#contracts';
import { Problem } from './problem.js';
import { validate } from './validate.js';

function refusal(schema: Parameters<typeof validate>[0], value: unknown): Problem {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('what a client sends', () => {
  it.each([-1, 0, 1.5, 2 ** 53 + 1, 1e300])('the number %d is no possible amount', (amount) => {
    expect(refusal(enterAmountSchema, { amount }).kind).toBe('invalid-amount');
  });

  it.each([{ amount: '1e3' }, { amount: null }, {}, { amount: 1000, tip: 1 }, [], null, 'text'])(
    '%j is malformed',
    (value) => {
      expect(refusal(enterAmountSchema, value).kind).toBe('malformed');
    },
  );

  it('is not repeated in the refusal: it may be a PIN', () => {
    const problem = refusal(openSessionSchema, { cardNumber: '4000001000000001', pin: '12a4' });
    expect(JSON.stringify(problem.body())).not.toContain('12a4');
    expect(problem.body().errors).toEqual([{ path: 'pin', message: 'must be 4 to 12 digits' }]);
  });
});
