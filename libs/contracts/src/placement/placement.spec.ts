import { describe, expect, it } from '@jest/globals';
import { Placement } from './placement.js';

const TEXT =
  'account-a=4000001000000001..4000001000000050|ACC-0001..ACC-0050, account-b=4000001000000051..4000001000000100|ACC-0051..ACC-0100';

describe('Placement', () => {
  it('finds the broker of a card or an account, and none for a number in no range', () => {
    const placement = Placement.parse(TEXT);
    const brokers = ['4000001000000001', '4000001000000050', 'ACC-0050', '4000001000000051', 'ACC-0100'].map((number) =>
      placement.brokerOf(number),
    );
    expect(brokers).toEqual(['account-a', 'account-a', 'account-a', 'account-b', 'account-b']);
    const nobodys = ['4000001000000101', '40000010000000010', 'ACC-01', 'ACC-0000', ''].map((n) =>
      placement.brokerOf(n),
    );
    expect(nobodys).toEqual([null, null, null, null, null]);
    expect(placement.brokers).toEqual(['account-a', 'account-b']);
  });

  it('gives everything to a single broker', () => {
    expect(Placement.everythingAt('account-a').brokerOf('ACC-0100')).toBe('account-a');
  });

  it.each([
    '',
    'account-a',
    'account-a=1',
    'account-a=9..1',
    'account-a=1..10',
    'account-a=1..2..3',
    'account-a=1..5,account-b=5..9',
    'account-a=1..9,account-b=3..4',
  ])('refuses "%s"', (text) => {
    expect(() => Placement.parse(text)).toThrow(RangeError);
  });
});
