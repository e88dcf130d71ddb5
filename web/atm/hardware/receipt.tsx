import { dateAndTime, money, timeOfDay } from '../../shared/i18n/format.js';
import type { MachineState } from '../machine/state.js';
import { worthOf } from '../machine/amounts.js';
import { words } from '../words/words.js';
import './receipt.css';

/** The slip that a withdrawal leaves: no full card number, what was given, and under which numbers the bank knows it. */
export function Receipt({ state }: { readonly state: MachineState }) {
  const { withdrawal, session, balance, screen } = state;
  if (screen.kind !== 'ending' || withdrawal === null || session === null) return null;
  if (screen.ending.facts.reference !== withdrawal.rrn || screen.ending.notes.length === 0) return null;
  const { receipt, receiptSlot } = words.value;
  const { currency, authorisation } = withdrawal;
  const rows: [string, string][] = [
    [receipt.card, session.card.maskedNumber],
    [receipt.account, session.account.accountId],
    [receipt.withdrawal, money(worthOf(withdrawal.dispensed), currency)],
    ...(authorisation === null ? [] : ([[receipt.authorisation, receipt[authorisation]]] as [string, string][])),
    [receipt.stan, withdrawal.stan],
    [receipt.rrn, withdrawal.rrn],
  ];
  return (
    <aside class="receipt figures" aria-label={receiptSlot}>
      <p class="receipt__title">CASHPOINT · {withdrawal.terminalId}</p>
      <p class="receipt__date">{dateAndTime(withdrawal.dispensedAt ?? withdrawal.createdAt)}</p>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {balance !== null && (
          <div>
            <dt>
              {receipt.balance}, {receipt.asOf(timeOfDay(balance.asOf))}
            </dt>
            <dd>{money(balance.available, balance.currency)}</dd>
          </div>
        )}
      </dl>
      <p class="receipt__state" data-state={withdrawal.state}>
        {receipt.state[withdrawal.state] ?? withdrawal.state}
      </p>
    </aside>
  );
}
