import { useSignal } from '@preact/signals';
import { money } from '../../shared/i18n/format.js';
import type { Desk } from '../console-page.js';
import { cluster, traffic } from '../feed/live.js';
import { isProcess } from '../load/repair.js';
import { OutcomeLine } from '../panels/panel.js';
import { useAction } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { runScenario, SCENARIOS, type ScenarioName, type Step, type Told } from './scenario.js';
import './scenarios.css';

const CURRENCY = 'EUR';

interface Run {
  readonly name: ScenarioName;
  readonly steps: readonly Step[];
  readonly ok: boolean | null;
}

/** Stories that happen for real, each with expected against observed. One at a time, since each breaks what the others stand on. */
export function Scenarios({ desk: { operator, customers } }: { readonly desk: Desk }) {
  const words = consoleWords.value.scenarios;
  const run = useSignal<Run | null>(null);
  const playing = useAction();
  const play = (name: ScenarioName) =>
    playing.run(async () => {
      run.value = { name, steps: [], ok: null };
      const tell = (step: Step) => {
        if (run.value !== null) run.value = { ...run.value, steps: [...run.value.steps, step] };
      };
      const duplicates = () => traffic.value?.duplicatesAbsorbed ?? 0;
      const format = (minor: number) => money(minor, CURRENCY);
      const ok = await runScenario(name, { operator, customers, duplicates, format, tell });
      run.value = { ...run.value, ok };
      const { titles, passed, failed } = consoleWords.value.scenarios;
      return `${titles[name]}: ${ok ? passed : failed}`;
    });
  const hasQueueServers = cluster.value?.channels.some(isProcess) ?? true;
  const isPossible = (name: ScenarioName) => name !== 'lost-channel' || hasQueueServers;
  return (
    <section class="card scenarios" aria-labelledby="scenarios">
      <h2 id="scenarios">{words.heading}</h2>
      <p class="hint">{words.intro}</p>
      <ul class="scenarios__list">
        {SCENARIOS.map((name) => (
          <li key={name}>
            <h3>{words.titles[name]}</h3>
            <p>{isPossible(name) ? words.about[name] : words.notHere}</p>
            <button
              class="button"
              type="button"
              aria-label={`${words.run}: ${words.titles[name]}`}
              disabled={playing.isBusy.value || !isPossible(name)}
              onClick={() => play(name)}
            >
              {playing.isBusy.value && run.value?.name === name ? words.running : words.run}
            </button>
          </li>
        ))}
      </ul>
      {run.value !== null && <Report run={run.value} />}
      <OutcomeLine outcome={playing.outcome.value} />
    </section>
  );
}

function Report({ run: { name, steps, ok } }: { readonly run: Run }) {
  const words = consoleWords.value.scenarios;
  return (
    <div class="report" data-scenario={name} data-ok={ok === null ? '' : String(ok)}>
      <div class="scroll" tabIndex={0} role="group" aria-label={words.titles[name]}>
        <table>
          <caption>{words.titles[name]}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">{words.expected}</th>
              <th scope="col">{words.observed}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step.name} data-step={step.name} data-ok={step.ok}>
                <th scope="row">{words.steps[step.name]}</th>
                <td>{told(words.expectations, step.expected)}</td>
                <td>{told(words.observations, step.observed)}</td>
                <td class={step.ok ? 'mark' : 'mark mark--bad'}>
                  <span aria-hidden="true">{step.ok ? '✓' : '✗'}</span>
                  <span class="visually-hidden">{step.ok ? words.passed : words.failed}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** A sentence of the catalog with its values. */
function told(sentences: object, [key, ...values]: Told): string {
  const sentence = (sentences as Record<string, string | ((...values: (string | number)[]) => string)>)[key];
  return typeof sentence === 'function' ? sentence(...values) : (sentence ?? key);
}
