import { inUse, allUp, dueForProbe, observed, sendOrder, type ActivePassive } from '../src/protocol/active-passive.js';
import type { ChannelPolicy } from '../src/protocol/channel-spec.js';
import { groupBy } from '../src/protocol/group-by.js';
import type { SimulatedChannel } from './channel.js';
import type { Posting } from './parcel.js';
import type { Replica } from './replica.js';

/** Most parcels in one job; small, so that bundles of several jobs occur. */
const PARCELS_MAX = 4;

/** What is posted within this time leaves together, milliseconds. */
const GATHER_MS_MAX = 2;

/** Between two looks whether a channel is due for a probe, milliseconds. */
const LOOK_MS = 1_000;

/**
 * The way of a replica's parcels onto a channel, as relay and channel switch of the engine: held in memory only, several
 * to a job, on the channel that the policy prefers. The process may die before, between and after the jobs.
 */
export class Sender {
  private state: ActivePassive;
  private waiting: Posting[] = [];
  private draining = false;
  private turn = 0;

  constructor(
    private readonly replica: Replica,
    private readonly channels: readonly SimulatedChannel[],
    private readonly policy: ChannelPolicy,
  ) {
    this.state = allUp(channels, replica.now());
    this.look();
  }

  post(postings: readonly Posting[]): void {
    this.waiting.push(...postings);
    if (this.draining || this.waiting.length === 0) return;
    this.draining = true;
    this.replica.later(this.replica.random.between(0, GATHER_MS_MAX), () => this.drain());
  }

  private drain(): void {
    const round = this.waiting;
    this.waiting = [];
    this.draining = false;
    for (const [queue, postings] of groupBy(round, (posting) => posting.queue)) {
      for (let first = 0; first < postings.length; first += PARCELS_MAX) {
        if (this.replica.diesAt('before add')) return this.replica.reach('a process died on its way to a channel');
        this.add(queue, postings.slice(first, first + PARCELS_MAX));
      }
    }
    this.replica.diesAt('after add');
  }

  private add(queue: string, postings: readonly Posting[]): void {
    const parcels = postings.map(({ parcel }) => parcel);
    for (const name of sendOrder(this.state, this.policy, this.turn++)) {
      const channel = this.channels.find((one) => one.name === name);
      const taken = channel?.add(queue, parcels) ?? false;
      this.observe(name, taken);
      if (taken) return this.replica.tell(() => `puts ${parcels.length} on ${queue} of ${name}`);
    }
    this.replica.reach('nobody had a channel');
    this.replica.tell(() => `finds no channel for ${parcels.length} to ${queue}`);
  }

  private look(): void {
    this.replica.later(LOOK_MS, () => {
      for (const name of dueForProbe(this.state, this.replica.now())) {
        this.observe(name, this.channels.find((one) => one.name === name)?.probe() ?? false);
      }
      this.look();
    });
  }

  private observe(name: string, up: boolean): void {
    const before = inUse(this.state);
    this.state = observed(this.state, name, up, this.replica.now());
    const after = inUse(this.state);
    if (before === after) return;
    this.replica.reach('a channel failed and senders went over');
    this.replica.tell(() => `goes over from channel ${before} to ${after}`);
  }
}
