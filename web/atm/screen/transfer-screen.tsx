import { money } from '../../shared/i18n/format.js';
import { typedAmount } from '../machine/amounts.js';
import type { Machine } from '../machine/machine.js';
import type { Screen } from '../machine/state.js';
import { words } from '../words/words.js';
import { BackKey } from './keys.js';

type Props = { readonly machine: Machine; readonly screen: Screen & { kind: 'transfer-account' | 'transfer-amount' } };

export function TransferScreen({ machine, screen }: Props) {
  const { transfer } = words.value;
  const currency = machine.state.value.session?.account.currency ?? 'EUR';
  const isAccount = screen.kind === 'transfer-account';
  return (
    <>
      <h1>{transfer.title}</h1>
      {isAccount ? (
        <label class="field">
          {transfer.account}
          <input
            class="figures"
            value={screen.account}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => machine.dispatch({ kind: 'account-typed', account: currentTarget.value })}
            onKeyDown={({ key }) => key === 'Enter' && machine.dispatch({ kind: 'confirm' })}
          />
        </label>
      ) : (
        <>
          <p class="screen__hint">{transfer.amount(screen.account)}</p>
          <p class="typed figures" data-empty={screen.digits === ''}>
            {money(typedAmount(screen.digits), currency)}
          </p>
        </>
      )}
      {isAccount && screen.unknown && (
        <p class="screen__alert" role="alert">
          {transfer.unknown}
        </p>
      )}
      <div class="screen__foot">
        <BackKey machine={machine} />
        <button type="button" class="soft-key soft-key--main" onClick={() => machine.dispatch({ kind: 'confirm' })}>
          {isAccount ? transfer.next : transfer.confirm}
        </button>
      </div>
    </>
  );
}
