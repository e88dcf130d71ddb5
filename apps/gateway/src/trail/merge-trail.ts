import type { HostTrail, MessageTrail, TerminalTrail, TrailBody, TrailStep } from '#contracts';

/** What one replica has said of the message; null where it did not answer. */
export interface HeardOfMessage {
  readonly replica: string;
  readonly answer: MessageTrail | null;
}

const STEPS_MAX = 64;

/** ISO 8583 message types: authorisation, completion advice, reversal advice, each with its answer. */
const AUTHORISATION_ANSWER = '0110';
const ADVICE = { request: '0220', answer: '0230' };
const REVERSAL = { request: '0420', answer: '0430' };

/** Puts together what the terminal, the host and all replicas know of a withdrawal. */
export function mergeTrail(
  terminal: TerminalTrail,
  host: HostTrail | null,
  heard: readonly HeardOfMessage[],
): TrailBody {
  const { withdrawal, accountId, broker, message } = terminal;
  const mtis = message?.type === 'reversal-advice' ? REVERSAL : ADVICE;
  const seen = heard.flatMap(({ replica, answer }) => (answer?.sightings ?? []).map((one) => sighted(one, replica)));
  // The terminal's record of the authorisation names the replica; the host's own is for withdrawals that got no further.
  const known = new Set(terminal.steps.map(({ kind }) => kind));
  const decided = (host?.steps ?? []).filter(({ kind }) => kind !== 'authorised' || !known.has(kind));
  const steps = [...terminal.steps, ...decided, ...seen].map((step) => ({ ...step, mti: mtiOf(step, mtis) }));
  const unheard = heard.filter(({ answer }) => answer === null).map(({ replica }) => replica);
  return {
    withdrawal,
    accountId,
    broker,
    steps: steps.sort(byTime).slice(0, STEPS_MAX),
    message: message === null ? null : { ...message, mti: mtis.request, ...standingOf(terminal, heard) },
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

function sighted({ at, kind, attempt }: MessageTrail['sightings'][number], replica: string): TrailStep {
  return { at, kind, replica, mti: null, detail: attempt === null ? null : String(attempt) };
}

function mtiOf({ kind }: TrailStep, mtis: { readonly request: string; readonly answer: string }): string | null {
  switch (kind) {
    case 'authorised':
      return AUTHORISATION_ANSWER;
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
