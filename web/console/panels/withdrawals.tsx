import { useSignal } from '@preact/signals';
import type { OperatorWithdrawals, TrailBody } from '#contracts';
import { money, timeOfDay } from '../../shared/i18n/format.js';
import { trailDetail, trailStep, trailWords } from '../../shared/i18n/trail.js';
import type { Operator } from '../api/operator.js';
import { usePolled } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { Panel } from './panel.js';

const POLL_MS = 2_000;
const SHOWN = 12;

type Withdrawal = OperatorWithdrawals['withdrawals'][number];

/** The withdrawals that moved last; each can show its way across the replicas. */
export function Withdrawals({ operator }: { readonly operator: Operator }) {
  const words = consoleWords.value.withdrawals;
  const chosen = useSignal<string | null>(null);
  const { answer } = usePolled(() => operator.withdrawals(SHOWN), POLL_MS);
  const withdrawals = answer.value?.withdrawals ?? [];
  return (
    <Panel id="withdrawals" heading={words.heading} wide>
      {withdrawals.length === 0 ? (
        <p class="hint">{words.none}</p>
      ) : (
        <div class="withdrawals">
          <div class="scroll" tabIndex={0} role="group" aria-labelledby="withdrawals">
            <table>
              <thead>
                <tr>
                  <th scope="col">{words.time}</th>
                  <th scope="col">{words.reference}</th>
                  <th scope="col">{words.account}</th>
                  <th scope="col">{words.amount}</th>
                  <th scope="col">{words.state}</th>
                </tr>
              </thead>
              <tbody>
                {withdrawals.map((one) => (
                  <Row
                    key={one.withdrawalId}
                    withdrawal={one}
                    chosen={chosen.value}
                    onChoose={(id) => (chosen.value = id)}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {chosen.value !== null && <Way operator={operator} withdrawalId={chosen.value} />}
        </div>
      )}
    </Panel>
  );
}

interface RowProps {
  readonly withdrawal: Withdrawal;
  readonly chosen: string | null;
  readonly onChoose: (withdrawalId: string) => void;
}

function Row({ withdrawal, chosen, onChoose }: RowProps) {
  const { withdrawalId, createdAt, rrn, accountId, amount, currency, state } = withdrawal;
  const isChosen = chosen === withdrawalId;
  return (
    <tr class={isChosen ? 'is-chosen' : ''}>
      <td class="figures">{timeOfDay(createdAt)}</td>
      <td>
        <button
          class="link figures"
          type="button"
          aria-label={consoleWords.value.withdrawals.show(rrn)}
          aria-pressed={isChosen}
          onClick={() => onChoose(withdrawalId)}
        >
          {rrn}
        </button>
      </td>
      <td>{accountId}</td>
      <td class="figures">{amount === null ? '–' : money(amount, currency)}</td>
      <td>
        <span class={`state state--${state}`}>{trailWords.value.states[state]}</span>
      </td>
    </tr>
  );
}

function Way({ operator, withdrawalId }: { readonly operator: Operator; readonly withdrawalId: string }) {
  const words = consoleWords.value.withdrawals;
  const { answer } = usePolled(() => operator.trail(withdrawalId), POLL_MS, withdrawalId);
  const trail = answer.value;
  if (trail?.withdrawal.withdrawalId !== withdrawalId) return null;
  return (
    <div class="trail">
      <h3>
        {words.steps} · {trail.accountId} · {trail.broker}
      </h3>
      <ol>
        {trail.steps.map((step, at) => (
          <li key={at}>
            <span class="figures">{sinceFirst(trail, step.at)}</span>
            <span>
              <strong>{trailStep(step)}</strong> {step.mti !== null && <span class="mti figures">{step.mti}</span>}{' '}
              {step.replica !== null && `${words.by} ${step.replica}`}{' '}
              {step.detail !== null && <span class="hint">{trailDetail(step)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Milliseconds after the first step. */
function sinceFirst({ steps }: TrailBody, at: string): string {
  const first = steps[0]?.at ?? at;
  return `+${Date.parse(at) - Date.parse(first)} ms`;
}
