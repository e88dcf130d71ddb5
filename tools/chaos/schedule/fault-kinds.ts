/** What a fault does to the member it is aimed at, or to the whole bank. */
export type Deed =
  /** SIGKILL; it stays down until the fault is healed. */
  | { readonly do: 'kill' }
  /** SIGSTOP, and SIGCONT when healed: what wakes is a zombie that believes it is still its turn. */
  | { readonly do: 'freeze' }
  /** Gets the processor only now and then. */
  | { readonly do: 'slow' }
  /** A named fault point of a replica, armed through the operator's API. */
  | { readonly do: 'arm'; readonly point: string; readonly action: string; readonly times: number }
  /** A channel loses all that it holds, and the process that held it. */
  | { readonly do: 'empty' }
  /** The way to a channel: connections stay open and nothing comes through (half-open TCP). */
  | { readonly do: 'half-open' }
  /** The way to a channel takes so much longer, milliseconds. */
  | { readonly do: 'delay'; readonly milliseconds: number }
  /** The way to a channel is cut: connections break and new ones are refused. */
  | { readonly do: 'cut' }
  /** One more replica of each app, and back. */
  | { readonly do: 'scale' }
  | { readonly do: 'rolling-restart' }
  /** Every account replica is killed: stand-in. */
  | { readonly do: 'host-down' }
  /** The database that takes writes is killed. */
  | { readonly do: 'lose-primary' }
  /** All gateways and atm-terminal replicas die at the moment when notes are out, and all customers leave. */
  | { readonly do: 'power-cut' }
  /** Customers who leave in the middle of a withdrawal. */
  | { readonly do: 'hang-up' };

/**
 * Faults of one lane never overlap, so at least one member of each kind is always well. Those of `bank` are alone: each of them takes
 * all that the design promises to survive.
 */
export type Lane = 'gateway' | 'atm-terminal' | 'account' | 'channel' | 'client' | 'bank';

/** What a deployment must offer for a fault to be possible there. */
export type Capability =
  'channel-processes' | 'channel-links' | 'channel-delays' | 'small-heaps' | 'scaling' | 'restart' | 'standby';

export interface FaultKind {
  /** As reports name it. */
  readonly name: string;
  readonly lane: Lane;
  readonly deed: Deed;
  /** How long it lasts until it is healed, milliseconds. Armed points heal as soon as they have fired. */
  readonly lastsMs: readonly [min: number, max: number];
  readonly needs?: Capability;
}

/** Longer than a gateway waits for a replica, a client for a gateway, and the recovery sweep for a withdrawal that nobody moves. */
const FROZEN_MS = [16_000, 20_000] as const;
const DOWN_MS = [2_000, 6_000] as const;
const ARMED_MS = [6_000, 8_000] as const;
const SPIN_MS = 4_000;

const APPS = ['atm-terminal', 'account'] as const;

/** Points at which a replica dies between two steps of the money's way. */
const CRASH_POINTS: Readonly<Record<(typeof APPS)[number], readonly string[]>> = {
  'atm-terminal': [
    'terminal.session-opened',
    'terminal.before-hold',
    'terminal.after-hold',
    'terminal.after-intent',
    'terminal.after-dispense',
    'terminal.after-outcome',
    'terminal.after-answer',
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

/** Points at which something else than death happens: an error, or a long wait in an awkward moment. */
const OTHER_ACTIONS: readonly (readonly [lane: (typeof APPS)[number], point: string, action: string])[] = [
  ['atm-terminal', 'relay.before-add', 'error'],
  ['atm-terminal', 'terminal.after-intent', 'delay:12000'],
  ['atm-terminal', 'terminal.after-dispense', 'delay:12000'],
  ['account', 'account.after-hold', 'delay:7000'],
  ['account', 'account.before-post', 'error'],
  ['account', 'inbox.before-commit', 'error'],
];

const DISPENSER_OUTCOMES = ['part', 'none', 'retract', 'unknown'];

const BUSY_POINT = { 'atm-terminal': 'terminal.before-hold', account: 'account.before-hold' } as const;

const arm = (point: string, action: string, times = 1): Deed => ({ do: 'arm', point, action, times });

const OF_REPLICAS: readonly FaultKind[] = APPS.flatMap((lane): FaultKind[] => [
  { name: `${lane} killed`, lane, deed: { do: 'kill' }, lastsMs: DOWN_MS },
  { name: `${lane} frozen, then a zombie`, lane, deed: { do: 'freeze' }, lastsMs: FROZEN_MS },
  { name: `${lane} slow`, lane, deed: { do: 'slow' }, lastsMs: [4_000, 8_000] },
  { name: `${lane} event loop full`, lane, deed: arm(BUSY_POINT[lane], `spin:${SPIN_MS}`), lastsMs: ARMED_MS },
  {
    ...{ name: `${lane} out of memory`, lane, deed: arm(BUSY_POINT[lane], 'exhaust'), lastsMs: ARMED_MS },
    needs: 'small-heaps',
  },
  ...CRASH_POINTS[lane].map((point): FaultKind => ({
    ...{ name: `${lane} dies at ${point}`, lane, deed: arm(point, 'kill'), lastsMs: ARMED_MS },
  })),
]);

const AT_POINTS: readonly FaultKind[] = [
  ...OTHER_ACTIONS.map(([lane, point, action]): FaultKind => ({
    ...{ name: `${action.replace(/:\d+/, '')} at ${point}`, lane, deed: arm(point, action, 2), lastsMs: ARMED_MS },
  })),
  ...DISPENSER_OUTCOMES.map((outcome): FaultKind => ({
    ...{ name: `dispenser gives ${outcome}`, lane: 'atm-terminal', lastsMs: [3_000, 4_000] },
    deed: arm('dispenser.outcome', outcome, 2),
  })),
];

const OF_GATEWAYS: readonly FaultKind[] = [
  { name: 'gateway killed', lane: 'gateway', deed: { do: 'kill' }, lastsMs: DOWN_MS },
  { name: 'gateway frozen, then a zombie', lane: 'gateway', deed: { do: 'freeze' }, lastsMs: FROZEN_MS },
  { name: 'gateway slow', lane: 'gateway', deed: { do: 'slow' }, lastsMs: [4_000, 8_000] },
];

const channel = (name: string, deed: Deed, lastsMs: FaultKind['lastsMs'], needs: Capability): FaultKind => ({
  ...{ name: `channel ${name}`, lane: 'channel', deed, lastsMs, needs },
});

const OF_CHANNELS: readonly FaultKind[] = [
  channel('killed', { do: 'kill' }, DOWN_MS, 'channel-processes'),
  channel('restarted with empty memory', { do: 'empty' }, [1_000, 3_000], 'channel-processes'),
  channel('half-open', { do: 'half-open' }, [6_000, 10_000], 'channel-links'),
  channel('slow', { do: 'delay', milliseconds: 300 }, [4_000, 8_000], 'channel-delays'),
  channel('cut', { do: 'cut' }, DOWN_MS, 'channel-links'),
];

const OF_THE_BANK: readonly FaultKind[] = [
  { name: 'account host wholly down', lane: 'bank', deed: { do: 'host-down' }, lastsMs: [5_000, 8_000] },
  { name: 'scaled up and down', lane: 'bank', deed: { do: 'scale' }, lastsMs: [3_000, 5_000], needs: 'scaling' },
  { name: 'rolling restart', lane: 'bank', deed: { do: 'rolling-restart' }, lastsMs: [0, 0], needs: 'restart' },
  {
    ...{ name: 'database primary lost', lane: 'bank', deed: { do: 'lose-primary' } },
    ...{ lastsMs: [10_000, 14_000], needs: 'standby' },
  },
  { name: 'power fails with notes out', lane: 'bank', deed: { do: 'power-cut' }, lastsMs: [500, 1_500] },
];

const OF_CLIENTS: readonly FaultKind[] = [
  { name: 'clients hang up', lane: 'client', deed: { do: 'hang-up' }, lastsMs: [4_000, 8_000] },
];

/** Every kind of fault that a chaos run knows. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...OF_REPLICAS,
  ...AT_POINTS,
  ...OF_GATEWAYS,
  ...OF_CHANNELS,
  ...OF_THE_BANK,
  ...OF_CLIENTS,
];
