import type { Judgement } from '../audit/invariants.js';
import type { Verdict } from '../audit/invariant.js';
import { cashOf, ofKind, type Operation } from '../load/operation.js';
import type { InjectedFault } from '../run-faults.js';
import { type Episode, episodesOf, recoveryMs } from './recovery.js';

/** The protection that the bank was built without. */
export interface Mutant {
  readonly name: string;
  /** In words. */
  readonly lacks: string;
}

/** What a run was asked to do and what came of it; all that the text, the JSON and the page are made from. */
export interface Run {
  readonly seed: number;
  readonly minutes: number;
  readonly target: string;
  readonly sabotage: Mutant | null;
  /** The command that replays it. */
  readonly replay: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly operations: readonly Operation[];
  readonly faults: readonly InjectedFault[];
  readonly judgements: readonly Judgement[];
  readonly duplicatesAbsorbed: number;
  readonly failovers: number;
  /** Accounts whose history the linearizability check has judged, and those where its budget was too small. */
  readonly histories: { readonly checked: number; readonly undecided: number };
}

/** A kind of fault, over all its injections. */
export interface FaultSummary {
  readonly kind: string;
  /** How often it struck. */
  readonly injected: number;
  readonly worstRecoveryMs: number;
  /** Operations under way during such a fault whose outcome was not known from their first answer. */
  readonly failed: number;
}

/** One second of the run. */
export interface Second {
  readonly calls: number;
  readonly failed: number;
  readonly slowestMs: number;
}

export interface Report {
  readonly seed: number;
  readonly minutes: number;
  readonly target: string;
  /** With the invariants that noticed it; none is a failure of the audit. */
  readonly sabotage: (Mutant & { readonly caughtBy: readonly string[] }) | null;
  readonly replay: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly operations: {
    readonly total: number;
    readonly ok: number;
    readonly refused: number;
    readonly unknown: number;
  };
  /** Refusals in the bank's words, the most frequent first. */
  readonly refusals: readonly { readonly what: string; readonly times: number }[];
  readonly calls: {
    readonly total: number;
    /** Calls that no gateway answered in time, or that the bank refused for its own inability. */
    readonly failed: number;
    /** Attempts at a gateway that gave no answer; the client went on to the next one by itself. */
    readonly movedOn: number;
    /** Answers that were the stored ones of an earlier attempt. */
    readonly replayed: number;
    readonly medianMs: number;
    readonly p99Ms: number;
    readonly slowestMs: number;
  };
  /** Minor units in the customers' hands, and withdrawals by how they were authorised. */
  readonly cash: { readonly amount: number; readonly byHost: number; readonly byStandIn: number };
  readonly duplicatesAbsorbed: number;
  readonly failovers: number;
  readonly histories: Run['histories'];
  readonly kinds: readonly FaultSummary[];
  readonly faults: readonly (Omit<InjectedFault, 'deed'> & {
    readonly what: string;
    readonly recoveryMs: number;
  })[];
  readonly invariants: readonly Judgement[];
  readonly seconds: readonly Second[];
}

export function reportOf(run: Run): Report {
  const { operations, faults, judgements } = run;
  const episodes = episodesOf(operations);
  const verdicts = { lost: 0, doubled: 0, unexplained: 0 };
  for (const { verdict } of judgements.flatMap(({ findings }) => findings)) verdicts[verdict] += 1;
  const { seed, minutes, target, sabotage, replay, durationMs, duplicatesAbsorbed, failovers, histories } = run;
  const outcomes = (outcome: Operation['outcome']) => operations.filter((one) => one.outcome === outcome).length;
  return {
    ...{ seed, minutes, target, replay, startedAt: run.startedAt.toISOString(), durationMs },
    sabotage: sabotage && {
      ...sabotage,
      caughtBy: judgements.filter(({ findings }) => findings.length > 0).map(({ invariant }) => invariant),
    },
    ok: judgements.every(({ findings }) => findings.length === 0) && faults.every(({ error }) => error === null),
    verdicts,
    operations: {
      total: operations.length,
      ok: outcomes('ok'),
      refused: outcomes('refused'),
      unknown: outcomes('unknown'),
    },
    refusals: refusalsOf(operations),
    calls: callsOf(operations),
    cash: cashIn(operations),
    ...{ duplicatesAbsorbed, failovers, histories },
    kinds: kindsOf(faults, episodes, operations),
    faults: faults.map(({ deed, ...fault }) => ({
      ...fault,
      what: inWords(deed),
      recoveryMs: recoveryMs(episodes, spanOf(fault)),
    })),
    invariants: judgements,
    seconds: secondsOf(operations, durationMs),
  };
}

const REFUSALS_MAX = 10;

const spanOf = ({ beganAtMs, healedAtMs }: Pick<InjectedFault, 'beganAtMs' | 'healedAtMs'>): Episode => ({
  beganAtMs,
  endedAtMs: healedAtMs,
});

const hasFailed = (status: number | null): boolean => status === null || status >= 500;

function inWords(deed: InjectedFault['deed']): string {
  if (deed.do === 'arm') return `${deed.action} at ${deed.point}, ${deed.times}×`;
  return deed.do === 'delay' ? `delay of ${deed.milliseconds} ms` : deed.do;
}

function callsOf(operations: readonly Operation[]): Report['calls'] {
  const calls = operations.flatMap((operation) => operation.calls);
  const times = calls.map(({ beganAtMs, endedAtMs }) => endedAtMs - beganAtMs).sort((one, other) => one - other);
  const quantile = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return {
    total: calls.length,
    failed: calls.filter(({ status }) => hasFailed(status)).length,
    movedOn: calls.reduce((sum, { retries }) => sum + retries, 0),
    replayed: calls.filter(({ replayed }) => replayed).length,
    medianMs: quantile(0.5),
    p99Ms: quantile(0.99),
    slowestMs: Math.round(times.at(-1) ?? 0),
  };
}

function refusalsOf(operations: readonly Operation[]): Report['refusals'] {
  const times = new Map<string, number>();
  for (const { kind, outcome, refusal } of operations) {
    if (outcome === 'refused') times.set(`${kind}: ${refusal}`, (times.get(`${kind}: ${refusal}`) ?? 0) + 1);
  }
  return [...times]
    .map(([what, count]) => ({ what, times: count }))
    .sort((one, other) => other.times - one.times)
    .slice(0, REFUSALS_MAX);
}

function cashIn(operations: readonly Operation[]): Report['cash'] {
  const given = ofKind(operations, 'withdrawal').filter(({ withdrawal }) => cashOf(withdrawal) > 0);
  const by = (authorisation: 'host' | 'stand-in') =>
    given.filter(({ withdrawal }) => withdrawal?.authorisation === authorisation).length;
  return {
    amount: given.reduce((sum, { withdrawal }) => sum + cashOf(withdrawal), 0),
    byHost: by('host'),
    byStandIn: by('stand-in'),
  };
}

function kindsOf(
  faults: readonly InjectedFault[],
  episodes: readonly Episode[],
  operations: readonly Operation[],
): FaultSummary[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const injected = faults.filter((fault) => fault.kind === kind && fault.error === null && !fault.missed);
    const during = ({ invokedAtMs, completedAtMs }: Operation) =>
      injected.some(({ beganAtMs, healedAtMs }) => invokedAtMs <= healedAtMs && completedAtMs >= beganAtMs);
    return {
      kind,
      injected: injected.length,
      worstRecoveryMs: Math.round(Math.max(0, ...injected.map((fault) => recoveryMs(episodes, spanOf(fault))))),
      failed: operations.filter((one) => during(one) && one.calls.some(({ status }) => hasFailed(status))).length,
    };
  });
}

function secondsOf(operations: readonly Operation[], durationMs: number): Second[] {
  const seconds = Array.from({ length: Math.ceil(durationMs / 1_000) }, () => ({ calls: 0, failed: 0, slowestMs: 0 }));
  for (const { beganAtMs, endedAtMs, status } of operations.flatMap(({ calls }) => calls)) {
    const second = seconds[Math.floor(endedAtMs / 1_000)];
    if (second === undefined) continue;
    second.calls += 1;
    if (hasFailed(status)) second.failed += 1;
    second.slowestMs = Math.max(second.slowestMs, Math.round(endedAtMs - beganAtMs));
  }
  return seconds;
}
