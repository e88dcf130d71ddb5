import { balanceIsSumOfLines } from './balance-is-sum-of-lines.js';
import { balancesFollowReceipts } from './balances-follow-receipts.js';
import { cashGivenOnce } from './cash-given-once.js';
import { cashGivenWasIntended } from './cash-given-was-intended.js';
import { cashPostedOnce } from './cash-posted-once.js';
import { cassettesAddUp } from './cassettes-add-up.js';
import { depositsPostedOnce } from './deposits-posted-once.js';
import { effectsHaveMessages } from './effects-have-messages.js';
import { entriesSumToZero } from './entries-sum-to-zero.js';
import { everyCallAnswered } from './every-call-answered.js';
import type { Evidence } from './evidence.js';
import { heldIsSumOfHolds } from './held-is-sum-of-holds.js';
import { historiesLinearizable } from './histories-linearizable.js';
import { holdsResolveOnce } from './holds-resolve-once.js';
import type { Finding, Invariant } from './invariant.js';
import { messagesHaveEffects } from './messages-have-effects.js';
import { nobodyOverdrawn } from './nobody-overdrawn.js';
import { nothingLeftOpen } from './nothing-left-open.js';
import { nothingPostedUnasked } from './nothing-posted-unasked.js';
import { ownAuditAgrees } from './own-audit-agrees.js';
import { standInWithinCaps } from './stand-in-within-caps.js';
import { statementsStay } from './statements-stay.js';
import { transfersPostedOnce } from './transfers-posted-once.js';

/** From what the customers saw, through the terminals, to the books. */
export const INVARIANTS: readonly Invariant[] = [
  everyCallAnswered,
  cashPostedOnce,
  depositsPostedOnce,
  transfersPostedOnce,
  nothingPostedUnasked,
  balancesFollowReceipts,
  statementsStay,
  historiesLinearizable,
  cashGivenOnce,
  cashGivenWasIntended,
  cassettesAddUp,
  standInWithinCaps,
  nothingLeftOpen,
  holdsResolveOnce,
  effectsHaveMessages,
  messagesHaveEffects,
  entriesSumToZero,
  balanceIsSumOfLines,
  heldIsSumOfHolds,
  nobodyOverdrawn,
  ownAuditAgrees,
];

/** An invariant with what breaks it. */
export interface Judgement {
  readonly invariant: string;
  readonly findings: readonly Finding[];
}

export async function judge(evidence: Evidence): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for (const { name, check } of INVARIANTS) judgements.push({ invariant: name, findings: await check(evidence) });
  return judgements;
}
