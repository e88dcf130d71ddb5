import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { RouteBody } from '#contracts';
import type { Operator } from '../api/operator.js';
import { cluster } from '../feed/live.js';
import { useAction } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { channelsOf, faultsOf, type RouteFault } from './check-routes.js';
import { OutcomeLine, Panel } from './panel.js';

const EMPTY: RouteBody = { at: 'terminal', service: '', broker: null, channels: [] };

/** The route tables of all broker instances as one. What is changed here counts only once it is saved and confirmed. */
export function Routes({ operator }: { readonly operator: Operator }) {
  const words = consoleWords.value.routes;
  const routes = useSignal<readonly RouteBody[] | null>(null);
  const isChanged = useSignal(false);
  const saving = useAction();
  const confirmation = useRef<HTMLDialogElement>(null);
  const read = () => {
    void operator.routes().then(
      (found) => {
        routes.value = found.routes;
        isChanged.value = false;
      },
      () => undefined,
    );
  };
  useEffect(read, []);
  const table = routes.value ?? [];
  const faults = faultsOf(table, cluster.value);
  const change = (place: number, changes: Partial<RouteBody>) =>
    edit(table.map((one, at) => (at === place ? { ...one, ...changes } : one)));
  const edit = (changed: readonly RouteBody[]) => {
    routes.value = changed;
    isChanged.value = true;
  };
  const save = () => {
    confirmation.current?.close();
    saving.run(async () => {
      routes.value = (await operator.replaceRoutes({ routes: [...table] })).routes;
      isChanged.value = false;
      return consoleWords.value.routes.saved;
    });
  };
  return (
    <Panel id="routes" heading={words.heading}>
      {table.length === 0 && <p class="hint">{words.none}</p>}
      <ul class="routes">
        {table.map((route, place) => (
          <RouteFields
            key={place}
            route={route}
            fault={faults.get(place)}
            onChange={(changes) => change(place, changes)}
            onRemove={() => edit(table.filter((_one, at) => at !== place))}
          />
        ))}
      </ul>
      <div class="row">
        <button class="button button--small" type="button" onClick={() => edit([...table, EMPTY])}>
          {words.add}
        </button>
        <button
          class="button button--small button--main"
          type="button"
          disabled={!isChanged.value || faults.size > 0 || saving.isBusy.value}
          onClick={() => confirmation.current?.showModal()}
        >
          {words.save}
        </button>
        {isChanged.value && (
          <button class="button button--small" type="button" onClick={read}>
            {words.reset}
          </button>
        )}
      </div>
      <OutcomeLine outcome={saving.outcome.value} />
      <dialog ref={confirmation} aria-label={words.heading}>
        <p>{words.confirm(table.length)}</p>
        <div class="row">
          <button class="button button--main" type="button" onClick={save}>
            {words.replace}
          </button>
          <button class="button" type="button" onClick={() => confirmation.current?.close()}>
            {words.cancel}
          </button>
        </div>
      </dialog>
    </Panel>
  );
}

interface FieldsProps {
  readonly route: RouteBody;
  readonly fault: RouteFault | undefined;
  readonly onChange: (changes: Partial<RouteBody>) => void;
  readonly onRemove: () => void;
}

function RouteFields({ route, fault, onChange, onRemove }: FieldsProps) {
  const words = consoleWords.value.routes;
  const field = (label: string, value: string, take: (text: string) => Partial<RouteBody>, placeholder = '') => (
    <label>
      {label}
      <input
        class="field"
        value={value}
        placeholder={placeholder}
        aria-invalid={fault !== undefined}
        onChange={({ currentTarget }) => onChange(take(currentTarget.value.trim()))}
      />
    </label>
  );
  return (
    <li>
      {field(words.at, route.at, (at) => ({ at }))}
      {field(words.service, route.service, (service) => ({ service }))}
      {field(
        words.broker,
        route.broker ?? '',
        (broker) => ({ broker: broker === '' ? null : broker }),
        words.anyBroker,
      )}
      {field(words.channels, route.channels.join(', '), (text) => ({ channels: channelsOf(text) }), words.allChannels)}
      <button class="button button--small" type="button" aria-label={words.remove(route.service)} onClick={onRemove}>
        <span aria-hidden="true">✕</span>
      </button>
      {fault !== undefined && (
        <p class="refusal" role="alert">
          {words.invalid[fault]}
        </p>
      )}
    </li>
  );
}
