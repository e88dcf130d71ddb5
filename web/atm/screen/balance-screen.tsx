import { money, timeOfDay } from '../../shared/i18n/format.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import { BackKey } from './keys.js';

export function BalanceScreen({ machine }: { readonly machine: Machine }) {
  const { balance } = machine.state.value;
  const { balance: text } = words.value;
  if (balance === null) return null;
  const { available, ledger, held, currency, asOf, source } = balance;
  return (
    <>
      <h1>{text.title}</h1>
      <p class="typed figures">{money(available, currency)}</p>
      <p class="screen__hint">{text[source](timeOfDay(asOf))}</p>
      <dl class="facts">
        <div>
          <dt>{text.ledger}</dt>
          <dd class="figures">{money(ledger, currency)}</dd>
        </div>
        <div>
          <dt>{text.held}</dt>
          <dd class="figures">{money(held, currency)}</dd>
        </div>
        <div>
          <dt>{text.available}</dt>
          <dd class="figures">{money(available, currency)}</dd>
        </div>
      </dl>
      <div class="screen__foot">
        <BackKey machine={machine} />
      </div>
    </>
  );
}
