import { HEADER } from '#contracts';
import type { RunClock } from '../load/ask.js';
import type { Target } from '../target/target.js';
import { type Probed, Probes } from './probes.js';
import { untilMirrored } from './until-mirrored.js';

/** What is killed, and what is measured then. */
interface Failure {
  readonly what: string;
  /** Issue of the design: the worst of all rounds must stay below, milliseconds. */
  readonly limitMs: number;
  readonly measure: 'added-latency' | 'added-settlement' | 'writes-again';
  /** Gateways that the ATMs know; all of them where it is not given. */
  readonly known?: (target: Target) => readonly string[];
  readonly victim: (target: Target, round: number) => Promise<string>;
  readonly possible: (target: Target) => boolean;
}

/** One failure, over all its rounds. */
export interface FailoverTime {
  readonly what: string;
  readonly measure: Failure['measure'];
  readonly limitMs: number;
  readonly roundsMs: readonly number[];
  /** Withdrawals that were refused or not answered, over all rounds. */
  readonly failedCalls: number;
}

const inTurn = (names: readonly string[], round: number): string => names[round % names.length] ?? '';
const always = () => true;

const FAILURES: readonly Failure[] = [
  {
    ...{ what: 'account replica killed', limitMs: 1_000, measure: 'added-latency', possible: always },
    victim: async ({ shape }, round) => inTurn(shape.accounts, round),
  },
  {
    ...{ what: 'atm-terminal replica killed', limitMs: 1_000, measure: 'added-latency', possible: always },
    victim: async ({ shape }, round) => inTurn(shape.terminals, round),
  },
  {
    ...{ what: 'gateway killed', limitMs: 1_000, measure: 'added-latency', possible: always },
    victim: async ({ shape }, round) => inTurn(shape.gateways, round),
  },
  {
    ...{ what: 'gateway killed, one address', limitMs: 1_000, measure: 'added-latency' },
    possible: ({ address }) => address !== null,
    known: ({ address }) => (address === null ? [] : [address]),
    victim: whoHasTheAddress,
  },
  {
    ...{ what: 'active channel killed', limitMs: 1_000, measure: 'added-settlement' },
    possible: ({ shape }) => shape.channels.length > 1,
    victim: async ({ shape }) => shape.channels[0] ?? '',
  },
  {
    ...{ what: 'database primary killed', limitMs: 10_000, measure: 'writes-again' },
    possible: ({ shape }) => shape.capabilities.includes('standby'),
    victim: async (target) => {
      await untilMirrored(target);
      return target.primary();
    },
  },
];

/** The gateway that answers at the shared address. */
async function whoHasTheAddress({ address, shape }: Target): Promise<string> {
  const answer = await fetch(`${address}/health/ready`, { headers: { connection: 'close' } });
  const name = answer.headers.get(HEADER.gateway);
  return shape.gateways.find((gateway) => gateway === name) ?? shape.gateways[0] ?? '';
}

const PROBES = 4;

/** What is usual is taken from the time before the kill; what it costs, from the time after, milliseconds. */
const BEFORE_MS = 1_000;
const AFTER_MS = 1_500;
/** Between two rounds: for gateways to see that the victim is back, and for channels to be used again. */
const REST_MS = 1_500;

export interface Choice {
  /** What is killed; everything that may fail where nothing is named. */
  readonly only?: readonly string[];
  /** Ends it before the next round. */
  readonly signal?: AbortSignal;
}

/** Kills everything that was chosen `rounds` times each under the load of a few cash machines. Rejects where the signal has ended it. */
export async function measureFailovers(
  target: Target,
  rounds: number,
  report: (line: string) => void,
  { only = [], signal }: Choice = {},
): Promise<FailoverTime[]> {
  const zero = performance.now();
  const clock = () => performance.now() - zero;
  const times: FailoverTime[] = [];
  const measured = chosenOf(
    FAILURES.filter((one) => one.possible(target)),
    only,
  );
  for (const failure of measured) {
    const probes = new Probes(failure.known?.(target) ?? target.gatewayUrls, PROBES, clock);
    probes.start();
    try {
      const time = await measureOne(failure, { target, probes, clock, rounds, signal });
      report(`${time.what}: ${time.roundsMs.map((one) => `${Math.round(one)} ms`).join(', ')}`);
      times.push(time);
    } finally {
      await probes.stop();
    }
  }
  return times;
}

function chosenOf(possible: readonly Failure[], only: readonly string[]): readonly Failure[] {
  const unknown = only.find((what) => !possible.some((one) => one.what === what));
  if (unknown !== undefined) throw new RangeError(`here there is nothing to be measured that is called ${unknown}`);
  return only.length === 0 ? possible : possible.filter(({ what }) => only.includes(what));
}

interface Measuring {
  readonly target: Target;
  readonly probes: Probes;
  readonly clock: RunClock;
  readonly rounds: number;
  readonly signal: AbortSignal | undefined;
}

async function measureOne(
  failure: Failure,
  { target, probes, clock, rounds, signal }: Measuring,
): Promise<FailoverTime> {
  const { what, measure, limitMs } = failure;
  const roundsMs: number[] = [];
  let failedCalls = 0;
  for (let round = 0; round < rounds; round++) {
    signal?.throwIfAborted();
    await pause(REST_MS + BEFORE_MS);
    const victim = await failure.victim(target, round);
    const killedAtMs = clock();
    await target.kill(victim);
    const goneAtMs = clock();
    if (measure === 'writes-again') await untilItGoesOn(probes, goneAtMs, clock);
    await pause(AFTER_MS);
    const before = probes.probed.filter((one) => one.endedAtMs < killedAtMs && one.beganAtMs > killedAtMs - BEFORE_MS);
    const after = probes.probed.filter((one) => one.endedAtMs >= killedAtMs);
    failedCalls += after.filter(({ ok }) => !ok).length;
    const cost =
      measure === 'writes-again'
        ? writesAgainMs(after, killedAtMs, goneAtMs)
        : await addedMs(measure, before, after, probes);
    roundsMs.push(cost);
    await target.start(victim);
  }
  return { what, measure, limitMs, roundsMs, failedCalls };
}

/** Until the first withdrawal succeeded that was asked for when the victim was gone. */
function writesAgainMs(after: readonly Probed[], killedAtMs: number, goneAtMs: number): number {
  const firstMs = after.find(({ ok, beganAtMs }) => ok && beganAtMs > goneAtMs)?.endedAtMs;
  return firstMs === undefined ? WRITES_AGAIN_MS_MAX : firstMs - killedAtMs;
}

async function addedMs(
  measure: 'added-latency' | 'added-settlement',
  before: readonly Probed[],
  after: readonly Probed[],
  probes: Probes,
): Promise<number> {
  const timeOf = async (one: Probed) =>
    measure === 'added-latency' ? one.endedAtMs - one.beganAtMs : probes.settlementMs(one);
  const timesOf = (some: readonly Probed[]) => Promise.all(some.filter(({ ok }) => ok).map(timeOf));
  return Math.max(0, ...(await timesOf(after))) - median(await timesOf(before));
}

async function untilItGoesOn(probes: Probes, goneAtMs: number, clock: RunClock): Promise<void> {
  while (!probes.probed.some(({ ok, beganAtMs }) => ok && beganAtMs > goneAtMs)) {
    if (clock() - goneAtMs > WRITES_AGAIN_MS_MAX) return;
    await pause(50);
  }
}

/** Where nothing goes on for so long, it is counted as this, milliseconds: far above any limit. */
const WRITES_AGAIN_MS_MAX = 60_000;

export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
