import { styleText } from 'node:util';
import type { ProblemBody, SessionBody, WithdrawalBody } from '#contracts';
import type { Answer, Atm } from '../atm/atm.js';

export interface WantedCash {
  readonly cardNumber: string;
  readonly pin: string;
  /** Minor units. */
  readonly amount: number;
}

/** Ends the story early; the customer is told why. */
class StoryEnd extends Error {}

const COLUMN = { step: 22, path: 30, time: 9 };

/** Takes cash and prints each step as it happens, with who served it and how long it took. Answers whether notes came out. */
export async function tellWithdrawal(atm: Atm, { cardNumber, pin, amount }: WantedCash): Promise<boolean> {
  console.log(`${money(amount)} at ${atm.terminalId} with card ${cardNumber}\n`);
  try {
    const session = told('session', await atm.openSession(cardNumber, pin), describeSession);
    const outcome = await takeCash(atm, session, amount);
    told('card returned', await atm.closeSession(session), () => '');
    console.log(`\n${outcome.inWords}`);
    return outcome.dispensed;
  } catch (error) {
    if (!(error instanceof StoryEnd)) throw error;
    console.error(`\n${error.message}`);
    return false;
  }
}

interface Outcome {
  readonly dispensed: boolean;
  readonly inWords: string;
}

async function takeCash(atm: Atm, session: SessionBody, amount: number): Promise<Outcome> {
  const before = told('balance before', await atm.balance(session), describeBalance);
  const { withdrawalId } = told('withdrawal selected', await atm.withdraw(session), ({ rrn }) => `reference ${rrn}`);
  const entered = told('amount entered', await atm.enterAmount(session, withdrawalId, amount), describeOutcome);
  if (entered.dispensed.length === 0) {
    return { dispensed: false, inWords: `${reasonInWords(entered)} No cash was given, the account is not charged.` };
  }
  const { state } = told('settlement', await atm.untilEnded(session, withdrawalId), describeEnd);
  const after = told('balance after', await atm.balance(session), describeBalance);
  const exchanged = `The account has ${money(before.ledger - after.ledger)} less, the customer has ${notes(entered)}.`;
  const open = `The customer has ${notes(entered)}; the account is charged later: the withdrawal is ${state}.`;
  return { dispensed: true, inWords: state === 'settled' ? exchanged : open };
}

function told<Body>(step: string, answer: Answer<Body>, describe: (body: Body) => string): Body {
  const path = [answer.gateway, answer.servedBy].filter((name) => name !== '').join(' → ');
  for (const failed of answer.failedAttempts)
    console.log(`  ${dim(`no answer from ${failed}; trying the next gateway`)}`);
  const line = [
    step.padEnd(COLUMN.step),
    path.padEnd(COLUMN.path),
    `${answer.milliseconds.toFixed(0)} ms`.padStart(COLUMN.time),
    answer.replayed ? '  (answer to the first attempt)' : '',
  ].join('');
  console.log(`  ${line}   ${answer.ok ? describe(answer.body) : `refused: ${answer.status}`}`.trimEnd());
  if (!answer.ok) throw new StoryEnd(refusalInWords(answer.problem));
  return answer.body;
}

const describeSession = ({ card, account }: SessionBody) => `card ${card.maskedNumber}, account ${account.accountId}`;

const describeBalance = ({ ledger, available, source }: { ledger: number; available: number; source: string }) =>
  `${money(ledger)}${available === ledger ? '' : `, available ${money(available)}`}${source === 'host' ? '' : ' (last known)'}`;

function describeOutcome(withdrawal: WithdrawalBody): string {
  if (withdrawal.dispensed.length === 0) return `${withdrawal.state}, response code ${withdrawal.responseCode ?? '–'}`;
  const by =
    withdrawal.authorisation === 'stand-in' ? 'stand-in: the account service is out of reach' : 'the account service';
  return `${notes(withdrawal)} dispensed, authorised by ${by}`;
}

function describeEnd({ state, dispensedAt, settledAt }: WithdrawalBody): string {
  if (settledAt === null || dispensedAt === null) return state;
  return `${state} ${Date.parse(settledAt) - Date.parse(dispensedAt)} ms after the notes came out`;
}

const notes = ({ dispensed }: WithdrawalBody): string =>
  dispensed.map(({ denomination, count }) => `${count} × ${money(denomination)}`).join(' + ');

const REASONS: Readonly<Record<string, string>> = {
  '12': 'The bank knows this withdrawal as reversed.',
  '51': 'The balance is too low.',
  '61': 'That is more than the card may take today.',
  '62': 'The card is blocked or the account is closed.',
  '91': 'The bank cannot be reached and the ATM may not decide for it.',
  '96': 'The dispenser did not give the notes.',
};

const reasonInWords = ({ state, responseCode }: WithdrawalBody): string =>
  REASONS[responseCode ?? ''] ?? `The withdrawal is ${state} (response code ${responseCode ?? 'none'}).`;

const refusalInWords = ({ title, detail, triesLeft }: ProblemBody): string =>
  `${title}: ${detail}${triesLeft === undefined ? '' : ` Tries left: ${triesLeft}.`} No cash was given.`;

/** Minor units as people write them; negative where an account has gained. */
function money(minorUnits: number): string {
  return (minorUnits / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

const dim = (text: string) => styleText('dim', text, { stream: process.stdout });
