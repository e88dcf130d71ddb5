import type { HostTrail, MessageTrail, TerminalTrail, TrailBody, TrailStep } from '#contracts';

/** What one replica has said of the message; null where it did not answer. */
export interface HeardOfMessage {
  readonly replica: string;
  readonly answer: MessageTrail | null;
}

const STEPS_MAX = 64;

/** ISO 8583 message types: authorisation and balance inquiry, completion advice, reversal advice, each with its answer. */
const INQUIRY = { request: '0100', answer: '0110' };
const ADVICE = { request: '0220', answer: '0230' };
const REVERSAL = { request: '0420', answer: '0430' };

/** What is known of a withdrawal, and by whom. */
export interface Known {
  readonly terminal: TerminalTrail;
  readonly host: HostTrail | null;
  /** Of its two messages, from every replica. */
  readonly balance: readonly HeardOfMessage[];
  readonly advice: readonly HeardOfMessage[];
}

/** Puts together what the terminal, the host and all replicas know of a withdrawal. */
export function mergeTrail({ terminal, host, balance, advice }: Known): TrailBody {
  const { withdrawal, accountId, broker, message } = terminal;
  const mtis = message?.type === 'reversal-advice' ? REVERSAL : ADVICE;
  const seen = [
    ...balance.flatMap((heard) => sightedBy(heard, BALANCE_STEP_OF)),
    ...advice.flatMap((heard) => sightedBy(heard, ADVICE_STEP_OF)),
  ];
  // The terminal's record of the authorisation names the replica; the host's own is for withdrawals that got no further.
  const known = new Set(terminal.steps.map(({ kind }) => kind));
  const decided = (host?.steps ?? []).filter(({ kind }) => kind !== 'authorised' || !known.has(kind));
  const steps = [...terminal.steps, ...decided, ...seen].map((step) => ({ ...step, mti: mtiOf(step, mtis) }));
  const silent = [...balance, ...advice].filter(({ answer }) => answer === null);
  const unheard = [...new Set(silent.map(({ replica }) => replica))];
  return {
    withdrawal,
    accountId,
    broker,
    steps: steps.sort(byTime).slice(0, STEPS_MAX),
    message: message === null ? null : { ...message, mti: mtis.request, ...standingOf(terminal, advice) },
    unheard: host === null ? [...unheard, broker] : unheard,
  };
}

function standingOf({ withdrawal }: TerminalTrail, heard: readonly HeardOfMessage[]) {
  const waiting = heard.flatMap(({ answer }) => answer?.waiting ?? []);
  const atTarget = waiting.find(({ state }) => state !== 'queued');
  const queued = waiting.find(({ state }) => state === 'queued');
  const sendings = heard.flatMap(({ answer }) => (answer?.sightings ?? []).map(({ attempt }) => attempt ?? 0));
  const attempts = Math.max(queued?.attempts ?? 0, ...sendings);
  return {
    state: withdrawal.settledAt === null ? (atTarget?.state ?? ('queued' as const)) : ('answered' as const),
    attempts: attempts === 0 ? null : attempts,
    nextAttemptAt: (atTarget ?? queued)?.nextAttemptAt ?? null,
  };
}

type StepOfSighting = Readonly<Partial<Record<MessageTrail['sightings'][number]['kind'], TrailStep['kind']>>>;

const BALANCE_STEP_OF: StepOfSighting = {
  sent: 'balance-asked',
  'sent-again': 'balance-asked-again',
  served: 'balance-served',
  answered: 'balance-heard',
  'answered-late': 'balance-late',
};

const ADVICE_STEP_OF: StepOfSighting = {
  sent: 'sent',
  'sent-again': 'sent-again',
  applied: 'applied',
  repeated: 'repeated',
  answered: 'answered',
  'answered-late': 'answered-late',
};

function sightedBy({ replica, answer }: HeardOfMessage, steps: StepOfSighting): TrailStep[] {
  return (answer?.sightings ?? []).flatMap(({ at, kind: sighting, attempt }) => {
    const kind = steps[sighting];
    return kind === undefined
      ? []
      : [{ at, kind, replica, mti: null, detail: attempt === null ? null : String(attempt) }];
  });
}

function mtiOf({ kind }: TrailStep, mtis: { readonly request: string; readonly answer: string }): string | null {
  switch (kind) {
    case 'balance-asked':
    case 'balance-asked-again':
      return INQUIRY.request;
    case 'balance-served':
    case 'balance-heard':
    case 'balance-late':
    case 'authorised':
      return INQUIRY.answer;
    case 'sent':
    case 'sent-again':
    case 'applied':
    case 'repeated':
    case 'posted':
      return mtis.request;
    case 'answered':
    case 'answered-late':
    case 'settled':
      return mtis.answer;
    case 'selected':
    case 'balance-unknown':
    case 'intended':
    case 'declined':
    case 'dispensed':
    case 'outcome':
      return null;
  }
}

/** What happened in the same millisecond stays in the order in which it must have happened. */
const ORDER: readonly TrailStep['kind'][] = [
  'selected',
  'balance-asked',
  'balance-asked-again',
  'balance-served',
  'balance-heard',
  'balance-late',
  'balance-unknown',
  'authorised',
  'intended',
  'declined',
  'dispensed',
  'outcome',
  'sent',
  'sent-again',
  'posted',
  'applied',
  'repeated',
  'settled',
  'answered',
  'answered-late',
];

function byTime(one: TrailStep, other: TrailStep): number {
  return Date.parse(one.at) - Date.parse(other.at) || ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
}
