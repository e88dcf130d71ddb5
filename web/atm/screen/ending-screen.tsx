import { money } from '../../shared/i18n/format.js';
import { type Ending, endsTheVisit, type Facts } from '../machine/endings.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';

/** However it ended: what of the three facts is known is said, and what is not known is said to be so. */
export function EndingScreen({ machine, ending }: { readonly machine: Machine; readonly ending: Ending }) {
  const { endings, remarks, codes, facts: text, another, finish } = words.value;
  const { session, card } = machine.state.value;
  const currency = session?.account.currency ?? 'EUR';
  const mayGoOn = card !== null && session !== null && !endsTheVisit(ending);
  const { facts, kind, responseCode, detail } = ending;
  const why = responseCode === null || responseCode === '00' ? undefined : codes[responseCode];
  const remark = detail ?? remarks[kind] ?? why;
  return (
    <div class="ending" data-ending={kind}>
      <h1>{endings[kind]}</h1>
      {remark !== undefined && <p class="screen__lead">{remark}</p>}
      <dl class="facts" aria-label={text.label}>
        <div data-fact="cash">
          <dt>{text.cash}</dt>
          <dd class="figures">{cashFact(facts, currency)}</dd>
        </div>
        <div data-fact="account">
          <dt>{text.account}</dt>
          <dd class="figures" aria-live="polite" data-state={facts.account.kind}>
            {accountFact(facts, currency)}
          </dd>
        </div>
        <div data-fact="reference">
          <dt>{text.reference}</dt>
          <dd class="figures">{facts.reference ?? text.noReference}</dd>
        </div>
      </dl>
      <div class="screen__foot">
        {mayGoOn && (
          <button type="button" class="soft-key" onClick={() => machine.dispatch({ kind: 'cancel' })}>
            {finish}
          </button>
        )}
        <button type="button" class="soft-key soft-key--main" onClick={() => machine.dispatch({ kind: 'done' })}>
          {mayGoOn ? another : finish}
        </button>
      </div>
    </div>
  );
}

function cashFact({ cash }: Facts, currency: string): string {
  const { facts } = words.value;
  switch (cash.kind) {
    case 'given':
      return money(cash.amount, currency);
    case 'taken-in':
      return facts.takenIn(money(cash.amount, currency));
    case 'none':
      return facts.none;
    case 'unknown':
      return facts.unknown;
  }
}

function accountFact({ account }: Facts, currency: string): string {
  const { facts } = words.value;
  switch (account.kind) {
    case 'charged':
      return money(account.amount, currency);
    case 'reserved':
      return facts.reserved(money(account.amount, currency));
    case 'held':
      return facts.held(money(account.amount, currency));
    case 'credited':
      return facts.credited(money(account.amount, currency));
    case 'to-be-credited':
      return facts.toBeCredited(money(account.amount, currency));
    case 'not-charged':
      return facts.notCharged;
    case 'released':
      return facts.released;
    case 'unknown':
      return facts.unknown;
  }
}
