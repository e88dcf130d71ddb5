import { money as format } from '../../shared/i18n/format.js';
import { money, moneyAtFirst } from '../feed/live.js';
import { consoleWords } from '../words/words.js';

/** The demo's only currency. */
const CURRENCY = 'EUR';

const PLACES = ['customers', 'held', 'cash', 'suspense', 'inFlight'] as const;

/** Where the money is. What leaves one place must turn up in another, and the ledger's sum is zero. */
export function MoneyStrip() {
  const words = consoleWords.value.money;
  const now = money.value;
  const first = moneyAtFirst.value;
  const shown = (amount: number | null | undefined) => (amount == null ? words.unheard : format(amount, CURRENCY));
  const isBalanced = now?.ledger === 0;
  return (
    <section class="card money" aria-label={words.heading}>
      <dl>
        <div class={isBalanced ? 'money__sum' : 'money__sum money__sum--bad'} title={words.ledgerHint}>
          <dt>{words.ledger}</dt>
          <dd class="figures">
            {shown(now?.ledger)} <span aria-hidden="true">{now === null ? '' : isBalanced ? '✓' : '✗'}</span>
          </dd>
          <dd class="hint">{words.ledgerHint}</dd>
        </div>
        {PLACES.map((place) => (
          <div key={place}>
            <dt>{words[place]}</dt>
            <dd class="figures">{shown(now?.[place])}</dd>
            <Difference now={now?.[place] ?? null} first={first?.[place] ?? null} />
          </div>
        ))}
      </dl>
    </section>
  );
}

function Difference({ now, first }: { readonly now: number | null; readonly first: number | null }) {
  if (now === null || first === null || now === first) return null;
  const sign = now > first ? '+' : '';
  return <dd class="hint">{consoleWords.value.money.since(`${sign}${format(now - first, CURRENCY)}`)}</dd>;
}
