import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../processes/identity.js';

export const SECTIONS = ['gateways', 'replicas', 'channels', 'databases'] as const;

export type Section = (typeof SECTIONS)[number];

/**
 * `starting`: runs, but has not said that it is ready. `up`: ready. `unready`: was ready and does not say so any more (frozen, or cut
 * off from what it needs). `crashing`: dies again and again by itself. `down`: stopped on purpose.
 */
export type MemberState = 'starting' | 'up' | 'unready' | 'crashing' | 'down';

/** One process of the cluster, or a channel that lives inside one. */
export interface MemberRecord {
  readonly section: Section;
  readonly name: string;
  readonly kind: string;
  readonly role: string;
  readonly url: string;
  readonly process: ProcessIdentity | null;
  /** The signal that asks it to finish what it does and end. */
  readonly stopSignal: NodeJS.Signals;
  readonly state: MemberState;
  /** Why it died last, where it did so by itself. */
  readonly lastError: string | null;
}

/** What a running cluster tells other processes of this machine about itself. */
export interface ClusterRecord {
  readonly supervisor: ProcessIdentity;
  readonly control: { readonly url: string; readonly token: string };
  readonly members: readonly MemberRecord[];
}

/** The record in `file`, or null where no cluster has left one. */
export function readRecord(file: string): ClusterRecord | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ClusterRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Readers see the old content or the new, never a part of it. */
export function writeAtomically(file: string, content: unknown, mode: number): void {
  const unfinished = `${file}.unfinished`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode });
  renameSync(unfinished, file);
}
