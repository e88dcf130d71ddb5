import type { ArmFault } from '#contracts';
import type { Shape } from '../schedule/plan-faults.js';

/** One broker's database, and how to read it. */
export interface TargetDatabase {
  readonly broker: string;
  readonly url: string;
}

/**
 * A running bank that can be hurt: what a chaos run needs of a deployment. Members are named as `status` names them.
 */
export interface Target {
  /** How the report calls it. */
  readonly description: string;
  readonly gatewayUrls: readonly string[];
  /** One address that all gateways share, where there is one. */
  readonly address: string | null;
  readonly shape: Shape;
  /** The terminals' database and those of the account brokers, reached past every app. */
  databases(): Promise<{ readonly terminal: TargetDatabase; readonly accounts: readonly TargetDatabase[] }>;

  /** Ends the process at once and leaves it down. */
  kill(name: string): Promise<void>;
  /** Brings it back; resolves when it is ready. */
  start(name: string): Promise<void>;
  freeze(name: string): Promise<void>;
  thaw(name: string): Promise<void>;
  /** Throws away what a channel holds. */
  empty(channel: string): Promise<void>;
  /** Spoils the way between replicas and a channel until `heal` is called; `delay` in milliseconds each way. */
  spoilLink(channel: string, how: 'half-open' | 'cut' | { readonly delay: number }): Promise<() => Promise<void>>;
  arm(fault: ArmFault): Promise<void>;
  scale(app: string, count: number): Promise<void>;
  /** Replaces every process, one after the other. */
  rollingRestart(): Promise<void>;
  /** Name of the database that takes writes now. */
  primary(): Promise<string>;

  /** Something that changes whenever the member's process does; null while it has none. */
  incarnation(name: string): Promise<string | null>;
  /** Resolves when that member is ready; without a name, when everything is. */
  untilUp(name?: string): Promise<void>;
  /** Prometheus texts of all replicas and gateways that answer, by name. */
  metrics(): Promise<ReadonlyMap<string, string>>;

  /** Stops it and takes away what it left, or leaves its files where `keep` is given; answers where they are. */
  close(keep: boolean): Promise<string | null>;
}
