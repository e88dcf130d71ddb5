import { Random } from '../../../libs/messaging/simulation/random.js';
import { type Capability, type Deed, FAULT_KINDS, type FaultKind, type Lane } from './fault-kinds.js';

/** What there is to be hurt, by name. */
export interface Shape {
  readonly gateways: readonly string[];
  readonly terminals: readonly string[];
  readonly accounts: readonly string[];
  /** Names of the channels, active first. */
  readonly channels: readonly string[];
  readonly capabilities: readonly Capability[];
}

export interface PlannedFault {
  /** From 1, in order of beginning. */
  readonly number: number;
  readonly kind: string;
  readonly lane: Lane;
  readonly deed: Deed;
  /** Null where it is not aimed at one member. */
  readonly target: string | null;
  /** From the beginning of the run, milliseconds. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** A replica that is to die at a point is waited for longer than planned, until it has come by. */
  readonly mustStrike: boolean;
}

export interface PlanOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly shape: Shape;
  /** How often a fault may begin while others last, from 0 to 1. */
  readonly overlap: number;
  /** Names of the kinds that are dealt before all others, in this order, and have to strike even where that takes longer than `minutes`. */
  readonly first?: readonly string[];
}

/** Before the first fault, so that there is something to compare with, and between two of a lane: time to recover, milliseconds. */
const WARM_UP_MS = 2_000;
const PAUSE_MS = [1_500, 3_000] as const;

const LANES: readonly Lane[] = ['gateway', 'atm-terminal', 'account', 'channel', 'client', 'bank'];

/**
 * The faults of a run, in order: a function of its options and nothing else. Kinds are dealt like cards, so each has its turn before
 * one comes again. Throws where one of `first` is unknown or not possible there.
 */
export function planFaults({ seed, minutes, shape, overlap, first = [] }: PlanOptions): PlannedFault[] {
  const random = new Random(seed);
  const endMs = minutes * 60_000;
  const free = new Map<Lane, number>(LANES.map((lane) => [lane, WARM_UP_MS]));
  const possible = FAULT_KINDS.filter((kind) => isPossible(kind, shape));
  const planned: Omit<PlannedFault, 'number'>[] = [];
  const chosen = first.map((name) => kindOf(name, possible));
  let deck: FaultKind[] = [];
  let tooLong = 0;
  for (;;) {
    if (deck.length === 0) deck = shuffled(possible, random);
    const isChosen = planned.length < chosen.length;
    const kind = chosen[planned.length] ?? deck.pop();
    if (kind === undefined) return [];
    const alone = kind.lane === 'bank' || !random.chance(overlap);
    const atMs = alone ? Math.max(...free.values()) : Math.max(free.get(kind.lane) ?? 0, free.get('bank') ?? 0);
    const lastsMs = random.between(...kind.lastsMs);
    if (!isChosen && atMs + lastsMs > endMs) {
      // Another kind may still fit in, until none has for as long as a whole deck.
      if (++tooLong === possible.length) break;
      continue;
    }
    tooLong = 0;
    const { name, lane, deed } = kind;
    planned.push({
      kind: name,
      lane,
      deed,
      target: targetOf(kind, shape, random),
      atMs,
      lastsMs,
      mustStrike: isChosen,
    });
    const next = atMs + lastsMs + random.between(...PAUSE_MS);
    for (const one of lane === 'bank' ? LANES : [lane]) free.set(one, next);
  }
  const inOrder = planned.toSorted((one, other) => one.atMs - other.atMs);
  return inOrder.map((fault, index) => ({ number: index + 1, ...fault }));
}

function kindOf(name: string, possible: readonly FaultKind[]): FaultKind {
  const kind = possible.find((one) => one.name === name);
  if (kind === undefined) throw new RangeError(`no fault that is possible here is called ${name}`);
  return kind;
}

/** Where there is only one of a kind nothing may happen to it: the design promises nothing then. */
function isPossible({ lane, needs }: FaultKind, shape: Shape): boolean {
  if (needs !== undefined && !shape.capabilities.includes(needs)) return false;
  return lane === 'bank' || lane === 'client' || membersOf(lane, shape).length > 1;
}

function targetOf({ lane, deed }: FaultKind, shape: Shape, random: Random): string | null {
  if (lane === 'bank' || lane === 'client') return null;
  const members = membersOf(lane, shape);
  // The active channel is the one that matters; the passive one has its turn now and then.
  if (lane === 'channel' && deed.do !== 'empty' && random.chance(0.7)) return members[0] ?? null;
  return random.pick(members);
}

function membersOf(lane: Lane, shape: Shape): readonly string[] {
  if (lane === 'gateway') return shape.gateways;
  if (lane === 'atm-terminal') return shape.terminals;
  return lane === 'account' ? shape.accounts : shape.channels;
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.between(0, left.length - 1), 1)[0] as Item);
}
