import { useSignal } from '@preact/signals';
import { number, plainAmount } from '../../shared/i18n/format.js';
import { DEMO_TERMINALS } from '../../shared/demo.js';
import type { Operator } from '../api/operator.js';
import { useAction, usePolled } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { OutcomeLine, Panel } from './panel.js';

const POLL_MS = 3_000;

/** What is left in a terminal, note by note. */
export function Cassettes({ operator }: { readonly operator: Operator }) {
  const words = consoleWords.value.cassettes;
  const terminal = useSignal(DEMO_TERMINALS[0] as string);
  const filling = useAction();
  const { answer, refresh } = usePolled(() => operator.terminal(terminal.value), POLL_MS, terminal.value);
  const shown = answer.value?.terminalId === terminal.value ? answer.value : null;
  const fill = () =>
    filling.run(async () => {
      await operator.replenish(terminal.value);
      refresh();
      return consoleWords.value.cassettes.filled(terminal.value);
    });
  return (
    <Panel id="cassettes" heading={words.heading}>
      <div class="row">
        <label>
          {words.terminal}{' '}
          <input
            class="field field--short"
            list="terminals"
            value={terminal.value}
            onChange={({ currentTarget }) => (terminal.value = currentTarget.value)}
          />
        </label>
        <datalist id="terminals">
          {DEMO_TERMINALS.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <button class="button button--small" type="button" disabled={filling.isBusy.value} onClick={fill}>
          {words.replenish}
        </button>
      </div>
      <ul class="cassettes">
        {shown?.cassettes.map(({ denomination, remaining, capacity }) => (
          <li key={denomination}>
            <strong class="figures">{plainAmount(denomination)}</strong>
            <meter
              min={0}
              max={capacity}
              low={capacity * 0.1}
              value={remaining}
              aria-label={`${plainAmount(denomination)}: ${words.notes(number(remaining), number(capacity))}`}
            />
            <span class="hint figures">{words.notes(number(remaining), number(capacity))}</span>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <p class="hint">
          {words.businessDate} {shown.businessDate} · {words.openCases}: {shown.openCases}
        </p>
      )}
      <OutcomeLine outcome={filling.outcome.value} />
    </Panel>
  );
}
