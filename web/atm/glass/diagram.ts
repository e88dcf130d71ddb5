import type { TrailBody, TrailStep } from '#contracts';
import type { CallRecord } from './call-log.js';

/** From left to right. */
export const LANES = ['screen', 'gateway', 'terminal', 'dispenser', 'account'] as const;
export type Lane = (typeof LANES)[number];

/** One line of the sequence diagram. */
export interface Row {
  readonly key: string;
  readonly from: Lane;
  readonly to: Lane;
  /** Names a sentence in the page's words. */
  readonly what: RowKind;
  /** Method and path of a call, with ids left out. */
  readonly call: string | null;
  /** ISO 8583 message type. */
  readonly mti: string | null;
  /** Who sent it and who has it, as far as known. */
  readonly by: string | null;
  readonly detail: string | null;
  readonly tone: 'plain' | 'message' | 'lost' | 'repeat' | 'waiting';
  /** Attempts that went the same way, one after the other. */
  readonly times: number;
  /** Both ways are drawn where the answer has come. */
  readonly answered: boolean;
}

/** What only the page knows of. */
export type PageRowKind = 'call' | 'lost-call';
export type RowKind = PageRowKind | TrailStep['kind'];

/** At most so many, newest last: a page that stays open for a day must not grow. */
const ROWS_MAX = 40;

/** ISO 8583 classes of the calls; those that only look have none. */
const MTI_OF_CALL: readonly (readonly [RegExp, string])[] = [
  [/^POST \/v1\/sessions$/, '0100'],
  [/^GET .*\/balance$/, '0100'],
  [/^PUT .*\/amount$/, '0100'],
  [/^POST .*\/deposits$/, '0220'],
  [/^POST .*\/transfers$/, '0200'],
];

/** What happened during the HTTP call that took the cash, so that it is drawn inside it whatever the clocks say. */
const WITHIN_CALL: ReadonlySet<TrailStep['kind']> = new Set([
  'authorised',
  'intended',
  'declined',
  'dispensed',
  'outcome',
]);

/** Calls of this screen and the trail of its withdrawal as lines, in the order in which they happened. */
export function diagramOf(calls: readonly CallRecord[], trail: TrailBody | null): Row[] {
  const rows: Row[] = [];
  const { before, within, after } = partsOf(trail?.steps ?? []);
  // A visit may have several withdrawals; the trail is of the last one.
  const selection = calls.findLast(isSelection);
  for (const call of calls) {
    if (/\/trail$/.test(call.path) || isPolling(call)) continue;
    rows.push(...rowsOfCall(call));
    if (call === selection) rows.push(...before);
    if (trail !== null && call.path.endsWith(`/${trail.withdrawal.withdrawalId}/amount`)) rows.push(...within);
  }
  return [...withSettlement(rows, after), ...waiting(trail)].slice(-ROWS_MAX);
}

/** The steps of a trail before, within and after the call that took the cash; that the withdrawal was selected is a call of its own. */
function partsOf(steps: readonly TrailStep[]) {
  const first = steps.findIndex(({ kind }) => WITHIN_CALL.has(kind));
  const isBefore = ({ kind }: TrailStep, at: number) => isOfBalance(kind) && (first === -1 || at < first);
  const before = steps.filter(isBefore);
  const within = steps.filter(({ kind }) => WITHIN_CALL.has(kind));
  const after = steps.filter(
    (step, at) => step.kind !== 'selected' && !WITHIN_CALL.has(step.kind) && !isBefore(step, at),
  );
  return { before: before.map(rowOfStep), within: within.map(rowOfStep), after: after.map(rowOfStep) };
}

const isSelection = ({ method, path }: CallRecord): boolean => method === 'POST' && path.endsWith('/withdrawals');

/** Leaves with the selection, by an express message that nobody waits for. */
const isOfBalance = (kind: TrailStep['kind']): boolean => kind.startsWith('balance-');

/** Reading the withdrawal again and again is not worth a line, unless an attempt was lost. */
const isPolling = ({ method, path, attempts }: CallRecord): boolean =>
  method === 'GET' && /^\/v1\/withdrawals\/[^/]+$/.test(path) && attempts.every(({ lost }) => lost === null);

/** What was followed after the amount; the new balance is asked for and the session ended after it. */
function withSettlement(rows: readonly Row[], after: readonly Row[]): Row[] {
  const amount = rows.findLastIndex(({ call }) => call?.endsWith('/amount') === true);
  const next = rows.findIndex(({ call }, at) => at > amount && /^DELETE|\/balance$/.test(call ?? ''));
  if (amount === -1 || next === -1) return [...rows, ...after];
  return [...rows.slice(0, next), ...after, ...rows.slice(next)];
}

function rowsOfCall({ callId, method, path, attempts }: CallRecord): Row[] {
  const call = `${method} ${path
    .replace(/\/v1/, '')
    .replaceAll(/\/[0-9a-f-]{36}/g, '/…')
    .replace(/\?.*/, '')}`;
  const mti = MTI_OF_CALL.find(([pattern]) => pattern.test(`${method} ${path}`))?.[1] ?? null;
  return attempts.flatMap(({ origin, lost, reply, milliseconds }, index): Row[] => {
    const base = { key: `${callId}-${index}`, from: 'screen', call, mti, detail: null, times: 1 } as const;
    if (lost !== null) {
      const alike = attempts.filter((one) => one.lost !== null && one.origin === origin);
      if (alike[0] !== attempts[index]) return [];
      const by = origin.replace(/^https?:\/\//, '');
      const times = alike.length;
      return [{ ...base, to: 'gateway', what: 'lost-call', by, times, tone: 'lost', answered: false }];
    }
    const by = reply === null ? origin : [...new Set([reply.gateway, reply.servedBy])].join(' → ');
    const detail = reply === null ? null : `${reply.status} · ${Math.round(milliseconds)} ms`;
    const to = reply?.servedBy.startsWith('gateway') === true ? 'gateway' : 'terminal';
    const tone = reply?.replayed === true ? 'repeat' : 'plain';
    return [{ ...base, to, what: 'call', by, detail, tone, answered: reply !== null }];
  });
}

const WAY_OF: Readonly<Record<TrailStep['kind'], readonly [Lane, Lane]>> = {
  selected: ['terminal', 'terminal'],
  'balance-asked': ['terminal', 'account'],
  'balance-asked-again': ['terminal', 'account'],
  'balance-served': ['account', 'account'],
  'balance-heard': ['account', 'terminal'],
  'balance-late': ['account', 'terminal'],
  'balance-unknown': ['terminal', 'terminal'],
  authorised: ['terminal', 'account'],
  intended: ['terminal', 'terminal'],
  declined: ['terminal', 'terminal'],
  dispensed: ['terminal', 'dispenser'],
  outcome: ['terminal', 'terminal'],
  sent: ['terminal', 'account'],
  'sent-again': ['terminal', 'account'],
  applied: ['account', 'account'],
  repeated: ['account', 'account'],
  posted: ['account', 'account'],
  answered: ['account', 'terminal'],
  'answered-late': ['account', 'terminal'],
  settled: ['terminal', 'terminal'],
};

function rowOfStep({ at, kind, replica, mti, detail }: TrailStep): Row {
  const [from, to] = WAY_OF[kind];
  return {
    key: `${kind}-${at}-${replica}-${detail}`,
    from,
    to,
    what: kind,
    call: null,
    mti,
    by: replica,
    detail,
    times: 1,
    tone: toneOf(kind),
    answered: kind === 'authorised' || kind === 'dispensed',
  };
}

function toneOf(kind: TrailStep['kind']): Row['tone'] {
  switch (kind) {
    case 'balance-asked-again':
    case 'balance-late':
    case 'sent-again':
    case 'repeated':
    case 'answered-late':
      return 'repeat';
    case 'balance-asked':
    case 'balance-heard':
    case 'sent':
    case 'answered':
      return 'message';
    case 'balance-unknown':
      return 'lost';
    case 'selected':
    case 'balance-served':
    case 'authorised':
    case 'intended':
    case 'declined':
    case 'dispensed':
    case 'outcome':
    case 'applied':
    case 'posted':
    case 'settled':
      return 'plain';
  }
}

/** An advice that has no answer yet is still on its way. */
function waiting(trail: TrailBody | null): Row[] {
  const { message } = trail ?? {};
  if (message === undefined || message === null || message.state === 'answered') return [];
  return [
    {
      key: 'waiting',
      from: 'terminal',
      to: 'account',
      what: 'sent-again',
      call: null,
      mti: message.mti,
      by: null,
      detail: message.attempts === null ? null : String(message.attempts),
      times: 1,
      tone: 'waiting',
      answered: false,
    },
  ];
}
