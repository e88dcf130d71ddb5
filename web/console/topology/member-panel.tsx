import { useSignal } from '@preact/signals';
import type { ClusterMember } from '#contracts';
import { number, percent } from '../../shared/i18n/format.js';
import type { MemberAction } from '../api/operator.js';
import type { Desk } from '../console-page.js';
import { cluster } from '../feed/live.js';
import { isProcess, processOf } from '../load/repair.js';
import { OutcomeLine } from '../panels/panel.js';
import { useAction } from '../use-action.js';
import { consoleWords } from '../words/words.js';

/** Named points of the money's way at which a replica can be made to fail (READMEs of the apps and of libs/messaging). */
const FAULT_POINTS: Readonly<Record<string, readonly string[]>> = {
  'atm-terminal': [
    'terminal.session-opened',
    'terminal.before-hold',
    'terminal.after-hold',
    'terminal.after-intent',
    'terminal.after-dispense',
    'terminal.after-outcome',
    'terminal.after-answer',
    'dispenser.outcome',
    'relay.before-add',
    'relay.after-add',
  ],
  account: [
    'account.before-hold',
    'account.after-hold',
    'account.before-post',
    'inbox.before-commit',
    'inbox.after-commit',
  ],
};

const FAULT_ACTIONS = ['kill', 'error', 'delay:3000'];
const DISPENSER_ACTIONS = ['part', 'none', 'unknown', 'retract'];

const LOAD_SHOWN = 6;

interface Props {
  readonly desk: Desk;
  readonly name: string | null;
  readonly onClose: () => void;
}

/** What a process is and what can be done to it. */
export function MemberPanel({ desk, name, onClose }: Props) {
  const words = consoleWords.value;
  const acting = useAction();
  const member = name === null ? null : memberNamed(name);
  if (member === null) return <p class="hint">{words.topology.choose(desk.isDemo)}</p>;
  const act = (action: MemberAction) =>
    acting.run(async () => {
      await desk.operator.act(processOf(member), action);
      return consoleWords.value.member.done[action](member.name);
    });
  const facts: [string, string][] = [
    [words.member.state, words.topology.state[member.state]],
    ...(member.pid === null ? [] : [[words.member.process, String(member.pid)] as [string, string]]),
    ...Object.entries(member.load)
      .slice(0, LOAD_SHOWN)
      .map(([what, value]): [string, string] => [
        words.member.load[what] ?? what,
        what === 'eventLoop' ? percent(value) : number(value, 2),
      ]),
  ];
  return (
    <div class="member" role="group" aria-label={member.name}>
      <div class="member__head">
        <h3>{member.name}</h3>
        <button class="button button--small" type="button" onClick={onClose}>
          {words.member.close}
        </button>
      </div>
      <dl class="facts">
        {facts.map(([what, value]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd class="figures">{value}</dd>
          </div>
        ))}
      </dl>
      {desk.isDemo && !isProcess(member) && <p class="hint">{words.member.noProcess}</p>}
      {desk.isDemo && isProcess(member) && (
        <div class="row">
          <button class="button button--bad" type="button" disabled={acting.isBusy.value} onClick={() => act('kill')}>
            {words.member.kill}
          </button>
          <button class="button" type="button" disabled={acting.isBusy.value} onClick={() => act('pause')}>
            {words.member.pause}
          </button>
          <button class="button" type="button" disabled={acting.isBusy.value} onClick={() => act('start')}>
            {words.member.start}
          </button>
        </div>
      )}
      {desk.isDemo && FAULT_POINTS[member.role] !== undefined && <Faults desk={desk} member={member} />}
      <OutcomeLine outcome={acting.outcome.value} />
    </div>
  );
}

function Faults({ desk, member }: { readonly desk: Desk; readonly member: ClusterMember }) {
  const words = consoleWords.value.member;
  const points = FAULT_POINTS[member.role] ?? [];
  const point = useSignal(points[0] ?? '');
  const action = useSignal(FAULT_ACTIONS[0] as string);
  const arming = useAction();
  const actions = point.value === 'dispenser.outcome' ? DISPENSER_ACTIONS : FAULT_ACTIONS;
  const chosen = actions.includes(action.value) ? action.value : (actions[0] as string);
  const arm = () =>
    arming.run(async () => {
      await desk.operator.arm({ replica: member.name, point: point.value, action: chosen, times: 1 });
      return consoleWords.value.member.armed(member.name, point.value);
    });
  return (
    <div class="row">
      <label>
        {words.fault}{' '}
        <select class="field" value={point.value} onChange={({ currentTarget }) => (point.value = currentTarget.value)}>
          {points.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label>
        {words.action}{' '}
        <select class="field" value={chosen} onChange={({ currentTarget }) => (action.value = currentTarget.value)}>
          {actions.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <button class="button" type="button" disabled={arming.isBusy.value} onClick={arm}>
        {words.arm}
      </button>
      <OutcomeLine outcome={arming.outcome.value} />
    </div>
  );
}

function memberNamed(name: string): ClusterMember | null {
  const { gateways = [], replicas = [], channels = [] } = cluster.value ?? {};
  return [...gateways, ...replicas, ...channels].find((member) => member.name === name) ?? null;
}
