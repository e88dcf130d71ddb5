/** ISO 8583 field 39 as Cashpoint uses it. */
export const RESPONSE_CODE = {
  approved: '00',
  /** 12: the host knows this withdrawal as reversed, or the request contradicts an earlier one. */
  invalidTransaction: '12',
  insufficientFunds: '51',
  /** 61: over the card's daily limit. */
  exceedsLimit: '61',
  /** 62: the card is blocked or the account is closed. */
  restrictedCard: '62',
  /** 91: the host could not be reached and stand-in was not possible. */
  hostUnavailable: '91',
  /** 96: the terminal could not complete (nothing dispensed, retracted, unknown). */
  systemMalfunction: '96',
} as const;

export type ResponseCode = (typeof RESPONSE_CODE)[keyof typeof RESPONSE_CODE];
