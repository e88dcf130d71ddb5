import type { StatementBody } from '#contracts';
import { dateAndTime, money } from '../../shared/i18n/format.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import { BackKey } from './keys.js';

export function StatementScreen({
  machine,
  statement,
}: {
  readonly machine: Machine;
  readonly statement: StatementBody;
}) {
  const { statement: text } = words.value;
  const currency = machine.state.value.session?.account.currency ?? 'EUR';
  return (
    <>
      <h1>{text.title}</h1>
      {statement.entries.length === 0 && <p class="screen__hint">{text.empty}</p>}
      <ol class="statement" aria-label={text.title} tabIndex={0}>
        {statement.entries.map(({ entryId, at, kind, amount, balance }) => (
          <li key={entryId}>
            <span>
              {text.kinds[kind]}
              <small>{dateAndTime(at)}</small>
            </span>
            <span class="figures" data-sign={amount < 0 ? 'minus' : 'plus'}>
              {money(amount, currency)}
              <small>{text.balance(money(balance, currency))}</small>
            </span>
          </li>
        ))}
      </ol>
      <div class="screen__foot">
        <BackKey machine={machine} />
      </div>
    </>
  );
}
