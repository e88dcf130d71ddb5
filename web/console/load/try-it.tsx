import { money } from '../../shared/i18n/format.js';
import { inHand, type TakenCash } from '../api/bank.js';
import type { Desk } from '../console-page.js';
import { cluster } from '../feed/live.js';
import { bringEverythingBack } from './repair.js';
import { OutcomeLine } from '../panels/panel.js';
import { useAction } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { LOAD_MAX } from './load-generator.js';
import './try-it.css';

/** The first things to do: take cash, kill a replica, see that the money is all there. */
export function TryIt({ desk: { operator, load } }: { readonly desk: Desk }) {
  const words = consoleWords.value.start;
  const killing = useAction();
  const auditing = useAction();
  const kill = () =>
    killing.run(async () => {
      const victim = anyReplica();
      await operator.act(victim, 'kill');
      return consoleWords.value.start.killed(victim);
    });
  const repair = () =>
    killing.run(async () => {
      await bringEverythingBack(operator);
      return consoleWords.value.start.repaired;
    });
  const audit = () =>
    auditing.run(async () => {
      const { balanced, inFlight, checks } = await operator.audit();
      const violated = checks.filter(({ ok }) => !ok).map(({ name }) => name);
      if (!balanced) throw new Error(consoleWords.value.start.unbalanced(violated.join('; ')));
      return consoleWords.value.start.balanced(checks.length, inFlight);
    });
  return (
    <section class="card try-it" aria-labelledby="try-it">
      <h2 id="try-it">{words.heading}</h2>
      <div class="try-it__step">
        <button class="button button--main" type="button" onClick={() => void load.one()}>
          {words.takeCash}
        </button>
        <label class="slider">
          <span>
            {words.load}: <output>{words.perSecond(load.perSecond.value)}</output>
          </span>
          <input
            type="range"
            min={0}
            max={LOAD_MAX}
            value={load.perSecond.value}
            aria-valuetext={words.perSecond(load.perSecond.value)}
            onInput={({ currentTarget }) => load.setRate(Number(currentTarget.value))}
          />
        </label>
        <p class="try-it__said">
          {load.last.value !== null && <LastCash taken={load.last.value} />}
          <span class="hint">
            {words.taken(load.taken.value)}
            {load.refused.value > 0 && ` · ${words.refused(load.refused.value)}`}
          </span>
        </p>
      </div>
      <div class="try-it__step">
        <button class="button button--bad" type="button" disabled={killing.isBusy.value} onClick={kill}>
          {words.kill}
        </button>
        <button class="button" type="button" disabled={killing.isBusy.value} onClick={repair}>
          {words.repair}
        </button>
        <OutcomeLine outcome={killing.outcome.value} />
      </div>
      <div class="try-it__step">
        <button class="button" type="button" disabled={auditing.isBusy.value} onClick={audit}>
          {words.audit}
        </button>
        {auditing.isBusy.value ? <p>{words.auditing}</p> : <OutcomeLine outcome={auditing.outcome.value} />}
      </div>
    </section>
  );
}

function LastCash({ taken: { withdrawal, servedBy, milliseconds } }: { readonly taken: TakenCash }) {
  const words = consoleWords.value.start;
  const amount = inHand(withdrawal);
  const given = words.given(money(amount, withdrawal.currency), servedBy, Math.round(milliseconds));
  return <span>{amount > 0 ? given : words.declined(withdrawal.responseCode ?? '')}</span>;
}

/** Somebody who is up and is not the last one of its kind. */
function anyReplica(): string {
  const up = cluster.value?.replicas.filter(({ state }) => state === 'up') ?? [];
  const spare = up.filter(({ broker }) => up.filter((other) => other.broker === broker).length > 1);
  const candidates = spare.length > 0 ? spare : up;
  const victim = candidates[Math.floor(Math.random() * candidates.length)];
  if (victim === undefined) throw new Error(consoleWords.value.start.nobody);
  return victim.name;
}
