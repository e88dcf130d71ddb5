import type { Parcel } from './parcel.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** How badly a channel treats what it is given. Probabilities per bundle. */
export interface Weather {
  readonly loss: number;
  readonly repetition: number;
  /** Each copy takes up to so long, and so overtakes others. */
  readonly delayMsMax: number;
  /** Of a bundle being kept for long and delivered much later, as by a Redis that comes back from its disk. */
  readonly straying: number;
}

export const FINE: Weather = { loss: 0, repetition: 0, delayMsMax: 3, straying: 0 };

/** One delivery of one bundle. */
export interface Job {
  readonly queue: string;
  readonly parcels: readonly Parcel[];
}

/** Takes a job, or says that nobody reads its queue now. */
export type Deliver = (job: Job, channel: SimulatedChannel) => boolean;

/** Longest time that a stray copy stays away, milliseconds. */
const STRAY_MS_MAX = 35_000;

/** A channel that loses, repeats, delays, reorders, dies, and comes back with or without what it held. */
export class SimulatedChannel {
  readonly idleProbeMs = 5_000;
  weather: Weather = FINE;
  private up = true;
  /** Takes what it is given and delivers nothing, as a queue whose readers have all gone. */
  private deaf = false;
  /** Grows when the channel dies and forgets: copies from before are gone. */
  private life = 0;
  /** Jobs that wait for the channel or for a reader. */
  private held: Job[] = [];

  constructor(
    readonly name: string,
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly deliver: Deliver,
  ) {}

  /** False where the sender is told that it failed; the bundle may have arrived all the same. */
  add(queue: string, parcels: readonly Parcel[]): boolean {
    if (!this.up) return false;
    this.accept({ queue, parcels });
    return !this.random.chance(this.weather.loss / 4);
  }

  /** Whether a canary would come back. */
  probe(): boolean {
    return this.up && !this.deaf;
  }

  fail(how: 'dead' | 'deaf'): void {
    if (how === 'dead') this.up = false;
    else this.deaf = true;
  }

  /** Comes back with what it held, or without. */
  revive(remembers: boolean): void {
    this.up = true;
    this.deaf = false;
    if (!remembers) {
      this.life++;
      this.held = [];
    }
    this.release();
  }

  /** Somebody reads again. */
  release(): void {
    const jobs = this.held;
    this.held = [];
    for (const job of jobs) this.carry(job, this.random.between(0, this.weather.delayMsMax));
  }

  /** A job whose reader died comes again. */
  giveBack(job: Job): void {
    this.carry(job, this.random.between(0, this.weather.delayMsMax));
  }

  private accept(job: Job): void {
    const { random, weather } = this;
    const copies = random.chance(weather.repetition) ? random.between(2, 3) : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (random.chance(weather.loss)) continue;
      const strays = random.chance(weather.straying);
      this.carry(job, random.between(0, strays ? STRAY_MS_MAX : weather.delayMsMax));
    }
  }

  private carry(job: Job, delayMs: number): void {
    const { life } = this;
    this.time.after(delayMs, () => {
      if (life !== this.life) return;
      if (!this.probe() || !this.deliver(job, this)) this.held.push(job);
    });
  }
}
